import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { type Oid, ZERO_TID } from '../../src/zodb/ids.ts';
import { testFolder } from '../filestorage/folder.ts';
import { writeHistory } from './history.ts';
import { zodb } from './run.ts';

const golden = (name: string): Buffer => readFileSync(new URL(`golden/${name}`, import.meta.url));
const fixture = fileURLToPath(new URL('../../fixtures/tutorial/test.fs', import.meta.url));

describe('zodb dump', () => {
  const path = testFolder();

  for (const [file, args] of [
    ['history.dump', []],
    ['history.dump', ['--pretty=raw']],
    ['history.hashonly', ['--hashonly']],
    ['history.hashonly', ['--hashonly', '..']],
    ['history.part', ['--hashonly', '0400000000000002..0400000000000004']],
  ] as const)
    it(`prints the bytes of zodbtools with ${args.join(' ') || 'no options'}`, async () => {
      writeHistory(path('history.fs'));
      const { code, stdout, stderr } = await zodb('dump', path('history.fs'), ...args);
      expect(stdout.toString('latin1')).to.equal(golden(file).toString('latin1'));
      expect([code, stderr]).to.deep.equal([0, '']);
    });

  for (const [range, transactions] of [
    ['0400000000000017..', 2],
    ['..0400000000000000', 1],
    ['0400000000000009..040000000000000f', 0],
    ['0400000000000002..0400000000000001', 0],
  ] as const)
    it(`prints ${transactions} transactions of ${range}`, async () => {
      writeHistory(path('history.fs'));
      const { stdout } = await zodb('dump', path('history.fs'), range);
      expect(stdout.toString('latin1').match(/^txn /gm)?.length ?? 0).to.equal(transactions);
    });

  it('prints what precedes damage, says where that is and ends with 1', async () => {
    writeHistory(path('history.fs'));
    const bytes = readFileSync(path('history.fs'));
    const { stdout: whole } = await zodb('dump', path('history.fs'));
    // A back pointer is looked at only when its record is read.
    bytes.writeBigUInt64BE(5n, bytes.indexOf('undo 2') + 'undo 2'.length + 42);
    writeFileSync(path('history.fs'), bytes);
    const { code, stdout, stderr } = await zodb('dump', path('history.fs'));
    expect(code).to.equal(1);
    expect(stderr).to.match(/^zodb: a back pointer to 5, .*position \d+/);
    expect(stdout.length).to.be.greaterThan(100);
    expect(whole.subarray(0, stdout.length)).to.deep.equal(stdout);
  });

  it('is quiet when its reader goes away', function (done) {
    this.timeout(60_000);
    writeHistory(path('history.fs'));
    const storage = new FileStorage(path('history.fs'));
    const transaction = storage.begin({});
    for (let i = 10; i < 20; i++)
      transaction.store(BigInt(i) as Oid, ZERO_TID, new Uint8Array(1e6));
    transaction.vote();
    transaction.finish();
    storage.close();
    const bin = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', bin, 'dump', path('history.fs')]);
    let stderr = '';
    child.stderr.on('data', (piece) => {
      stderr += piece;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    child.on('close', (code) => {
      expect([code, stderr]).to.deep.equal([0, '']);
      done();
    });
  });
});

describe('zodb info', () => {
  const path = testFolder();

  it('prints all parameters by name', async () => {
    writeHistory(path('history.fs'));
    const { code, stdout } = await zodb('info', path('history.fs'));
    expect(stdout.toString()).to.equal(
      `name=${path('history.fs')}\nsize=1861\nhead=0400000000000018\nlast_tid=0400000000000018\n`,
    );
    expect(code).to.equal(0);
  });

  it('prints the values of those that are asked for', async () => {
    writeHistory(path('history.fs'));
    const { stdout } = await zodb('info', path('history.fs'), 'head', 'size');
    expect(stdout.toString()).to.equal('0400000000000018\n1861\n');
  });

  it('opens a URL', async () => {
    writeHistory(path('history.fs'));
    const { stdout } = await zodb('info', `file://${path('history.fs')}`, 'size');
    expect(stdout.toString()).to.equal('1861\n');
  });

  it('leaves the folder as it was', async () => {
    writeHistory(path('history.fs'));
    await zodb('info', path('history.fs'));
    const { stdout } = spawnSync('ls', ['-A', path('.')]);
    expect(stdout.toString()).to.equal('history.fs\n');
  });
});

describe('zodb verify', () => {
  const path = testFolder();

  it('finds nothing wrong with what Python wrote, and says of which class the records are', async () => {
    const { code, stdout, stderr } = await zodb('verify', '--roundtrip', '--json', fixture);
    const { classes, ...result } = JSON.parse(stdout.toString());
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(result).to.include({
      file: fixture,
      equal: 0,
      different: 0,
      failed: 0,
      moreProblems: 0,
    });
    expect(result.problems).to.deep.equal([]);
    expect(result.records).to.be.greaterThan(3);
    expect(result.identical).to.equal(result.records - result.empty);
    expect(classes).to.include.keys('persistent.mapping.PersistentMapping');
    const sum = Object.values<{ records: number }>(classes).reduce((n, c) => n + c.records, 0);
    expect(sum).to.equal(result.records - result.empty);
  });

  it('prints the same for people', async () => {
    const { code, stdout } = await zodb('verify', fixture);
    expect(code).to.equal(0);
    expect(stdout.toString()).to.match(/^.*test\.fs: \d+ transactions, \d+ records \(0 failed\)\n/);
    expect(stdout.toString()).to.include('  persistent.mapping.PersistentMapping: ');
  });

  it('finds records that are no pickles, and names each', async () => {
    writeHistory(path('history.fs'));
    const { code, stdout } = await zodb('verify', '--json', path('history.fs'));
    const result = JSON.parse(stdout.toString());
    expect(code).to.equal(1);
    expect(result).to.include({ transactions: 18, records: 13, failed: 10, empty: 3 });
    expect(result.problems).to.have.length(10);
    expect(result.problems[0]).to.include({ oid: '0000000000000000', tid: '0400000000000000' });
    expect(result.problems[0].position).to.be.a('number');
  });

  it('finds bytes behind the two pickles of a record', async () => {
    const storage = new FileStorage(path('Data.fs'));
    const transaction = storage.begin({});
    transaction.store(
      0n as Oid,
      ZERO_TID,
      Buffer.from('\x80\x03cm\nC\nq\0.\x80\x03}q\x01.more', 'latin1'),
    );
    transaction.vote();
    transaction.finish();
    storage.close();
    const { code, stdout } = await zodb('verify', '--json', path('Data.fs'));
    const { problems, classes } = JSON.parse(stdout.toString());
    expect(code).to.equal(1);
    expect(problems[0].message).to.include('4 bytes more');
    expect(classes['m.C']).to.include({ records: 1, failed: 1 });
  });

  it('finds a torn end', async () => {
    copyFileSync(fixture, path('test.fs'));
    const { size } = JSON.parse(JSON.stringify({ size: readFileSync(fixture).length }));
    truncateSync(path('test.fs'), size - 5);
    const { code, stdout } = await zodb('verify', path('test.fs'));
    expect(code).to.equal(1);
    expect(stdout.toString()).to.match(/problem: incomplete transaction of \d+ bytes/);
  });

  for (const args of [[], ['--json']])
    it(`finds damage that keeps a file from being opened ${args.join()}`, async () => {
      writeHistory(path('history.fs'));
      const bytes = readFileSync(path('history.fs'));
      bytes[bytes.length - 1] = 0;
      writeFileSync(path('history.fs'), bytes);
      const { code, stdout } = await zodb('verify', ...args, path('history.fs'));
      expect(code).to.equal(1);
      expect(stdout.toString()).to.match(/position 1853/);
    });
});

describe('zodb', () => {
  const path = testFolder();

  for (const [title, args, stderr] of [
    ['nothing', [], /^Usage: zodb/],
    ['an unknown command', ['nosuch'], /unknown command 'nosuch'/],
    ['an unknown option', ['dump', '--nosuch', 'x'], /unknown option '--nosuch'/],
    ['no storage', ['dump'], /missing required argument 'storage'/],
    ['an unknown format', ['dump', '--pretty=nosuch', 'x'], /Allowed choices are raw, zpickledis/],
    ['an unknown parameter', ['info', fixture, 'nosuch'], /no such parameter: nosuch/],
    ['a range without dots', ['dump', fixture, '0400000000000002'], /tidmin\.\.tidmax/],
    ['what is neither tid nor time', ['dump', fixture, 'abc..'], /16 hex digits/],
    ['a file that is missing', ['info', 'no/such.fs'], /no such file.*no\/such\.fs/],
    ['a file that is no database', ['verify', import.meta.filename], /not a FileStorage/],
    ['an unknown scheme', ['info', 'nosuch://x'], /nosuch/],
  ] as const)
    it(`ends with 2 for ${title}`, async () => {
      const ran = await zodb(...args);
      expect(ran.code).to.equal(2);
      expect(ran.stdout.toString()).to.equal('');
      expect(ran.stderr).to.match(stderr);
      expect(ran.stderr).to.match(/^(zodb|Usage): /);
    });

  for (const args of [['help'], ['--help'], ['help', 'dump'], ['dump', '--help'], ['--version']])
    it(`ends with 0 for ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await zodb(...args);
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout.toString()).to.match(/^Usage: zodb|^\d+\.\d+\.\d+/);
    });

  it('does what the README shows', async () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const lines = [...readme.matchAll(/^npx zodb ([^#\n]*)/gm)].map(([, line]) =>
      String(line).trim(),
    );
    expect(lines.length).to.be.greaterThan(3);
    for (const line of lines) {
      const ran = await zodb(...line.replace('test.fs', fixture).split(' '));
      expect([line, ran.code, ran.stderr]).to.deep.equal([line, 0, '']);
    }
  });

  it('ends with 2 for a file whose damage keeps it from being opened', async () => {
    writeHistory(path('history.fs'));
    const bytes = readFileSync(path('history.fs'));
    bytes[bytes.length - 1] = 0;
    writeFileSync(path('history.fs'), bytes);
    expect((await zodb('info', path('history.fs'))).code).to.equal(2);
  });
});

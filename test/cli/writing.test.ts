// The commands that make and change databases.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { formatId, type Tid } from '../../src/zodb/ids.ts';
import { open } from '../../src/zodb/open.ts';
import { testFolder } from '../filestorage/folder.ts';
import { writeHistory } from './history.ts';
import { zodb, zodbWith } from './run.ts';

const fixture = fileURLToPath(new URL('../../fixtures/tutorial/test.fs', import.meta.url));

describe('zodb restore', () => {
  const path = testFolder();

  it('makes a new file, says which transactions are in it, and leaves nothing beside it', async () => {
    writeHistory(path('history.fs'));
    const { stdout: dump } = await zodb('dump', path('history.fs'));
    const { code, stdout } = await zodbWith([dump], 'restore', path('new.fs'));
    expect(code).to.equal(0);
    expect(stdout.toString().match(/^[0-9a-f]{16}$/gm)).to.have.length(18);
    expect((await zodb('dump', path('new.fs'))).stdout.equals(dump)).to.equal(true);
    expect(readdirSync(path('.')).sort()).to.deep.equal(['history.fs', 'new.fs', 'new.fs.index']);
  });

  it('leaves nothing under the name of a new file where the dump is damaged', async () => {
    writeHistory(path('history.fs'));
    const { stdout: dump } = await zodb('dump', path('history.fs'));
    const { code, stderr } = await zodbWith([dump.subarray(0, -9)], 'restore', path('new.fs'));
    expect(code).to.equal(1);
    expect(stderr).to.match(/^zodb: line \d+ of the dump: /);
    expect(readdirSync(path('.'))).to.deep.equal(['history.fs']);
  });

  it('adds to a file that is there, and refuses what is not later', async () => {
    writeHistory(path('history.fs'));
    const { stdout: first } = await zodb('dump', path('history.fs'), '..0400000000000003');
    const { stdout: second } = await zodb('dump', path('history.fs'), '0400000000000004..');
    await zodbWith([first], 'restore', path('new.fs'));
    expect((await zodbWith([second], 'restore', path('new.fs'))).code).to.equal(0);
    expect(
      (await zodb('dump', path('new.fs'))).stdout.equals(Buffer.concat([first, second])),
    ).to.equal(true);
    const { code, stderr } = await zodbWith([second], 'restore', path('new.fs'));
    expect(code).to.equal(1);
    expect(stderr).to.match(/not later than the last transaction/);
  });

  it('makes a file of Python 2 where asked to, and adds to one only then', async () => {
    writeHistory(path('history.fs'));
    const { stdout: dump } = await zodb('dump', path('history.fs'));
    expect((await zodbWith([dump], 'restore', '--python2', path('old.fs'))).code).to.equal(0);
    expect(readFileSync(path('old.fs')).subarray(0, 4).toString()).to.equal('FS21');
    const { code, stderr } = await zodbWith([], 'restore', path('old.fs'));
    expect([code, /Python 2/.test(stderr)]).to.deep.equal([2, true]);
    expect((await zodbWith([], 'restore', '--python2', path('old.fs'))).code).to.equal(0);
  });
});

describe('zodb log, undo and pack', () => {
  const path = testFolder();
  let tids: Tid[];

  beforeEach(() => {
    const db = open(path('Data.fs'));
    tids = [];
    for (const value of [1, 2, 3]) {
      db.transaction((connection) => connection.root.set('n', value), {
        note: `n = ${value}\nand more`,
        user: 'someone',
      });
      tids.push(db.lastTransaction());
    }
    db.close();
  });
  const storedValue = (): unknown => {
    const db = open(path('Data.fs'), { readOnly: true });
    const value = db.open().root.get('n');
    db.close();
    return value;
  };

  it('shows transactions, newest first', async () => {
    const { code, stdout } = await zodb('log', '-n', '2', path('Data.fs'));
    const lines = stdout.toString().trimEnd().split('\n');
    expect(code).to.equal(0);
    expect(lines.map((line) => line.slice(0, 16))).to.deep.equal(
      [tids[2], tids[1]].map((tid) => formatId(tid as Tid)),
    );
    expect(lines[0]).to.match(
      / \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} {2}\d+ {2}"someone" {2}n = 3$/,
    );
  });

  it('shows the history of an object, as JSON too', async () => {
    const { stdout } = await zodb('log', '--oid', '0000000000000000', '--json', path('Data.fs'));
    const entries = JSON.parse(stdout.toString());
    expect(entries).to.have.length(4);
    expect(entries[0]).to.include({
      tid: formatId(tids[2] as Tid),
      description: 'n = 3\nand more',
    });
    expect(new Date(entries[0].time).getTime()).to.be.closeTo(Date.now(), 60_000);
  });

  it('undoes a transaction, and several at once', async () => {
    const undone = await zodb('undo', '--note', 'back', path('Data.fs'), formatId(tids[2] as Tid));
    expect([undone.code, undone.stderr]).to.deep.equal([0, '']);
    expect(storedValue()).to.equal(2);
    const again = await zodb('undo', path('Data.fs'), undone.stdout.toString().trim());
    expect([again.code, storedValue()]).to.deep.equal([0, 3]);
    const both = [again.stdout.toString().trim(), undone.stdout.toString().trim()];
    const { code } = await zodb('undo', path('Data.fs'), ...both, formatId(tids[2] as Tid));
    expect([code, storedValue()]).to.deep.equal([0, 2]);
  });

  it('changes nothing where later changes stand in the way', async () => {
    const before = readFileSync(path('Data.fs'));
    const { code, stdout, stderr } = await zodb('undo', path('Data.fs'), formatId(tids[0] as Tid));
    expect([code, stdout.toString()]).to.deep.equal([1, '']);
    expect(stderr).to.match(/^zodb: /);
    expect(readFileSync(path('Data.fs')).equals(before)).to.equal(true);
  });

  it('packs, and says what it would remove before', async () => {
    const before = readFileSync(path('Data.fs'));
    const dry = await zodb('pack', '--dry-run', '--json', path('Data.fs'));
    expect(dry.code).to.equal(0);
    expect(readFileSync(path('Data.fs')).equals(before)).to.equal(true);
    const { code, stdout } = await zodb('pack', path('Data.fs'));
    expect(code).to.equal(0);
    expect(stdout.toString()).to.match(/^removed:\n {2}3 records, 0 of 1 objects, 0 blobs\n/);
    const report = JSON.parse(dry.stdout.toString());
    expect(report.sizeAfter).to.equal(readFileSync(path('Data.fs')).length);
    expect(storedValue()).to.equal(3);
    expect(existsSync(path('Data.fs.old'))).to.equal(true);
  });

  it('keeps the history of some days', async () => {
    const before = readFileSync(path('Data.fs'));
    const { code } = await zodb('pack', '--days', '1', path('Data.fs'));
    expect(code).to.equal(0);
    expect(readFileSync(path('Data.fs')).equals(before)).to.equal(true);
  });
});

describe('zodb backup and restore-backup', () => {
  const path = testFolder();

  it('backs up, goes on, checks and restores', async () => {
    writeHistory(path('Data.fs'));
    mkdirSync(path('repo'));
    const first = await zodb('backup', path('Data.fs'), path('repo'));
    expect([first.code, first.stderr]).to.deep.equal([0, '']);
    expect(first.stdout.toString()).to.match(
      /\.fs: full backup, 1861 bytes \(there is no backup yet\)\n$/,
    );
    const unchanged = await zodb('backup', '--json', path('Data.fs'), path('repo'));
    expect(JSON.parse(unchanged.stdout.toString())).to.include({ kind: 'unchanged' });
    const checked = await zodb('restore-backup', '-V', path('repo'));
    expect(checked.stdout.toString()).to.match(/\.fs: ok\n$/);
    const { code } = await zodb('restore-backup', path('repo'), path('again.fs'));
    expect(code).to.equal(0);
    expect(readFileSync(path('again.fs')).equals(readFileSync(path('Data.fs')))).to.equal(true);
  });

  it('ends with 2 where there is no backup, or the file is there', async () => {
    mkdirSync(path('repo'));
    writeHistory(path('Data.fs'));
    expect((await zodb('restore-backup', path('repo'), path('x.fs'))).code).to.equal(2);
    await zodb('backup', path('Data.fs'), path('repo'));
    expect((await zodb('restore-backup', path('repo'), path('Data.fs'))).code).to.equal(2);
    expect((await zodb('restore-backup', '--verify', path('repo'), path('x.fs'))).code).to.equal(2);
  });
});

describe('zodb recover', () => {
  const path = testFolder();

  it('copies an intact file, and says that nothing is lost', async () => {
    copyFileSync(fixture, path('test.fs'));
    const { code, stdout, stderr } = await zodb('recover', path('test.fs'), path('new.fs'));
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout.toString()).to.match(/^\d+ transactions with \d+ records, (\d+) of \1 bytes\n$/);
    expect(readFileSync(path('new.fs')).equals(readFileSync(fixture))).to.equal(true);
    expect(readdirSync(path('.')).sort()).to.deep.equal(['new.fs', 'new.fs.index', 'test.fs']);
  });

  for (const args of [[], ['--json']])
    it(`copies all but what is damaged, and says what that is ${args.join()}`, async () => {
      const bytes = readFileSync(fixture);
      using intact = new FileStorage(fixture, { readOnly: true });
      const second = [...intact.iterate()][1]?.position as number;
      bytes.fill(0, second, second + 60);
      writeFileSync(path('test.fs'), bytes);
      const { code, stdout } = await zodb('recover', ...args, path('test.fs'), path('new.fs'));
      expect(code).to.equal(1);
      expect(stdout.toString()).to.match(
        args.length > 0 ? /"spanCount": [1-9]/ : /^lost: bytes \d+ to \d+: /m,
      );
      using storage = new FileStorage(path('new.fs'), { readOnly: true });
      expect(storage.length()).to.be.greaterThan(0);
    });

  it('replaces no file, and changes nothing of the damaged one', async () => {
    copyFileSync(fixture, path('test.fs'));
    const { code, stderr } = await zodb('recover', path('test.fs'), path('test.fs'));
    expect([code, /there is such a file already/.test(stderr)]).to.deep.equal([2, true]);
    expect(readFileSync(path('test.fs')).equals(readFileSync(fixture))).to.equal(true);
  });
});

describe('zodb reindex', () => {
  const path = testFolder();

  it('makes the index file again, whatever is in it', async () => {
    writeHistory(path('Data.fs'));
    new FileStorage(path('Data.fs')).close();
    const right = readFileSync(path('Data.fs.index'));
    // Opening would use it: what it says of the last transaction is true.
    const wrong = Buffer.from(right);
    wrong.fill(0, right.length - 60, right.length - 50);
    for (const index of [wrong, Buffer.from('nothing'), undefined]) {
      if (index === undefined) rmSync(path('Data.fs.index'));
      else writeFileSync(path('Data.fs.index'), index);
      const { code, stdout, stderr } = await zodb('reindex', path('Data.fs'));
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout.toString()).to.match(/^\d+ objects in 1861 bytes\n$/);
      expect(readFileSync(path('Data.fs.index')).equals(right)).to.equal(true);
    }
    const { stdout } = await zodb('reindex', '--json', path('Data.fs'));
    expect(JSON.parse(stdout.toString())).to.include({ file: path('Data.fs'), size: 1861 });
  });

  it('leaves no index file of a file without objects', async () => {
    new FileStorage(path('Data.fs')).close();
    writeFileSync(path('Data.fs.index'), 'of another file');
    const { code, stdout } = await zodb('reindex', path('Data.fs'));
    expect([code, stdout.toString()]).to.deep.equal([0, '0 objects in 4 bytes\n']);
    expect(existsSync(path('Data.fs.index'))).to.equal(false);
  });

  it('ends with 2 where it cannot be done, and makes nothing', async () => {
    const missing = await zodb('reindex', path('Data.fs'));
    expect([missing.code, /no such file/.test(missing.stderr)]).to.deep.equal([2, true]);
    expect(readdirSync(path('.'))).to.deep.equal([]);
    writeHistory(path('Data.fs'));
    mkdirSync(path('Data.fs.index.index_tmp'));
    for (let i = 0; i < 2; i++) {
      const { code, stderr } = await zodb('reindex', path('Data.fs'));
      expect(code).to.equal(2);
      expect(stderr).to.match(/^zodb: the index file cannot be written: EISDIR/);
    }
    using _ = new FileStorage(path('Data.fs'));
    const locked = await zodb('reindex', path('Data.fs'));
    expect(locked.code).to.equal(2);
    expect(locked.stderr).to.match(/open for writing/);
  });
});

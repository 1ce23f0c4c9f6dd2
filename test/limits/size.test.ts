import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { testFolder } from '../filestorage/folder.ts';
import { compiledTo, project } from './compiled.ts';

const MIB = 1024 * 1024;
const CHILD = fileURLToPath(new URL('./size-child.mjs', import.meta.url));

describe('a large data file', () => {
  // 4 GiB and 10^7 objects on request, a part of them in CI, and little of the source elsewhere.
  const all = process.env['ZODB_LIMITS'] === 'all';
  const full = all || (process.env['CI'] === 'true' && process.env['ZODB_LIMITS'] !== 'small');
  const mib = all ? 4096 : full ? 1024 : 256;
  const objects = all ? 10_000_000 : full ? 2_000_000 : 300_000;
  /** What the compiler of tests needs, where the source runs. */
  const more = full ? 0 : 100 * MIB;
  const path = testFolder();

  let module = pathToFileURL(join(project, 'src/filestorage/index.ts')).href;
  const compiled = mkdtempSync(join(tmpdir(), 'zodb-size-'));
  before(function () {
    this.timeout(120_000);
    if (full) module = compiledTo(compiled)('filestorage/index.js');
  });
  after(() => rmSync(compiled, { recursive: true }));

  /** Runs size-child.mjs, and gives the peak of its memory and what it found. */
  function child(flags: readonly string[], ...args: string[]): [peak: number, ...found: string[]] {
    const options = [...flags, ...(full ? [] : ['--import', 'tsx']), CHILD, module, ...args];
    const output = execFileSync(process.execPath, options, { cwd: project, encoding: 'utf8' });
    const [peak, ...found] = output.trim().split(' ');
    if (all) console.log(`      ${args[0]}: ${Math.round(Number(peak) / MIB)} MiB`);
    return [Number(peak), ...found];
  }

  it(`takes a transaction of ${mib} MiB in a heap of 256 MiB`, function () {
    this.timeout(1_200_000);
    const [peak, count, right] = child(
      ['--max-old-space-size=256'],
      'commit',
      path('Data.fs'),
      String(mib),
    );
    expect([count, right]).to.deep.equal([String(mib * 16), 'true']);
    expect(peak).to.be.below(500 * MIB + more);
    const [, found] = child([], 'open', path('Data.fs'));
    expect(found).to.equal(count);
    rmSync(path('Data.fs'));
  });

  it(`of ${objects} objects is opened in 24 bytes an object, with its index file and without`, function () {
    this.timeout(1_200_000);
    const bound = 24 * objects + 120 * MIB + more;
    const file = path('Data.fs');
    makeFile(file, objects);
    const [scanned, count, hash] = child([], 'open', file);
    expect(count).to.equal(String(objects));
    expect(scanned).to.be.below(bound);
    const [made] = child([], 'index', file);
    expect(existsSync(`${file}.index`)).to.equal(true);
    // The index file is in the order of oids: one more number an object, while it is written.
    expect(made).to.be.below(bound + 8 * objects);
    const [indexed, ...found] = child([], 'open', file);
    expect(found).to.deep.equal([count, hash]);
    expect(indexed).to.be.below(8 * objects + 120 * MIB + more);
    rmSync(file);
  });
});

/** A file of transactions of 10 000 records of 8 bytes. */
function makeFile(file: string, count: number): void {
  const RECORD = 50;
  const each = 10_000;
  const length = 23 + each * RECORD;
  const bytes = Buffer.alloc(length + 8);
  const fd = openSync(file, 'w');
  let position = writeSync(fd, 'FS30');
  for (let first = 0; first < count; first += each) {
    const tid = 0x03f0_0000_0000_0000n + BigInt(first);
    bytes.writeBigUInt64BE(tid, 0);
    bytes.writeBigUInt64BE(BigInt(length), 8);
    bytes[16] = 0x20;
    for (let i = 0, at = 23; i < each; i++, at += RECORD) {
      bytes.writeUInt32BE(first + i, at + 4);
      bytes.writeBigUInt64BE(tid, at + 8);
      bytes.writeUIntBE(position, at + 26, 6);
      bytes[at + 41] = 8;
      bytes.writeUInt32BE(first + i, at + 46);
    }
    bytes.writeBigUInt64BE(BigInt(length), length);
    position += writeSync(fd, bytes);
  }
  closeSync(fd);
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { Pickler, PyDict, pyGlobal } from '../../src/pickle/index.ts';
import { readU32, writeU32 } from '../../src/zodb/bytes.ts';
import { type Oid, ZERO_TID } from '../../src/zodb/ids.ts';

const MARK = 0x7abbccdd;

/** A record of 20 attributes, and where in it the attribute `number` stands. */
function template(): { record: Uint8Array; at: number } {
  const state = new PyDict<string, unknown>([['number', MARK]]);
  for (let i = 1; i < 20; i++)
    state.set(`attribute_${i}`, i % 3 === 0 ? [i, i + 1] : `value ${i} of the object`);
  const pickler = new Pickler();
  pickler.dump(pyGlobal('app.models', 'Thing'));
  pickler.dump(state);
  const record = pickler.take();
  const swapped = [0xdd, 0xcc, 0xbb, 0x7a];
  const at = record.findIndex((_, i) => swapped.every((byte, k) => record[i + k] === byte));
  return { record, at };
}

function write(path: string, count: number): void {
  const storage = new FileStorage(path, { fsync: false });
  const { record, at } = template();
  const swap = new Uint8Array(4);
  for (let from = 0; from <= count; from += 10_000) {
    const transaction = storage.begin({});
    for (let i = from; i < Math.min(from + 10_000, count + 1); i++) {
      writeU32(swap, i, 0);
      record.set(swap.reverse(), at);
      transaction.store(BigInt(i) as Oid, ZERO_TID, record);
    }
    transaction.vote();
    transaction.finish();
  }
  storage.close();
}

describe('one synchronous job over many objects', () => {
  // All of them where there is time; elsewhere a fifth, in a heap that the evicted objects would fill.
  const full = process.env['CI'] === 'true' && process.env['ZODB_LIMITS'] !== 'small';
  const count = full ? 1_000_000 : 200_000;
  const heap = full ? 200 : 60;

  it(`walks over ${count} objects of 20 attributes in a heap of ${heap} MB`, function () {
    this.timeout(600_000);
    const folder = mkdtempSync(join(tmpdir(), 'zodb-walk-'));
    try {
      const path = join(folder, 'many.fs');
      write(path, count);
      const child = fileURLToPath(new URL('./walk-child.ts', import.meta.url));
      const options = ['--import', 'tsx', `--max-old-space-size=${heap}`];
      const output = execFileSync(process.execPath, [...options, child, path, String(count)], {
        encoding: 'utf8',
      });
      const [sum, most] = output.trim().split(' ').map(Number);
      expect(sum).to.equal((count * (count + 1)) / 2);
      expect(most).to.be.at.most(2000 + 1000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  // A million loads and ten thousand connections where there is time.
  const [walks, connections] = full ? [50, 10_000] : [10, 2000];
  it(`leaks nothing over ${walks * 20_000} loads and ${connections} connections`, function () {
    this.timeout(600_000);
    const folder = mkdtempSync(join(tmpdir(), 'zodb-leak-'));
    try {
      const path = join(folder, 'many.fs');
      write(path, 20_000);
      const child = fileURLToPath(new URL('./leak-child.ts', import.meta.url));
      const numbers = [20_000, walks, connections].map(String);
      const output = execFileSync(
        process.execPath,
        ['--import', 'tsx', '--expose-gc', child, path, ...numbers],
        { encoding: 'utf8' },
      );
      const { limit, most, walked, opened } = JSON.parse(output);
      expect(most).to.be.at.most(limit + 1000);
      for (const [middle, end] of [walked, opened]) expect(end).to.be.below(middle * 1.1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('finds numbers where its template says', () => {
    const { record, at } = template();
    expect(at).to.be.greaterThan(0);
    expect(readU32(record.slice(at, at + 4).reverse(), 0)).to.equal(MARK);
  });
});

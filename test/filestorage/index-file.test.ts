import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { FileStorage } from '../../src/filestorage/index.ts';
import { readIndexFile } from '../../src/filestorage/index-file.ts';
import { IndexMap } from '../../src/filestorage/index-map.ts';
import { type Oid, ZERO_TID } from '../../src/zodb/ids.ts';
import { corpusFiles } from './corpus.ts';
import { testFolder } from './folder.ts';
import { indexBytes } from './index-bytes.ts';

const OLD = new URL('old-index/', import.meta.url);
const entry = fc.tuple(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.integer({ min: 4, max: 2 ** 48 - 1 }),
);
const denseEntry = fc.tuple(
  fc.bigInt({ min: 0n, max: 2000n }),
  fc.integer({ min: 4, max: 2 ** 48 - 1 }),
);

describe('the index map', () => {
  it('holds what a Map would', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(entry, denseEntry), { maxLength: 2000 }), (entries) => {
        const map = mapOf(entries);
        const expected = new Map(entries);
        expect(map.count).to.equal(expected.size);
        for (const [oid, position] of expected) expect(map.get(oid as Oid)).to.equal(position);
        for (let oid = 2001n; oid < 2010n; oid++)
          expect(map.get(oid as Oid)).to.equal(expected.get(oid) ?? 0);
        expect(contents(map)).to.deep.equal(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('takes at most 24 bytes an object at any size from 1000 on', () => {
    const map = new IndexMap();
    for (let i = 1; i <= 50_000; i++) {
      map.set(BigInt(i) as Oid, i);
      if (i >= 1000) expect(map.byteLength / i).to.be.at.most(24);
    }
  });

  it('is read by another thread through its buffers, also after it has moved', () => {
    const map = new IndexMap();
    map.set(5n as Oid, 55);
    const other = IndexMap.over(map.buffers);
    map.change(() => map.set(6n as Oid, 66));
    expect(other.consistent(6n as Oid)).to.equal(66);
    expect(other.retired).to.equal(false);
    map.reserve(10_000);
    expect(other.retired).to.equal(true);
    expect(other.consistent(5n as Oid)).to.equal(55);
    expect(IndexMap.over(map.buffers).consistent(6n as Oid)).to.equal(66);
  });
});

describe('the index file', () => {
  const path = testFolder();

  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(entry, denseEntry), { maxLength: 500 }),
        fc.integer({ min: 2 ** 48, max: Number.MAX_SAFE_INTEGER }),
        (entries, end) => {
          const map = mapOf(entries);
          map.end = end;
          const read = readIndexFile(indexBytes(map)).index;
          expect(read.end).to.equal(end);
          expect(contents(read)).to.deep.equal(contents(map));
        },
      ),
      { numRuns: 50 },
    );
  });

  for (const name of readdirSync(OLD).filter((name) => name.endsWith('.index')))
    it(`is read in the old form of ${name}`, () => {
      const read = readIndexFile(readFileSync(new URL(name, OLD))).index;
      const expected = new Map<bigint, number>();
      for (let i = 0; i < 40; i++)
        for (const k of [0, 1, 7]) expected.set(BigInt(65536 * i + k), 100 + 10 * i + k);
      expect(read.end).to.equal(5000);
      expect(contents(read)).to.deep.equal(expected);
    });

  it('has the bytes that Python writes', () => {
    const map = mapOf([
      [0n, 0x2ed],
      [1n, 0x31f],
    ]);
    map.end = 857;
    expect(indexBytes(map).toString('hex')).to.equal(
      '80034d59032e' +
        '80034306000000000000' +
        '43100000000100000000' +
        '02ed00000000031f862e' +
        '80034e2e',
    );
  });

  for (const { name, file } of corpusFiles().filter(({ file }) => existsSync(`${file}.index`)))
    it(`of ${name}, which Python wrote, is trusted, and says what a scan finds`, () => {
      const read = readIndexFile(readFileSync(`${file}.index`)).index;
      copyFileSync(file, path('Data.fs'));
      using scanned = new FileStorage(path('Data.fs'), { readOnly: true });
      copyFileSync(`${file}.index`, path('Data.fs.index'));
      using indexed = new FileStorage(path('Data.fs'), { readOnly: true });
      expect(indexed.findings).to.deep.equal([]);
      expect(indexed.lastTransaction()).to.equal(scanned.lastTransaction());
      expect(read.end).to.equal(scanned.size());
      expect(read.count).to.equal(scanned.length());
      read.forEach((high, low) => {
        const oid = ((BigInt(high) << 32n) | BigInt(low)) as Oid;
        expect(attempt(() => indexed.locate(oid))).to.deep.equal(
          attempt(() => scanned.locate(oid)),
        );
      });
    });

  it('is saved when a storage is closed, and completed by a scan when it is old', () => {
    const file = path('Data.fs');
    const first = new FileStorage(file);
    put(first, 60);
    first.close();
    copyFileSync(`${file}.index`, path('old.index'));
    const second = new FileStorage(file);
    put(second, 3);
    second.close();
    copyFileSync(path('old.index'), `${file}.index`);
    using storage = new FileStorage(file, { readOnly: true });
    expect(storage.findings).to.deep.equal([]);
    expect(storage.length()).to.equal(63);
    expect(storage.load(63n as Oid)?.data.length).to.equal(100);
  });

  it('is saved again at once when it was missing, and not touched when it was right', () => {
    const file = path('Data.fs');
    const first = new FileStorage(file);
    put(first, 60);
    first.close();
    const bytes = readFileSync(`${file}.index`);
    rmSync(`${file}.index`);
    const second = new FileStorage(file);
    expect(readFileSync(`${file}.index`)).to.deep.equal(bytes);
    second.close();
    const { ino } = statSync(`${file}.index`);
    new FileStorage(file).close();
    expect(statSync(`${file}.index`).ino).to.equal(ino);
  });

  for (const [title, damage] of [
    ['is cut', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    // Of the last transaction's first records, which is where Python looks too.
    ['names a wrong position', (bytes: Buffer) => patched(bytes, bytes.length - 6 - 59 * 6 - 1, 1)],
    ['covers one byte more', (bytes: Buffer) => patched(bytes, 3, 1)],
    ['is empty', () => Buffer.alloc(0)],
    ['is text', () => Buffer.from('not an index\n')],
    ['is a pickle of something else', () => Buffer.from('(dp0\n.')],
  ] as const)
    it(`is not used when it ${title}`, () => {
      const file = path('Data.fs');
      const first = new FileStorage(file);
      put(first, 60);
      first.close();
      writeFileSync(`${file}.index`, damage(readFileSync(`${file}.index`)));
      using storage = new FileStorage(file, { readOnly: true });
      expect(storage.findings.map(({ message }) => message).join()).to.match(/^the index file/);
      expect(storage.length()).to.equal(60);
      for (let i = 1; i <= 60; i++)
        expect(storage.load(BigInt(i) as Oid)?.data.length).to.equal(100);
    });

  describe('that is damaged where opening does not look', () => {
    const COUNT = 66_000;
    const file = (): string => path('Data.fs');
    beforeEach(() => {
      const storage = new FileStorage(file(), { fsync: false });
      put(storage, COUNT - 5);
      // Opening compares the last transaction.
      put(storage, 5);
      storage.close();
      // The endings of the oids 2 and 3 of the first bucket change places.
      const bytes = readFileSync(`${file()}.index`);
      bytes.set([0, 3, 0, 2], bytes.indexOf(Buffer.from('00020003', 'hex')));
      writeFileSync(`${file()}.index`, bytes);
    });

    it('is made again from the data file as soon as that comes to light, and saved', () => {
      const storage = new FileStorage(file(), { fsync: false });
      expect(storage.findings).to.deep.equal([]);
      expect(storage.locate(2n as Oid)?.position).to.equal(
        (storage.locate(1n as Oid)?.position as number) + 142,
      );
      expect(storage.findings.map(({ message }) => message)).to.deep.equal([
        'the index file was not used: it is damaged',
      ]);
      put(storage, 3);
      expect(storage.length()).to.equal(COUNT + 3);
      expect(storage.check()).to.deep.equal([]);
      storage.close();
      using again = new FileStorage(file(), { readOnly: true });
      expect(again.check()).to.deep.equal([]);
      expect(again.findings).to.deep.equal([]);
    });

    it('is saved right when the storage is closed, whatever was read', () => {
      new FileStorage(file()).close();
      const storage = new FileStorage(file(), { fsync: false });
      put(storage, 1);
      storage.close();
      using again = new FileStorage(file(), { readOnly: true });
      expect(again.check()).to.deep.equal([]);
      expect([again.findings, again.length()]).to.deep.equal([[], COUNT + 1]);
    });

    it('does not show what others committed before the storage is told to look', () => {
      using reader = new FileStorage(file(), { readOnly: true });
      const writer = new FileStorage(file(), { fsync: false });
      put(writer, 1);
      expect(reader.load(2n as Oid)?.data.length).to.equal(100);
      expect(reader.length()).to.equal(COUNT);
      reader.sync();
      expect(reader.length()).to.equal(COUNT + 1);
      writer.close();
    });
  });
});

function mapOf(entries: readonly (readonly [bigint, number])[]): IndexMap {
  const map = new IndexMap();
  for (const [oid, position] of entries) map.set(oid as Oid, position);
  return map;
}

function contents(map: IndexMap): Map<bigint, number> {
  const found = new Map<bigint, number>();
  map.forEach((high, low, position) => {
    found.set((BigInt(high) << 32n) | BigInt(low), position);
  });
  return found;
}

function put(storage: FileStorage, count: number): void {
  const transaction = storage.begin({});
  for (let i = 0; i < count; i++)
    transaction.store(storage.newOid(), ZERO_TID, new Uint8Array(100));
  transaction.vote();
  transaction.finish();
}

function patched(bytes: Buffer, at: number, by: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) + by;
  return copy;
}

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return (error as { code: string }).code;
  }
}

import { truncateSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { readIndexFile } from '../../src/filestorage/index-file.ts';
import { openIndexInput } from '../../src/filestorage/index-input.ts';
import { IndexMap } from '../../src/filestorage/index-map.ts';
import type { Oid } from '../../src/zodb/ids.ts';
import { testFolder } from './folder.ts';
import { indexBytes } from './index-bytes.ts';

const oid = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: 65_500n, max: 65_600n }),
  fc.bigInt({ min: 2n ** 40n, max: 2n ** 40n + 20n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const entry = fc.tuple(oid, fc.integer({ min: 4, max: 2 ** 48 - 1 }));
const entries = fc.array(entry, { maxLength: 600 });

describe('an index map over the bytes of an index file', () => {
  const path = testFolder();

  it('holds what a Map would, also after changes and new oids, and is written so', () => {
    fc.assert(
      fc.property(entries, entries, fc.array(oid, { maxLength: 20 }), (before, after, asked) => {
        const map = reread(mapOf(before));
        const expected = new Map([...before, ...after]);
        for (const [id, position] of after) map.set(id as Oid, position);
        const ordered = [...expected.keys()].sort((a, b) => (a < b ? -1 : 1));
        for (const read of [map, reread(map), IndexMap.over(map.buffers)]) {
          expect(contents(read)).to.deep.equal(expected);
          expect(read.count).to.equal(expected.size);
          expect(read.highest()).to.equal(ordered.at(-1) ?? -1n);
          for (const id of [...asked, ...ordered.slice(0, 20)]) {
            expect(read.get(id as Oid)).to.equal(expected.get(id) ?? 0);
            expect(read.next(id as Oid)).to.equal(ordered.find((other) => other >= id));
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('takes little more memory than the file, and finds all of a full bucket', () => {
    const map = new IndexMap();
    map.end = 100_000;
    for (let i = 0; i < 70_000; i++) map.set(BigInt(i) as Oid, 10 + i);
    const read = reread(map);
    expect(read.byteLength / read.count).to.be.lessThan(9);
    for (let i = 0; i < 70_000; i += 7) expect(read.get(BigInt(i) as Oid)).to.equal(10 + i);
  });

  it('is read by another thread through its buffers, also what changes after the table has moved', () => {
    const map = reread(mapOf(Array.from({ length: 100 }, (_, i) => [BigInt(i), 1000 + i])));
    map.change(() => map.set(500n as Oid, 55));
    const other = IndexMap.over(map.buffers);
    map.reserve(10_000);
    map.change(() => map.set(7n as Oid, 77));
    expect(other.retired).to.equal(true);
    expect(other.consistent(7n as Oid)).to.equal(77);
    expect(other.consistent(500n as Oid)).to.equal(55);
  });

  it('is read from its file piece by piece, when it is asked', () => {
    const all = (step: number): [bigint, number][] =>
      Array.from({ length: 12_000 }, (_, i) => [BigInt(i * step), 10 + i]);
    for (const given of [all(1), all(5), all(1000), all(65536), [...all(1000), ...all(5)]]) {
      const written = mapOf(given);
      const expected = contents(written);
      const expectSame = (map: IndexMap): void => {
        // Comparing as text: chai takes seconds for maps of this size.
        expect(textOf(contents(map)) === textOf(expected)).to.equal(true);
      };
      writeFileSync(path('Data.fs.index'), indexBytes(written));
      const open = (): IndexMap => readIndexFile(openIndexInput(path('Data.fs.index'))).index;
      const changed = open();
      changed.set(0n as Oid, 5);
      expect(changed.get(0n as Oid)).to.equal(5);
      for (const [id, position] of given.slice(1, 3000))
        expect(changed.get(id as Oid)).to.equal(expected.get(id) ?? position);
      expectSame(open());
      expectSame(IndexMap.over(open().buffers));
      expectSame(reread(open()));
    }
  });

  it('says so when its file becomes shorter before it was read', () => {
    const written = mapOf(Array.from({ length: 70_000 }, (_, i) => [BigInt(i), 10 + i]));
    writeFileSync(path('Data.fs.index'), indexBytes(written));
    const map = readIndexFile(openIndexInput(path('Data.fs.index'))).index;
    truncateSync(path('Data.fs.index'), 1000);
    expect(() => map.get(5n as Oid))
      .to.throw(/shorter/)
      .with.property('code', 'CORRUPTED');
    map.close();
  });

  const uses: Record<string, (map: IndexMap) => unknown> = {
    'a look-up': (map) => map.get(7n as Oid),
    'a change': (map) => map.set(7n as Oid, 1007),
    'a walk': (map) => map.next(2n as Oid),
    'a question for the highest oid': (map) => map.highest(),
    'a visit of all': (map) => map.forEach(() => {}),
    'sharing it': (map) => map.buffers,
    'writing it': (map) => [...map.entries()],
  };
  for (const [damage, from, to] of [
    ['are not in order', '00000001', '00010000'],
    ['repeat', '00000001', '00000000'],
    ['stand at a position beyond what it covers', '0000000003e8', 'ffff000003e8'],
    ['stand at no position', '0000000003e8', '000000000000'],
  ] as const) {
    const map = mapOf(Array.from({ length: 10 }, (_, i) => [BigInt(i), 1000 + i]));
    map.end = 2000;
    const bytes = indexBytes(map);
    bytes.set(Buffer.from(to, 'hex'), bytes.indexOf(Buffer.from(from, 'hex')));
    const damaged = (): IndexMap => readIndexFile(Uint8Array.from(bytes)).index;

    it(`is not read from an index file whose oids ${damage}`, () => {
      for (const use of Object.values(uses))
        expect(() => use(damaged()))
          .to.throw(/^an index file/)
          .with.property('code', 'CORRUPTED');
    });

    for (const [name, use] of Object.entries(uses))
      it(`is made again when ${name} shows oids that ${damage}`, () => {
        const read = damaged();
        read.mendWith((end) => {
          expect(end).to.equal(map.end);
          const made = mapOf([...contents(map)]);
          made.end = end;
          return made;
        });
        use(read);
        expect(read.mended).to.equal(true);
        for (const made of [read, IndexMap.over(read.buffers), reread(read)]) {
          expect(contents(made)).to.deep.equal(contents(map));
          expect(made.end).to.equal(map.end);
        }
      });
  }

  it('has no two buckets of one prefix', () => {
    const map = mapOf(Array.from({ length: 10 }, (_, i) => [BigInt(i), 1000 + i]));
    const bytes = indexBytes(map);
    const start = bytes.indexOf(Buffer.from('80034306', 'hex'));
    const twice = Buffer.concat([bytes.subarray(0, -4), bytes.subarray(start)]);
    expect(() => readIndexFile(Uint8Array.from(twice)))
      .to.throw(/not in order/)
      .with.property('code', 'FORMAT');
  });
});

function textOf(map: ReadonlyMap<bigint, number>): string {
  return Array.from(map, ([id, position]) => `${id} ${position}`)
    .sort()
    .join();
}

function reread(map: IndexMap): IndexMap {
  return readIndexFile(indexBytes(map)).index;
}

function mapOf(all: readonly (readonly [bigint, number])[]): IndexMap {
  const map = new IndexMap();
  map.end = 2 ** 48;
  for (const [id, position] of all) map.set(id as Oid, position);
  return map;
}

function contents(map: IndexMap): Map<bigint, number> {
  const found = new Map<bigint, number>();
  map.forEach((high, low, position) => {
    found.set((BigInt(high) << 32n) | BigInt(low), position);
  });
  return found;
}

// Reading and writing through every kind of view.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';
import { BLOCK, patternBlock, patternWord, SPECIAL, WORDS } from './pattern.mjs';
import { loadProbe } from './probe.mjs';
import { addon, open, requests, run, startLoader } from './start.mjs';

const KINDS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

/** Bytes of the file as the pattern has them, from `offset` on. */
function expected(offset, length) {
  const first = Math.floor(offset / BLOCK);
  const count = Math.ceil((offset + length) / BLOCK) - first;
  const all = Buffer.concat(Array.from({ length: count }, (_, i) => patternBlock(first + i)));
  return all.subarray(offset - first * BLOCK, offset - first * BLOCK + length);
}

function copyOf(bytes) {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

const dirty = (region) => [...region.dirtyBlocks()];

await startLoader();

run({
  first() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    assert.equal(region.state(3), 'absent');
    assert.equal(words[WORDS * 3 + 7], patternWord(3, 7));
    assert.equal(region.state(3), 'clean');
    assert.equal(requests(), 1);
    assert.deepEqual(dirty(region), []);
    words[WORDS * 9 + 1] = 5;
    words[WORDS * 3 + 7]++;
    assert.deepEqual(dirty(region), [3, 9]);
    assert.equal(words[WORDS * 3 + 7], patternWord(3, 7) + 1);
    assert.equal(words[WORDS * 9 + 1], 5);
    assert.equal(words[WORDS * 9 + 2], patternWord(9, 2));
    assert.equal(requests(), 2);
    region.close();
    assert.equal(words.length, 0);
    assert.equal(addon.stats().dirty, 0);
  },

  kinds() {
    const { region, buffer } = open();
    KINDS.forEach((Kind, k) => {
      // Each kind has blocks of its own; elements around a block's edge are read, then written.
      const edge = (20 + 4 * k) * BLOCK;
      const around = 64;
      const view = new Kind(buffer, edge - around, (2 * around) / Kind.BYTES_PER_ELEMENT);
      const wanted = new Kind(copyOf(expected(edge - around, 2 * around)));
      assert.deepEqual([...view].map(String), [...wanted].map(String), Kind.name);
      assert.deepEqual(dirty(region), []);
      const last = view.length / 2 - 1;
      const value = typeof view[0] === 'bigint' ? 77n : 77;
      view[last] = value;
      assert.deepEqual(dirty(region), [19 + 4 * k], Kind.name);
      view[last + 1] = value;
      assert.deepEqual(dirty(region), [19 + 4 * k, 20 + 4 * k], Kind.name);
      assert.equal(view[last], value);
      assert.equal(view[last + 1], value);
      assert.equal(String(view[last - 1]), String(wanted[last - 1]));
      region.discard('dirty');
      assert.deepEqual([...view].map(String), [...wanted].map(String), Kind.name);
    });
    const across = new DataView(buffer, 100 * BLOCK - 4, 8);
    const wanted = new DataView(copyOf(expected(100 * BLOCK - 4, 8)));
    assert.equal(across.getBigUint64(0, true), wanted.getBigUint64(0, true));
    across.setFloat64(0, Math.PI);
    assert.equal(across.getFloat64(0), Math.PI);
    assert.deepEqual(dirty(region), [99, 100]);
    region.close();
  },

  // A loop long enough to be optimised, one that only the interpreter runs, and one whose function was warmed elsewhere.
  loops() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    const sum = (array, from, to, step) => {
      let total = 0;
      for (let i = from; i < to; i += step) total += array[i];
      return total;
    };
    const wanted = (first, count, step) => {
      let total = 0;
      for (let i = first * WORDS; i < (first + count) * WORDS; i += step)
        total += patternWord(Math.floor(i / WORDS), i % WORDS);
      return total;
    };
    assert.equal(sum(words, 0, 4 * WORDS, 1), wanted(0, 4, 1));
    const ordinary = new Uint32Array(1000);
    for (let i = 0; i < 5000; i++) sum(ordinary, 0, 1000, 1);
    assert.equal(sum(words, 10 * WORDS, 30 * WORDS, 1024), wanted(10, 20, 1024));
    const fill = (array, from, to, step) => {
      for (let i = from; i < to; i += step) array[i] = i;
    };
    for (let i = 0; i < 5000; i++) fill(ordinary, 0, 1000, 1);
    assert.deepEqual(dirty(region), []);
    fill(words, 40 * WORDS, 50 * WORDS, 4096);
    assert.deepEqual(dirty(region), [40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
    for (let i = 40 * WORDS; i < 50 * WORDS; i += 4096) assert.equal(words[i], i);
    // A copy between two absent blocks touches both in one instruction or two.
    new Function('a', 'n', 'for (let i = 0; i < 5; i++) a[52 * n + i] = a[51 * n + i]')(
      words,
      WORDS,
    );
    assert.equal(words[52 * WORDS + 4], patternWord(51, 4));
    region.close();
  },

  methods() {
    const { region, buffer } = open();
    const at = (first, count = 1) => new Uint32Array(buffer, first * BLOCK, count * WORDS);
    const original = (first, count = 1) =>
      new Uint32Array(copyOf(expected(first * BLOCK, count * BLOCK)));
    let block = 0;
    const reads = {
      indexOf: (a) => a.indexOf(a[WORDS - 1]),
      includes: (a) => a.includes(12345),
      reduce: (a) => a.reduce((x, y) => (x ^ y) >>> 0),
      subarray: (a) => a.subarray(10, 20).join(),
      slice: (a) => a.slice(WORDS - 3, WORDS + 3).join(),
      some: (a) => a.some((x) => x === 1),
      map: (a) => a.map((x) => x >>> 1)[WORDS],
      filter: (a) => a.filter((x) => x % 1000 === 0).length,
      from: (a) => Uint32Array.from(a.subarray(WORDS - 2, WORDS + 2)).join(),
      set: (a) => {
        const b = new Uint32Array(2 * WORDS);
        b.set(a);
        return createHash('md5').update(b).digest('hex');
      },
      compare: (a) => Buffer.compare(Buffer.from(a.buffer, a.byteOffset, 100), Buffer.alloc(100)),
      toString: (a) => Buffer.from(a.buffer, a.byteOffset + BLOCK - 8, 16).toString('hex'),
      sha1: (a) => createHash('sha1').update(a).digest('hex'),
      deflate: (a) =>
        createHash('md5')
          .update(inflateRawSync(deflateRawSync(a, { level: 1 })))
          .digest('hex'),
    };
    for (const [name, read] of Object.entries(reads)) {
      assert.deepEqual(read(at(block, 2)), read(original(block, 2)), name);
      block += 2;
    }
    assert.deepEqual(dirty(region), []);
    const writes = {
      fill: (a) => a.fill(7, WORDS - 5, WORDS + 5),
      set: (a) => a.set([1, 2, 3, 4], WORDS - 2),
      copyWithin: (a) => a.copyWithin(WORDS - 10, 0, 20),
      reverse: (a) => a.reverse(),
      sort: (a) => a.subarray(WORDS - 500, WORDS + 500).sort(),
      bufferFill: (a) =>
        Buffer.from(a.buffer, a.byteOffset, a.byteLength).fill('xyz', BLOCK - 5, BLOCK + 5),
      bufferWrite: (a) =>
        Buffer.from(a.buffer, a.byteOffset, a.byteLength).write('edge!', BLOCK - 2),
      copy: (a) =>
        Buffer.alloc(50, 9).copy(Buffer.from(a.buffer, a.byteOffset, a.byteLength), BLOCK - 25),
      atomics: (a) => {
        Atomics.add(a, WORDS - 1, 5);
        Atomics.compareExchange(a, WORDS, 0, 1);
      },
    };
    for (const [name, write] of Object.entries(writes)) {
      const wanted = original(block, 2);
      write(wanted);
      write(at(block, 2));
      assert.deepEqual(dirty(region), [block, block + 1], name);
      assert.equal(
        Buffer.compare(
          new Uint8Array(buffer, block * BLOCK, 2 * BLOCK),
          Buffer.from(wanted.buffer),
        ),
        0,
        name,
      );
      region.discard('dirty');
      block += 2;
    }
    region.close();
  },

  async others() {
    const { region, buffer } = open();
    // Threads of libuv's pool fault too.
    const view = new Uint8Array(buffer, 200 * BLOCK, 2 * BLOCK);
    const packed = await Promise.all(
      [1, 1, 1, 1, 1].map((level) => promisify(deflateRaw)(view, { level })),
    );
    for (const one of packed)
      assert.equal(inflateRawSync(one).compare(expected(200 * BLOCK, 2 * BLOCK)), 0);
    const probe = loadProbe();
    const target = new Uint8Array(buffer, 210 * BLOCK + 1000, 2 * BLOCK);
    probe.copy(target, new Uint8Array(buffer, 220 * BLOCK + 3, 2 * BLOCK));
    assert.equal(Buffer.compare(target, expected(220 * BLOCK + 3, 2 * BLOCK)), 0);
    assert.deepEqual(dirty(region), [210, 211, 212]);
    const words = new Uint32Array(buffer, 230 * BLOCK, WORDS);
    probe.sort(words);
    const wanted = new Uint32Array(copyOf(expected(230 * BLOCK, BLOCK))).sort();
    assert.deepEqual(words, wanted);
    // A short block's tail is zeros, whatever the frame held before.
    const short = new Uint8Array(buffer, SPECIAL.short * BLOCK, BLOCK);
    assert.equal(short[99], 255);
    assert.ok(short.subarray(100).every((byte) => byte === 0));
    const slow = new Uint32Array(buffer, SPECIAL.slow * BLOCK, WORDS);
    assert.equal(slow[1], patternWord(SPECIAL.slow, 1));
    const collects = new Uint32Array(buffer, SPECIAL.collects * BLOCK, WORDS);
    assert.equal(collects[1], patternWord(SPECIAL.collects, 1));
    region.close();
  },

  windows() {
    const { region } = open(2 ** 33);
    const far = 2 ** 32 + 2 ** 31 + 5 * BLOCK;
    const { buffer, byteOffset } = region.map(far, BLOCK);
    const words = new Uint32Array(buffer, byteOffset, WORDS);
    assert.equal(words[1], patternWord(far / BLOCK, 1));
    words[1] = 4;
    assert.deepEqual(dirty(region), [far / BLOCK]);
    // Overlapping buffers show the same memory, and the second request of a place gives the same buffer.
    const other = new Uint32Array(region.buffer(far, BLOCK));
    assert.equal(other[1], 4);
    assert.equal(region.buffer(far, BLOCK), other.buffer);
    assert.equal(region.beginStore(far / BLOCK).length, BLOCK);
    if (addon.capabilities.maxBuffer === 2 ** 32) {
      assert.throws(() => region.buffer(0, 2 ** 33), { code: 'VIEW_TOO_LARGE' });
    } else {
      assert.equal(new Uint8Array(region.buffer(0, 2 ** 33))[far + 4], 4);
    }
    assert.throws(() => region.buffer(2 ** 33, 1), { code: 'ARGUMENT' });
    region.close();
    assert.equal(words.length, 0);
    assert.throws(() => region.load(0, 1), { code: 'CLOSED' });
  },
});

// The part of the index that stands as it does in an index file: for each prefix of 6 bytes that oids share, n endings of 2
// bytes in ascending order, then n positions of 6 bytes. Such a bucket is searched and changed where it is, so that opening
// decodes nothing, and an object takes 8 bytes. It never gets new oids. That the entries are what a writer of index files
// writes is looked at when a bucket is used first.

import { readU32, writeU32 } from '../zodb/bytes.ts';
import { CorruptedDataError } from '../zodb/errors.ts';
import { MAGIC_LENGTH, readU16 } from './format.ts';

/** The bytes of an index file, in shared memory, of which parts may be unread. */
export interface IndexInput {
  readonly bytes: Uint8Array;
  /** Reads this part. @throws CorruptedDataError */
  fill(start: number, end: number): void;
  /** Nothing more will be read. */
  close(): void;
}

/** One bucket of an index file: its n entries begin at `start` of the file's bytes. */
export interface BucketAt {
  readonly prefix: number;
  readonly start: number;
  readonly count: number;
  /** Whether its bytes were read. */
  readonly read: boolean;
}

/** The memory of IndexBuckets: structured-cloneable. */
export interface BucketBuffers {
  readonly bytes: SharedArrayBuffer;
  /** For each bucket: its prefix, where its entries begin, and how many there are. */
  readonly table: SharedArrayBuffer;
}

/** Buckets of fewer entries take more memory as they stand than in a table. */
export const SMALLEST_BUCKET = 4;

const ENDING = 2;
const POSITION = 6;
const FULL = 65536;
const TWO_32 = 0x1_0000_0000;

export class IndexBuckets {
  readonly #bytes: Uint8Array;
  readonly #table: Float64Array;
  readonly #length: number;
  // Which buckets are known to be right. Looking at all of them would make opening slow.
  readonly #settled: Uint8Array;
  // Which buckets are still to be read, and from where.
  readonly #unread: Uint8Array;
  #input: IndexInput | undefined;
  // The position that the index file covers.
  #end = 0;
  readonly count: number;
  // The bucket that was found last: objects that belong together have oids that do.
  #last = 0;

  private constructor(bytes: Uint8Array, table: Float64Array) {
    this.#bytes = bytes;
    this.#table = table;
    this.#length = table.length / 3;
    this.#settled = new Uint8Array(this.#length);
    this.#unread = new Uint8Array(this.#length);
    let count = 0;
    for (let bucket = 0; bucket < this.#length; bucket++) count += this.#countOf(bucket);
    this.count = count;
  }

  /** The buckets at these places of an index file that covers `end`, in ascending order of their prefixes. */
  static of(input: IndexInput, buckets: readonly BucketAt[], end: number): IndexBuckets {
    const table = new Float64Array(new SharedArrayBuffer(buckets.length * 24));
    buckets.forEach(({ prefix, start, count }, i) => {
      table.set([prefix, start, count], 3 * i);
    });
    const made = new IndexBuckets(shared(input.bytes), table);
    buckets.forEach(({ read }, i) => {
      made.#unread[i] = read ? 0 : 1;
    });
    made.#input = input;
    made.#end = end;
    return made;
  }

  /** Those that another thread described, for reading. */
  static over({ bytes, table }: BucketBuffers): IndexBuckets {
    const made = new IndexBuckets(new Uint8Array(bytes), new Float64Array(table));
    made.#settled.fill(1);
    return made;
  }

  /** @throws CorruptedDataError */
  get buffers(): BucketBuffers {
    this.settle();
    return {
      bytes: this.#bytes.buffer as SharedArrayBuffer,
      table: this.#table.buffer as SharedArrayBuffer,
    };
  }

  /** Looks at all of them at once, so that nothing will come to light later. @throws CorruptedDataError */
  settle(): void {
    for (let bucket = 0; bucket < this.#length; bucket++) this.#settle(bucket);
  }

  /** Reads no more from the index file; what was not read cannot be asked for any more. */
  close(): void {
    this.#input?.close();
  }

  get byteLength(): number {
    return this.#bytes.byteLength + this.#table.byteLength;
  }

  /** The position of the oid of these two halves, 0 where it is not here. @throws CorruptedDataError */
  find(high: number, low: number): number {
    const at = this.#positionOf(high, low);
    return at < 0 ? 0 : readU16(this.#bytes, at) * TWO_32 + readU32(this.#bytes, at + 2);
  }

  /** Changes the position of an oid that is here, and returns the one before; 0 where it is not here. @throws CorruptedDataError */
  put(high: number, low: number, position: number): number {
    const at = this.#positionOf(high, low);
    if (at < 0) return 0;
    const before = readU16(this.#bytes, at) * TWO_32 + readU32(this.#bytes, at + 2);
    const upper = Math.floor(position / TWO_32);
    this.#bytes[at] = upper >>> 8;
    this.#bytes[at + 1] = upper;
    writeU32(this.#bytes, position >>> 0, at + 2);
    return before;
  }

  /** Calls `visit` for every object, in the order of oids. @throws CorruptedDataError */
  forEach(visit: (high: number, low: number, position: number) => void): void {
    for (let bucket = 0; bucket < this.#length; bucket++) {
      this.#settle(bucket);
      const high = Math.floor(this.#prefixOf(bucket) / FULL);
      const middle = (this.#prefixOf(bucket) % FULL) * FULL;
      const count = this.#countOf(bucket);
      let ending = this.#startOf(bucket);
      let at = ending + count * ENDING;
      for (let i = 0; i < count; i++, ending += ENDING, at += POSITION)
        visit(
          high,
          middle + readU16(this.#bytes, ending),
          readU16(this.#bytes, at) * TWO_32 + readU32(this.#bytes, at + 2),
        );
    }
  }

  /** The prefixes of the buckets, and their entries as they stand in an index file; valid until the next change. @throws CorruptedDataError */
  *entries(): Generator<readonly [prefix: number, entries: Uint8Array]> {
    for (let bucket = 0; bucket < this.#length; bucket++) {
      this.#settle(bucket);
      const start = this.#startOf(bucket);
      const end = start + this.#countOf(bucket) * (ENDING + POSITION);
      yield [this.#prefixOf(bucket), this.#bytes.subarray(start, end)];
    }
  }

  /** The largest oid, -1 if there is none. @throws CorruptedDataError */
  highest(): bigint {
    const bucket = this.#length - 1;
    if (bucket < 0) return -1n;
    this.#settle(bucket);
    return this.#oidAt(bucket, this.#countOf(bucket) - 1);
  }

  /** The smallest oid from `oid` on, `undefined` where there is none. @throws CorruptedDataError */
  next(oid: bigint): bigint | undefined {
    const prefix = Number(oid >> 16n);
    let bucket = this.#firstFrom(prefix);
    for (const near of [bucket, bucket + 1]) if (near < this.#length) this.#settle(near);
    if (bucket < this.#length && this.#prefixOf(bucket) === prefix) {
      const i = this.#endingFrom(bucket, Number(oid & 0xffffn));
      if (i < this.#countOf(bucket)) return this.#oidAt(bucket, i);
      bucket++;
    }
    return bucket < this.#length ? this.#oidAt(bucket, 0) : undefined;
  }

  // Where the position of an oid stands, -1 if the oid is not here.
  #positionOf(high: number, low: number): number {
    const bucket = this.#bucketOf(high * FULL + (low >>> 16));
    if (bucket < 0) return -1;
    const count = this.#countOf(bucket);
    const start = this.#startOf(bucket);
    const ending = low & 0xffff;
    const i = count === FULL ? ending : this.#endingFrom(bucket, ending);
    if (i >= count || readU16(this.#bytes, start + i * ENDING) !== ending) return -1;
    return start + count * ENDING + i * POSITION;
  }

  // The index of the first ending from `ending` on. Endings ascend, so that few are left to look at in a dense bucket.
  #endingFrom(bucket: number, ending: number): number {
    const count = this.#countOf(bucket);
    const start = this.#startOf(bucket);
    let low = Math.max(0, ending - (FULL - count));
    let high = Math.min(ending, count);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (readU16(this.#bytes, start + middle * ENDING) < ending) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #bucketOf(prefix: number): number {
    if (this.#length === 0) return -1;
    if (this.#prefixOf(this.#last) === prefix && this.#settled[this.#last] === 1) return this.#last;
    const bucket = this.#firstFrom(prefix);
    if (bucket === this.#length || this.#prefixOf(bucket) !== prefix) return -1;
    this.#settle(bucket);
    this.#last = bucket;
    return bucket;
  }

  // Has the bucket read, and looks at it: a search would not find what is out of order.
  #settle(bucket: number): void {
    if (this.#settled[bucket] === 1) return;
    const count = this.#countOf(bucket);
    const start = this.#startOf(bucket);
    if (this.#unread[bucket] === 1) this.#input?.fill(start, start + count * (ENDING + POSITION));
    this.#unread[bucket] = 0;
    checkEntries(this.#bytes, start, count, this.#end);
    this.#settled[bucket] = 1;
  }

  #firstFrom(prefix: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#prefixOf(middle) < prefix) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #oidAt(bucket: number, i: number): bigint {
    const ending = readU16(this.#bytes, this.#startOf(bucket) + i * ENDING);
    return (BigInt(this.#prefixOf(bucket)) << 16n) | BigInt(ending);
  }

  #prefixOf(bucket: number): number {
    return this.#table[3 * bucket] as number;
  }

  #startOf(bucket: number): number {
    return this.#table[3 * bucket + 1] as number;
  }

  #countOf(bucket: number): number {
    return this.#table[3 * bucket + 2] as number;
  }
}

/**
 * Whether the `count` entries at `start` can be those of an index that covers `end`: endings ascend, positions are before that.
 * @throws CorruptedDataError where they cannot
 */
export function checkEntries(bytes: Uint8Array, start: number, count: number, end: number): void {
  const middle = start + count * ENDING;
  let last = -1;
  for (let at = start; at < middle; at += ENDING) {
    const ending = readU16(bytes, at);
    if (ending <= last)
      throw new CorruptedDataError('an index file whose oids are not in order', { position: at });
    last = ending;
  }
  const after = middle + count * POSITION;
  for (let at = middle; at < after; at += POSITION) {
    const position = readU16(bytes, at) * TWO_32 + readU32(bytes, at + 2);
    if (position < MAGIC_LENGTH || position >= end)
      throw new CorruptedDataError(`an index file with the position ${position}`, { position: at });
  }
}

function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

// Where the newest record of each object stands: oid -> position, for up to 10^8 objects in at most 24 bytes each, in
// shared memory, so that another thread reads the same map. What an index file held stays in its form (index-buckets.ts);
// oids that came later are in a hash table (index-table.ts).
//
// Where what stood in the index file turns out to be damaged, the map is made anew, from the data file, if it was told how.
//
// One thread writes. It wraps a change in `change`, which counts a sequence number up before and after; readers in other
// threads look again if it moved meanwhile.

import { isZodbError } from '../errors.ts';
import { writeU32 } from '../zodb/bytes.ts';
import type { Oid } from '../zodb/ids.ts';
import {
  type BucketAt,
  type BucketBuffers,
  IndexBuckets,
  type IndexInput,
} from './index-buckets.ts';
import { IndexTable, LOW_HALF, type TableBuffers } from './index-table.ts';

/** The memory of an IndexMap: structured-cloneable, for `IndexMap.over`. */
export interface IndexBuffers {
  readonly sequence: SharedArrayBuffer;
  readonly table: TableBuffers;
  readonly buckets: BucketBuffers | undefined;
}

const TWO_32 = 0x1_0000_0000;
/** As many oids share a prefix at most. */
const MOST_ENTRIES = 0x1_0000;

export class IndexMap {
  readonly #sequence: Int32Array;
  #table: IndexTable;
  #buckets: IndexBuckets | undefined;
  #isMended = false;
  #remake: ((end: number) => IndexMap) | undefined;
  // The oids of the table in order, as long as there are so many.
  #ordered: BigUint64Array | undefined;

  /** @param capacity the number of objects to make room for at once */
  constructor(
    capacity = 0,
    buckets?: IndexBuckets,
    table: IndexTable = new IndexTable(capacity),
    sequence: SharedArrayBuffer = new SharedArrayBuffer(4),
  ) {
    this.#table = table;
    this.#buckets = buckets;
    this.#sequence = new Int32Array(sequence);
  }

  /** A map over the buckets of an index file that covers `end`, in ascending order of their prefixes. */
  static ofFile(input: IndexInput, buckets: readonly BucketAt[], end: number): IndexMap {
    return new IndexMap(0, IndexBuckets.of(input, buckets, end));
  }

  /** The map that another thread described with `buffers`, for reading. */
  static over({ sequence, table, buckets }: IndexBuffers): IndexMap {
    return new IndexMap(0, buckets && IndexBuckets.over(buckets), IndexTable.over(table), sequence);
  }

  get buffers(): IndexBuffers {
    this.#settle();
    return {
      sequence: this.#sequence.buffer as SharedArrayBuffer,
      table: this.#table.buffers,
      buckets: this.#buckets?.buffers,
    };
  }

  /**
   * Should the index file be found damaged, `remake` makes another map of what the data file holds up to `end`, which takes the
   * place of this one's contents. Without it whoever asked gets a CorruptedDataError.
   */
  mendWith(remake: (end: number) => IndexMap): void {
    this.#remake = remake;
  }

  /** Whether the index file was found damaged since. */
  get mended(): boolean {
    return this.#isMended;
  }

  /** Reads no more from the index file that it was opened from. */
  close(): void {
    this.#buckets?.close();
  }

  /** Number of objects. */
  get count(): number {
    return this.#table.count + (this.#buckets?.count ?? 0);
  }

  /** Bytes of shared memory in use. */
  get byteLength(): number {
    return this.#table.byteLength + (this.#buckets?.byteLength ?? 0);
  }

  /** The position in the file up to which this map knows every record. */
  get end(): number {
    return this.#table.end;
  }

  set end(position: number) {
    this.#table.end = position;
  }

  /** Whether this map has moved to other memory: `over` learns of no new oids here, and of no later `end`. */
  get retired(): boolean {
    return this.#table.retired;
  }

  /** The position of the newest record, 0 if there is none. */
  get(oid: Oid): number {
    const number = Number(oid);
    return number <= Number.MAX_SAFE_INTEGER
      ? this.find(Math.floor(number / TWO_32), number >>> 0)
      : this.find(Number(oid >> 32n), Number(oid & 0xffff_ffffn));
  }

  set(oid: Oid, position: number): void {
    const number = Number(oid);
    if (number <= Number.MAX_SAFE_INTEGER)
      this.put(Math.floor(number / TWO_32), number >>> 0, position);
    else this.put(Number(oid >> 32n), Number(oid & 0xffff_ffffn), position);
  }

  /** `get` for an oid given as two halves. */
  find(high: number, low: number): number {
    try {
      return this.#buckets?.find(high, low) || this.#table.find(high, low);
    } catch (error) {
      this.#mend(error);
      return this.#table.find(high, low);
    }
  }

  /** `set` for an oid given as two halves; returns the position before, 0 if there was none. */
  put(high: number, low: number, position: number): number {
    try {
      return this.#buckets?.put(high, low, position) || this.#table.put(high, low, position);
    } catch (error) {
      this.#mend(error);
      return this.#table.put(high, low, position);
    }
  }

  /** Whether one more new oid would have everything moved. */
  get full(): boolean {
    return this.#table.full;
  }

  /** Gives back memory, if there is more than the objects need. */
  trim(): void {
    this.#table.trim();
  }

  /** Makes room for `count` objects. */
  reserve(count: number): void {
    this.#table.reserve(count - (this.#buckets?.count ?? 0));
  }

  /** Runs `write`, which changes the map, so that `consistent` in another thread does not see half of it. */
  change(write: () => void): void {
    Atomics.add(this.#sequence, 0, 1);
    try {
      write();
    } finally {
      Atomics.add(this.#sequence, 0, 1);
    }
  }

  /** `get` for a thread that is not the writer. */
  consistent(oid: Oid): number {
    for (;;) {
      const before = Atomics.load(this.#sequence, 0);
      if (before % 2 === 0) {
        const position = this.get(oid);
        if (Atomics.load(this.#sequence, 0) === before) return position;
      } else {
        Atomics.wait(this.#sequence, 0, before, 1);
      }
    }
  }

  /** Calls `visit` for every object, in no order. */
  forEach(visit: (high: number, low: number, position: number) => void): void {
    this.#settle();
    this.#buckets?.forEach(visit);
    this.#table.forEach(visit);
  }

  /** The largest oid, -1 if there is none. */
  highest(): bigint {
    const inBuckets = this.#mended(() => this.#buckets?.highest()) ?? -1n;
    const inTable = this.#table.highest();
    return inBuckets < inTable ? inTable : inBuckets;
  }

  /** The smallest oid from `oid` on, `undefined` where there is none. */
  next(oid: Oid): Oid | undefined {
    const inBuckets = this.#mended(() => this.#buckets?.next(oid));
    const ordered = this.#order();
    const inTable = ordered[firstFrom(ordered, oid)];
    const first = inBuckets === undefined || (inTable !== undefined && inTable < inBuckets);
    return (first ? inTable : inBuckets) as Oid | undefined;
  }

  /**
   * The entries of an index file: prefixes in ascending order, and what stands beside each, which is valid until the next change
   * and until the next entries are asked for: new memory for each would not be free before all is done.
   */
  *entries(): Generator<readonly [prefix: number, entries: Uint8Array]> {
    this.#settle();
    const oids = this.#order();
    const room = new Uint8Array(oids.length === 0 ? 0 : MOST_ENTRIES * 8);
    let at = 0;
    for (const [prefix, entries] of this.#buckets?.entries() ?? []) {
      for (; at < oids.length && prefixAt(oids, at) < prefix; at = endOf(oids, at))
        yield this.#made(room, oids, at, endOf(oids, at));
      if (at < oids.length && prefixAt(oids, at) === prefix) {
        const all = merged(prefix, entries, oids.subarray(at, endOf(oids, at)));
        at = endOf(oids, at);
        yield this.#made(room, all, 0, all.length);
      } else yield [prefix, entries];
    }
    for (; at < oids.length; at = endOf(oids, at))
      yield this.#made(room, oids, at, endOf(oids, at));
  }

  // The entries of the oids from `start` to `end`, which have one prefix, in `room`.
  #made(
    room: Uint8Array,
    oids: BigUint64Array,
    start: number,
    end: number,
  ): readonly [prefix: number, entries: Uint8Array] {
    const count = end - start;
    const prefix = prefixAt(oids, start);
    const high = Math.floor(prefix / 0x1_0000);
    const middle = (prefix % 0x1_0000) * 0x1_0000;
    const entries = room.subarray(0, count * 8);
    const halves = new Uint32Array(oids.buffer, oids.byteOffset);
    for (let i = 0; i < count; i++) {
      const ending = (halves[2 * (start + i) + LOW_HALF] as number) & 0xffff;
      const position = this.find(high, middle + ending);
      entries[2 * i] = ending >>> 8;
      entries[2 * i + 1] = ending;
      const at = 2 * count + 6 * i;
      const upper = Math.floor(position / TWO_32);
      entries[at] = upper >>> 8;
      entries[at + 1] = upper;
      writeU32(entries, position >>> 0, at + 2);
    }
    return [prefix, entries];
  }

  #settle(): void {
    this.#mended(() => this.#buckets?.settle());
  }

  #mended<T>(ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      this.#mend(error);
      return ask();
    }
  }

  // No other thread has seen buckets that are not known to be right.
  #mend(error: unknown): void {
    if (this.#remake === undefined || !isZodbError(error, 'CORRUPTED')) throw error;
    const made = this.#remake(this.end);
    this.#buckets?.close();
    this.#buckets = undefined;
    this.#ordered = undefined;
    made.end = this.end;
    this.#table = made.#table;
    this.#isMended = true;
  }

  #order(): BigUint64Array {
    if (this.#ordered?.length !== this.#table.count) this.#ordered = this.#table.oids();
    return this.#ordered;
  }
}

function firstFrom(oids: BigUint64Array, oid: bigint): number {
  let low = 0;
  let high = oids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((oids[middle] as bigint) < oid) low = middle + 1;
    else high = middle;
  }
  return low;
}

function prefixAt(oids: BigUint64Array, at: number): number {
  return Number((oids[at] as bigint) >> 16n);
}

// Where the oids end that share the prefix of the one at `at`.
function endOf(oids: BigUint64Array, at: number): number {
  const prefix = (oids[at] as bigint) >> 16n;
  const next = oids[at + 1];
  if (next === undefined || next >> 16n !== prefix) return at + 1;
  return firstFrom(oids, (prefix + 1n) << 16n);
}

// The oids of a bucket and others of the same prefix, in order.
function merged(prefix: number, entries: Uint8Array, others: BigUint64Array): BigUint64Array {
  const count = entries.length / 8;
  const oids = new BigUint64Array(count + others.length);
  oids.set(others);
  for (let i = 0; i < count; i++) {
    const ending = ((entries[2 * i] as number) << 8) | (entries[2 * i + 1] as number);
    oids[others.length + i] = (BigInt(prefix) << 16n) | BigInt(ending);
  }
  return oids.sort();
}

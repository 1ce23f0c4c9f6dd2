// What a pack remembers of objects: for each oid the position of the record that was current at the pack time, later its
// position in the new file, and some marks. The table is made for a known set of oids. Each has an ordinal, its rank among
// them; oids that share their first 6 bytes stand together, in the form of an index file: n endings of 2 bytes, then n
// positions of 6. So the table becomes the index of the new file where it stands, and takes 9 bytes an object where oids are
// dense, 21 where no two are neighbours.

import { readU32, writeU32 } from '../zodb/bytes.ts';
import { readU16 } from './format.ts';
import { NumberList } from './growing-list.ts';
import { type BucketAt, IndexBuckets, SMALLEST_BUCKET } from './index-buckets.ts';
import { IndexMap } from './index-map.ts';
import { IndexTable } from './index-table.ts';

/** A record of the object is current at the pack time. */
export const CURRENT = 1;
/** It is kept. */
export const REACHABLE = 2;
/** A record after the pack time refers to it. */
export const WANTED = 4;
/** A record of it stands after the pack time. */
export const LATER = 8;
/** The current record has no data: what it points back to says that the object ceased to exist. */
export const EMPTY = 16;
/** Its references are not remembered. */
export const FORGOTTEN = 32;

const ENDING = 2;
const POSITION = 6;
const ENTRY = ENDING + POSITION;
const TWO_16 = 0x1_0000;
const TWO_32 = 0x1_0000_0000;

export class PackTable {
  /** Number of objects. */
  readonly count: number;
  /** CURRENT, REACHABLE, WANTED, LATER, EMPTY, FORGOTTEN of each ordinal. */
  readonly marks: Uint8Array;
  readonly #prefixes: Float64Array;
  // The ordinal of the first oid of each group, and behind them the number of oids.
  readonly #starts: Float64Array;
  readonly #bytes: Uint8Array;
  // The group of the last look-up: the next one is often of the same.
  #group = 0;

  /** A table for the oids of `index`, all positions 0. */
  constructor(index: IndexMap) {
    const prefixes = new NumberList();
    const starts = new NumberList();
    let bytes: Uint8Array | undefined;
    let count = 0;
    for (const [prefix, entries] of index.entries()) {
      // An index may find itself damaged, and count anew, when all of it is read.
      bytes ??= new Uint8Array(new SharedArrayBuffer(index.count * ENTRY));
      prefixes.push(prefix);
      starts.push(count);
      const length = entries.length / ENTRY;
      bytes.set(entries.subarray(0, length * ENDING), count * ENTRY);
      count += length;
    }
    starts.push(count);
    this.count = count;
    this.marks = new Uint8Array(count);
    this.#prefixes = prefixes.all();
    this.#starts = starts.all();
    this.#bytes = bytes ?? new Uint8Array();
  }

  /** The ordinal of an oid given as two halves, -1 if the table has none. */
  find(high: number, low: number): number {
    const group = this.#groupOf(high * TWO_16 + (low >>> 16));
    if (group < 0) return -1;
    const first = this.#starts[group] as number;
    const count = (this.#starts[group + 1] as number) - first;
    const at = first * ENTRY;
    const bytes = this.#bytes;
    const ending = low & 0xffff;
    // No gaps before it: then its place is known.
    const guess = ending - readU16(bytes, at);
    if (guess < 0) return -1;
    if (guess < count && readU16(bytes, at + guess * ENDING) === ending) return first + guess;
    let start = 0;
    let end = Math.min(guess, count);
    while (start < end) {
      const middle = (start + end) >>> 1;
      if (readU16(bytes, at + middle * ENDING) < ending) start = middle + 1;
      else end = middle;
    }
    return start < count && readU16(bytes, at + start * ENDING) === ending ? first + start : -1;
  }

  /** The oid of an ordinal. */
  oid(ordinal: number): bigint {
    return (BigInt(this.oidHigh(ordinal)) << 32n) | BigInt(this.oidLow(ordinal));
  }

  /** The first half of the oid. */
  oidHigh(ordinal: number): number {
    this.#moveTo(ordinal);
    return Math.floor((this.#prefixes[this.#group] as number) / TWO_16);
  }

  /** The second half of the oid. */
  oidLow(ordinal: number): number {
    this.#moveTo(ordinal);
    const first = this.#starts[this.#group] as number;
    const ending = readU16(this.#bytes, first * ENTRY + (ordinal - first) * ENDING);
    return ((this.#prefixes[this.#group] as number) % TWO_16) * TWO_16 + ending;
  }

  /** The position of an ordinal, 0 for none. */
  position(ordinal: number): number {
    return readPosition(this.#bytes, this.#placeOf(ordinal));
  }

  setPosition(ordinal: number, position: number): void {
    writePosition(this.#bytes, position, this.#placeOf(ordinal));
  }

  has(ordinal: number, mark: number): boolean {
    return ((this.marks[ordinal] as number) & mark) !== 0;
  }

  mark(ordinal: number, mark: number): void {
    this.marks[ordinal] = (this.marks[ordinal] as number) | mark;
  }

  unmark(ordinal: number, mark: number): void {
    this.marks[ordinal] = (this.marks[ordinal] as number) & ~mark;
  }

  /** How many positions are not 0. */
  positions(): number {
    let count = 0;
    for (let group = 0; group < this.#prefixes.length; group++) count += this.#kept(group);
    return count;
  }

  /**
   * An index, which covers a file up to `end`, of the positions that are not 0, in the memory of this table, which is used up.
   * @param more the number of objects to make room for beside them
   */
  toIndex(end: number, more: number): IndexMap {
    let inBuckets = 0;
    let others = 0;
    for (let group = 0; group < this.#prefixes.length; group++) {
      const kept = this.#kept(group);
      if (kept >= SMALLEST_BUCKET) inBuckets += kept;
      else others += kept;
    }
    const worth = inBuckets > others;
    const table = new IndexTable(more + others + (worth ? 0 : inBuckets));
    const buckets: BucketAt[] = [];
    let start = 0;
    for (let group = 0; group < this.#prefixes.length; group++) {
      const count = this.#kept(group);
      if (worth && count >= SMALLEST_BUCKET) {
        this.#compact(group, start, count);
        buckets.push({ prefix: this.#prefixes[group] as number, start, count, read: true });
        start += count * ENTRY;
      } else if (count > 0) this.#fill(table, group);
    }
    const index = new IndexMap(0, worth ? this.#buckets(buckets, start, end) : undefined, table);
    index.end = end;
    return index;
  }

  // Much that is left over is not kept for as long as the index is.
  #buckets(buckets: readonly BucketAt[], length: number, end: number): IndexBuckets {
    let bytes = this.#bytes;
    if (length < bytes.length * 0.75) {
      bytes = new Uint8Array(new SharedArrayBuffer(length));
      bytes.set(this.#bytes.subarray(0, length));
    }
    return IndexBuckets.of({ bytes, fill: () => undefined, close: () => undefined }, buckets, end);
  }

  // Brings the entries of a group whose position is not 0, of which there are `kept`, to `to`, which is not behind them.
  #compact(group: number, to: number, kept: number): void {
    const bytes = this.#bytes;
    const from = (this.#starts[group] as number) * ENTRY;
    const count = (this.#starts[group + 1] as number) - (this.#starts[group] as number);
    const positions = from + count * ENDING;
    if (kept === count) {
      bytes.copyWithin(to, from, from + count * ENTRY);
      return;
    }
    let at = to;
    for (let i = 0; i < count; i++)
      if (readPosition(bytes, positions + i * POSITION) !== 0) {
        bytes[at++] = bytes[from + i * ENDING] as number;
        bytes[at++] = bytes[from + i * ENDING + 1] as number;
      }
    for (let i = 0; i < count; i++) {
      const position = readPosition(bytes, positions + i * POSITION);
      if (position === 0) continue;
      writePosition(bytes, position, at);
      at += POSITION;
    }
  }

  #fill(table: IndexTable, group: number): void {
    const prefix = this.#prefixes[group] as number;
    const high = Math.floor(prefix / TWO_16);
    const middle = (prefix % TWO_16) * TWO_16;
    const first = this.#starts[group] as number;
    const end = this.#starts[group + 1] as number;
    for (let i = first; i < end; i++) {
      const position = this.position(i);
      const ending = readU16(this.#bytes, first * ENTRY + (i - first) * ENDING);
      if (position !== 0) table.put(high, middle + ending, position);
    }
  }

  // How many positions of a group are not 0.
  #kept(group: number): number {
    const end = this.#starts[group + 1] as number;
    let count = 0;
    for (let i = this.#starts[group] as number; i < end; i++) if (this.position(i) !== 0) count++;
    return count;
  }

  // Where the position of an ordinal stands.
  #placeOf(ordinal: number): number {
    this.#moveTo(ordinal);
    const first = this.#starts[this.#group] as number;
    const end = this.#starts[this.#group + 1] as number;
    return first * ENTRY + (end - first) * ENDING + (ordinal - first) * POSITION;
  }

  // Makes the group of an ordinal the one of the last look-up.
  #moveTo(ordinal: number): void {
    const starts = this.#starts;
    if (ordinal >= (starts[this.#group] as number) && ordinal < (starts[this.#group + 1] as number))
      return;
    let start = 0;
    let end = this.#prefixes.length;
    while (end - start > 1) {
      const middle = (start + end) >>> 1;
      if ((starts[middle] as number) <= ordinal) start = middle;
      else end = middle;
    }
    this.#group = start;
  }

  #groupOf(prefix: number): number {
    const prefixes = this.#prefixes;
    if (prefixes[this.#group] === prefix) return this.#group;
    let start = 0;
    let end = prefixes.length;
    while (start < end) {
      const middle = (start + end) >>> 1;
      if ((prefixes[middle] as number) < prefix) start = middle + 1;
      else end = middle;
    }
    if (prefixes[start] !== prefix) return -1;
    this.#group = start;
    return start;
  }
}

function readPosition(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at) * TWO_32 + readU32(bytes, at + 2);
}

function writePosition(bytes: Uint8Array, position: number, at: number): void {
  const upper = Math.floor(position / TWO_32);
  bytes[at] = upper >>> 8;
  bytes[at + 1] = upper;
  writeU32(bytes, position >>> 0, at + 2);
}

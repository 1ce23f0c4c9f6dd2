// What a pack remembers of objects: for each oid the position of the record that was current at the pack time, later its
// position in the new file, and some marks. The table is made for a known set of oids. Each has an ordinal, its rank among
// them; oids that share their first 6 bytes stand together, as in an index file. That takes 9 bytes an object where oids
// are dense, and 21 where no two are neighbours.

import type { IndexMap } from './index-map.ts';

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

const TWO_16 = 0x1_0000;
const TWO_32 = 0x1_0000_0000;
/** Which of its two numbers of 32 bits is the low one of a bigint in memory. */
const LOW_HALF = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

export class PackTable {
  /** Number of objects. */
  readonly count: number;
  /** CURRENT, REACHABLE, WANTED, LATER, EMPTY of each ordinal. */
  readonly marks: Uint8Array;
  readonly #prefixes: Float64Array;
  readonly #starts: Uint32Array;
  readonly #suffixes: Uint16Array;
  readonly #low: Uint32Array;
  readonly #high: Uint16Array;
  // The group of the last look-up: the next one is often of the same.
  #group = 0;

  /** A table for the oids of `index`, all positions 0. */
  constructor(index: IndexMap) {
    const oids = sortedOids(index);
    this.count = oids.length;
    let groups = 0;
    let before = -1n;
    for (const oid of oids) {
      if (oid >> 16n !== before) groups++;
      before = oid >> 16n;
    }
    this.marks = new Uint8Array(this.count);
    this.#prefixes = new Float64Array(groups);
    this.#starts = new Uint32Array(groups + 1);
    this.#suffixes = new Uint16Array(this.count);
    this.#low = new Uint32Array(this.count);
    this.#high = new Uint16Array(this.count);
    let group = -1;
    for (let i = 0; i < oids.length; i++) {
      const oid = oids[i] as bigint;
      const prefix = Number(oid >> 16n);
      if (group < 0 || this.#prefixes[group] !== prefix) {
        this.#prefixes[++group] = prefix;
        this.#starts[group] = i;
      }
      this.#suffixes[i] = Number(oid & 0xffffn);
    }
    this.#starts[groups] = this.count;
  }

  /** The ordinal of an oid given as two halves, -1 if the table has none. */
  find(high: number, low: number): number {
    const group = this.#groupOf(high * TWO_16 + (low >>> 16));
    if (group < 0) return -1;
    const suffix = low & 0xffff;
    const suffixes = this.#suffixes;
    let start = this.#starts[group] as number;
    let end = this.#starts[group + 1] as number;
    // No gaps before it: then its place is known.
    const guess = start + suffix - (suffixes[start] as number);
    if (guess >= start && guess < end && suffixes[guess] === suffix) return guess;
    while (start < end) {
      const middle = (start + end) >>> 1;
      if ((suffixes[middle] as number) < suffix) start = middle + 1;
      else end = middle;
    }
    const found = start < (this.#starts[group + 1] as number) && suffixes[start] === suffix;
    return found ? start : -1;
  }

  /** The oid of an ordinal. */
  oid(ordinal: number): bigint {
    let start = 0;
    let end = this.#prefixes.length;
    while (end - start > 1) {
      const middle = (start + end) >>> 1;
      if ((this.#starts[middle] as number) <= ordinal) start = middle;
      else end = middle;
    }
    const prefix = BigInt(this.#prefixes[start] as number);
    return (prefix << 16n) | BigInt(this.#suffixes[ordinal] as number);
  }

  /** The position of an ordinal, 0 for none. */
  position(ordinal: number): number {
    return (this.#high[ordinal] as number) * TWO_32 + (this.#low[ordinal] as number);
  }

  setPosition(ordinal: number, position: number): void {
    this.#low[ordinal] = position;
    this.#high[ordinal] = position / TWO_32;
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

  /** Puts all positions that are not 0 into `index`. */
  fill(index: IndexMap): void {
    for (let group = 0; group < this.#prefixes.length; group++) {
      const prefix = this.#prefixes[group] as number;
      const high = Math.floor(prefix / TWO_16);
      const middle = (prefix % TWO_16) * TWO_16;
      const end = this.#starts[group + 1] as number;
      for (let i = this.#starts[group] as number; i < end; i++) {
        const position = this.position(i);
        if (position !== 0) index.put(high, middle + (this.#suffixes[i] as number), position);
      }
    }
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

function sortedOids(index: IndexMap): BigUint64Array {
  const oids = new BigUint64Array(index.count);
  const halves = new Uint32Array(oids.buffer);
  let i = 0;
  index.forEach((high, low) => {
    halves[i + LOW_HALF] = low;
    halves[i + 1 - LOW_HALF] = high;
    i += 2;
  });
  return oids.sort();
}

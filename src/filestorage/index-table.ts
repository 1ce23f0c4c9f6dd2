// The part of the index that takes new oids: a hash table, with open addressing and linear probing over three arrays: oids
// (two halves), and the low 32 and high 16 bits of positions. The root (oid 0) stands in the header, so that an oid of
// zero marks an empty slot. A table that grows moves to new memory and marks the old one retired.

/** The memory of an IndexTable: structured-cloneable. */
export interface TableBuffers {
  readonly header: SharedArrayBuffer;
  readonly oids: SharedArrayBuffer;
  readonly low: SharedArrayBuffer;
  readonly high: SharedArrayBuffer;
}

const RETIRED = 0;
const COUNT = 1;
const ROOT_LOW = 2;
const ROOT_HIGH = 3;
const END_LOW = 4;
const END_HIGH = 5;
const HEADER_WORDS = 6;

// Between growths a slot of 14 bytes is used to 60-85 %: 16.5 to 23.1 bytes an object.
const FULL = 0.85;
const GROWTH = 1.4;
const SMALLEST = 256;
const TWO_32 = 0x1_0000_0000;

export class IndexTable {
  #header: Int32Array;
  #oids: Uint32Array;
  #low: Uint32Array;
  #high: Uint16Array;
  #slots: number;
  #limit: number;

  /** @param capacity the number of objects to make room for at once */
  constructor(capacity = 0) {
    const slots = Math.max(SMALLEST, Math.ceil(capacity / FULL) + 1);
    this.#header = new Int32Array(new SharedArrayBuffer(HEADER_WORDS * 4));
    this.#oids = new Uint32Array(new SharedArrayBuffer(slots * 8));
    this.#low = new Uint32Array(new SharedArrayBuffer(slots * 4));
    this.#high = new Uint16Array(new SharedArrayBuffer(slots * 2));
    this.#slots = slots;
    this.#limit = Math.floor(slots * FULL);
  }

  /** The map that another thread described with `buffers`, for reading. */
  static over(buffers: TableBuffers): IndexTable {
    const map = new IndexTable();
    map.#header = new Int32Array(buffers.header);
    map.#oids = new Uint32Array(buffers.oids);
    map.#low = new Uint32Array(buffers.low);
    map.#high = new Uint16Array(buffers.high);
    map.#slots = map.#low.length;
    map.#limit = 0;
    return map;
  }

  get buffers(): TableBuffers {
    return {
      header: this.#header.buffer as SharedArrayBuffer,
      oids: this.#oids.buffer as SharedArrayBuffer,
      low: this.#low.buffer as SharedArrayBuffer,
      high: this.#high.buffer as SharedArrayBuffer,
    };
  }

  /** Number of objects. */
  get count(): number {
    return (this.#header[COUNT] as number) + (this.#rootPosition() === 0 ? 0 : 1);
  }

  /** Bytes of shared memory in use. */
  get byteLength(): number {
    return this.#slots * 14 + HEADER_WORDS * 4;
  }

  /** The position in the file up to which this map knows every record. */
  get end(): number {
    return (
      ((this.#header[END_HIGH] as number) >>> 0) * TWO_32 +
      ((this.#header[END_LOW] as number) >>> 0)
    );
  }

  set end(position: number) {
    this.#header[END_LOW] = position >>> 0;
    this.#header[END_HIGH] = Math.floor(position / TWO_32);
  }

  /** Whether this map has moved to other memory: what `over` sees here stays as it was at that moment. */
  get retired(): boolean {
    return Atomics.load(this.#header, RETIRED) !== 0;
  }

  /** The position of the newest record of the oid of these two halves, 0 if there is none. */
  find(high: number, low: number): number {
    if (high === 0 && low === 0) return this.#rootPosition();
    const slot = this.#slotOf(high, low);
    return (this.#high[slot] as number) * TWO_32 + (this.#low[slot] as number);
  }

  put(high: number, low: number, position: number): void {
    if (high === 0 && low === 0) {
      this.#header[ROOT_LOW] = position >>> 0;
      this.#header[ROOT_HIGH] = Math.floor(position / TWO_32);
      return;
    }
    let slot = this.#slotOf(high, low);
    if (this.#oids[2 * slot] === 0 && this.#oids[2 * slot + 1] === 0) {
      if ((this.#header[COUNT] as number) >= this.#limit) {
        this.reserve((this.#header[COUNT] as number) + 1);
        slot = this.#slotOf(high, low);
      }
      this.#header[COUNT] = (this.#header[COUNT] as number) + 1;
      this.#oids[2 * slot] = high;
      this.#oids[2 * slot + 1] = low;
    }
    this.#low[slot] = position;
    this.#high[slot] = Math.floor(position / TWO_32);
  }

  /** Makes room for `count` objects. */
  reserve(count: number): void {
    if (count <= this.#limit) return;
    const grown = new IndexTable(Math.max(count, Math.ceil(this.#slots * GROWTH * FULL)));
    for (let slot = 0; slot < this.#slots; slot++) {
      const high = this.#oids[2 * slot] as number;
      const low = this.#oids[2 * slot + 1] as number;
      if (high !== 0 || low !== 0) grown.put(high, low, this.find(high, low));
    }
    grown.put(0, 0, this.#rootPosition());
    grown.end = this.end;
    Atomics.store(this.#header, RETIRED, 1);
    this.#header = grown.#header;
    this.#oids = grown.#oids;
    this.#low = grown.#low;
    this.#high = grown.#high;
    this.#slots = grown.#slots;
    this.#limit = grown.#limit;
  }

  /** Calls `visit` for every object, in no order. */
  forEach(visit: (high: number, low: number, position: number) => void): void {
    const root = this.#rootPosition();
    if (root !== 0) visit(0, 0, root);
    for (let slot = 0; slot < this.#slots; slot++) {
      const high = this.#oids[2 * slot] as number;
      const low = this.#oids[2 * slot + 1] as number;
      if (high !== 0 || low !== 0)
        visit(high, low, (this.#high[slot] as number) * TWO_32 + (this.#low[slot] as number));
    }
  }

  /** All oids in order. */
  oids(): BigUint64Array {
    const oids = new BigUint64Array(this.count);
    let i = 0;
    this.forEach((high, low) => {
      oids[i++] = (BigInt(high) << 32n) | BigInt(low);
    });
    return oids.sort();
  }

  /** The largest oid, -1 if there is none. */
  highest(): bigint {
    if (this.count === 0) return -1n;
    let highest = 0;
    let lowest = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      const high = this.#oids[2 * slot] as number;
      const low = this.#oids[2 * slot + 1] as number;
      if (high > highest || (high === highest && low > lowest)) {
        highest = high;
        lowest = low;
      }
    }
    return (BigInt(highest) << 32n) | BigInt(lowest);
  }

  #rootPosition(): number {
    return (
      ((this.#header[ROOT_HIGH] as number) >>> 0) * TWO_32 +
      ((this.#header[ROOT_LOW] as number) >>> 0)
    );
  }

  // The slot that holds the oid, or the empty one where it belongs.
  #slotOf(high: number, low: number): number {
    let mixed = low ^ Math.imul(high, 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed = (mixed ^ (mixed >>> 16)) >>> 0;
    const oids = this.#oids;
    let slot = Math.floor((mixed * this.#slots) / TWO_32);
    for (;;) {
      const foundLow = oids[2 * slot + 1] as number;
      const foundHigh = oids[2 * slot] as number;
      if (foundLow === low && foundHigh === high) return slot;
      if (foundLow === 0 && foundHigh === 0) return slot;
      slot++;
      if (slot === this.#slots) slot = 0;
    }
  }
}

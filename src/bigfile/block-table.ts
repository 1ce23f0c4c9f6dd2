// Which object each loaded block of a region came from, and which records of the block table were read on the way. The
// thread that loads writes it, the thread that computes reads it: that is how a change of a record, which is all a
// database reports, becomes a change of a block.

import type { Oid } from '../zodb/ids.ts';

/** Oids that a block may have: nothing loaded yet, or loaded as a hole. */
const UNKNOWN = 0;
const HOLE = 0xffffffff;

/** How many records of the block table are noted; when there are more, every change may concern it. */
const NODES = 32768;

/** What a second thread needs to share the table. */
export interface SharedBlockTable {
  readonly halves: SharedArrayBuffer;
  readonly nodes: SharedArrayBuffer;
}

export class BlockTable {
  /** High and low half of the oid, block after block. */
  readonly #halves: Uint32Array;
  /** How many nodes there are, then high and low half of each. */
  readonly #nodes: Uint32Array;
  /** What this thread has noted. */
  readonly #noted = new Set<Oid>();

  constructor(shared: SharedBlockTable) {
    this.#halves = new Uint32Array(shared.halves);
    this.#nodes = new Uint32Array(shared.nodes);
  }

  /** Memory for a table of `blocks` blocks; it costs nothing until it is written. */
  static allocate(blocks: number): SharedBlockTable {
    return {
      halves: new SharedArrayBuffer(blocks * 8),
      nodes: new SharedArrayBuffer((1 + 2 * NODES) * 4),
    };
  }

  /** Notes what a block was loaded from; `undefined` for a hole. */
  setBlock(block: number, oid: Oid | undefined): void {
    this.#halves[2 * block] = oid === undefined ? HOLE : Number(oid >> 32n);
    this.#halves[2 * block + 1] = oid === undefined ? HOLE : Number(oid & 0xffffffffn);
  }

  /** Whether a block is noted as coming from this object. */
  isFrom(block: number, oid: Oid | undefined): boolean {
    return oid !== undefined && this.#key(block) === Number(oid);
  }

  /** The blocks that were loaded from one of these objects. */
  blocksOf(changed: ReadonlySet<Oid>): number[] {
    const keys = new Set([...changed].map((oid) => Number(oid)));
    const found: number[] = [];
    for (const block of this.#loaded()) {
      if (keys.has(this.#key(block))) found.push(block);
    }
    return found;
  }

  /** The blocks whose object is not the one that `now` gives for them. */
  blocksOtherThan(now: (block: number) => Oid | undefined): number[] {
    const found: number[] = [];
    for (const block of this.#loaded()) {
      const oid = now(block);
      const key = oid === undefined ? HOLE * 2 ** 32 + HOLE : Number(oid);
      if (key !== this.#key(block)) found.push(block);
    }
    return found;
  }

  /** Forgets blocks: they will be loaded anew. */
  forget(blocks: readonly number[]): void {
    for (const block of blocks) this.#halves.fill(UNKNOWN, 2 * block, 2 * block + 2);
  }

  /**
   * Notes that a record of the block table was read. It stays noted although the table changes: blocks that were found by
   * it are still in memory.
   */
  addNode(oid: Oid): void {
    if (this.#noted.has(oid)) return;
    this.#noted.add(oid);
    const count = this.#nodes[0] as number;
    if (count < NODES) {
      this.#nodes[1 + 2 * count] = Number(oid >> 32n);
      this.#nodes[2 + 2 * count] = Number(oid & 0xffffffffn);
    }
    Atomics.store(this.#nodes, 0, count + 1);
  }

  /** Whether one of these objects is a record of the block table (or may be, where not all are noted). */
  hasNode(changed: ReadonlySet<Oid>): boolean {
    const count = this.#nodes[0] as number;
    if (count > NODES) return true;
    const keys = new Set([...changed].map((oid) => Number(oid)));
    for (let i = 0; i < count; i++) {
      const key = (this.#nodes[1 + 2 * i] as number) * 2 ** 32 + (this.#nodes[2 + 2 * i] as number);
      if (keys.has(key)) return true;
    }
    return false;
  }

  *#loaded(): IterableIterator<number> {
    for (let block = 0; block < this.#halves.length / 2; block++) {
      if (this.#halves[2 * block + 1] !== UNKNOWN || this.#halves[2 * block] !== UNKNOWN)
        yield block;
    }
  }

  #key(block: number): number {
    return (this.#halves[2 * block] as number) * 2 ** 32 + (this.#halves[2 * block + 1] as number);
  }
}

// Which objects can be reached: the references between objects as numbers, and the marking of what the root, or another
// object, leads to. References are only remembered where they may be needed later: of an object that is known to be
// reachable when its record is read, they are marked at once. Files are mostly written from the root on, so few stay.

import { NumberList } from './growing-list.ts';
import { CURRENT, LATER, type PackTable, REACHABLE } from './pack-table.ts';

const CHUNK = 0x1_0000;
const EDGES = 0x10_0000;
const TWO_32 = 0x1_0000_0000;
const AFTER = TWO_32;

/** A reference to an object that is not there. */
export interface Dangling {
  readonly from: bigint;
  readonly to: bigint;
}

export class PackGraph {
  readonly #table: PackTable;
  // For each ordinal whose references wait, where they stand in `#edges`: their number, then the ordinals.
  readonly #starts: (Uint32Array | undefined)[];
  readonly #edges: Uint32Array[] = [];
  #edgesUsed = 1;
  readonly #pending: number[] = [];
  // From ordinal, more by AFTER where a record after the pack time refers, and the two halves of the oid that is not there.
  readonly #missing = new NumberList();

  constructor(table: PackTable) {
    this.#table = table;
    this.#starts = new Array(Math.ceil(table.count / CHUNK));
  }

  /** The references of the current record of an object. `targets` are ordinals. */
  addCurrent(ordinal: number, targets: readonly number[]): void {
    if (targets.length === 0) return;
    if (this.#table.has(ordinal, REACHABLE)) {
      for (const target of targets) this.#mark(target);
      this.#followPending();
      return;
    }
    let starts = this.#starts[Math.floor(ordinal / CHUNK)];
    if (starts === undefined) {
      starts = new Uint32Array(CHUNK);
      this.#starts[Math.floor(ordinal / CHUNK)] = starts;
    }
    starts[ordinal % CHUNK] = this.#edgesUsed;
    this.#addEdge(targets.length);
    for (const target of targets) this.#addEdge(target);
  }

  /** A reference, from a record after the pack time or before, to an object that is not there then. */
  addMissing(from: number, after: boolean, high: number, low: number): void {
    this.#missing.push(after ? from + AFTER : from);
    this.#missing.push(high);
    this.#missing.push(low);
  }

  /** Marks what stands at `ordinal` at the pack time as reachable, and all that it leads to. */
  reach(ordinal: number): void {
    this.#mark(ordinal);
    this.#followPending();
  }

  /** The references from kept records to what is nowhere: the first of them, and how many there are. */
  dangling(keep: number): [Dangling[], number] {
    const table = this.#table;
    const first: Dangling[] = [];
    let count = 0;
    for (let i = 0; i < this.#missing.length; i += 3) {
      const source = this.#missing.get(i);
      const from = source % AFTER;
      const high = this.#missing.get(i + 1);
      const low = this.#missing.get(i + 2);
      if (source < AFTER && !table.has(from, REACHABLE)) continue;
      const ordinal = table.find(high, low);
      if (ordinal >= 0 && table.has(ordinal, LATER)) continue;
      count++;
      if (first.length < keep)
        first.push({ from: table.oid(from), to: (BigInt(high) << 32n) | BigInt(low) });
    }
    return [first, count];
  }

  #mark(ordinal: number): void {
    const table = this.#table;
    if (((table.marks[ordinal] as number) & (CURRENT | REACHABLE)) !== CURRENT) return;
    table.mark(ordinal, REACHABLE);
    if (this.#startOf(ordinal) !== 0) this.#pending.push(ordinal);
  }

  #followPending(): void {
    for (let from = this.#pending.pop(); from !== undefined; from = this.#pending.pop()) {
      const start = this.#startOf(from);
      const count = this.#edge(start);
      for (let i = 1; i <= count; i++) this.#mark(this.#edge(start + i));
    }
  }

  #startOf(ordinal: number): number {
    return this.#starts[Math.floor(ordinal / CHUNK)]?.[ordinal % CHUNK] ?? 0;
  }

  #edge(index: number): number {
    return (this.#edges[Math.floor(index / EDGES)] as Uint32Array)[index % EDGES] as number;
  }

  #addEdge(value: number): void {
    const index = this.#edgesUsed++;
    if (index >= TWO_32) throw new RangeError('more than 2^32 references to remember');
    const chunk = Math.floor(index / EDGES);
    if (chunk === this.#edges.length) this.#edges.push(new Uint32Array(EDGES));
    (this.#edges[chunk] as Uint32Array)[index % EDGES] = value;
  }
}

// Which objects can be reached: the references between objects as numbers, and the marking of what the root, or another
// object, leads to. References are only remembered where they may be needed later: of an object that is known to be
// reachable when its record is read, they are marked at once. Files are mostly written from the root on, so few stay. Where
// many do, no more than a byte an object is taken for them; records beyond are read again when they are reached.

import { NumberList } from './growing-list.ts';
import { CURRENT, FORGOTTEN, LATER, type PackTable, REACHABLE } from './pack-table.ts';

const CHUNK = 0x4000;
const BYTES = 4;
const AFTER = 0x1_0000_0000;

/** Tells the targets of the references of the current record of an object. */
export type ReadAgain = (ordinal: number, found: (target: number) => void) => void;

/** A reference to an object that is not there. */
export interface Dangling {
  readonly from: bigint;
  readonly to: bigint;
}

export class PackGraph {
  readonly #table: PackTable;
  readonly #readAgain: ReadAgain;
  // How many more chunks may be made for references that wait.
  #chunksLeft: number;
  // For each ordinal whose references wait, where they stand in `#edges`: their number, then the ordinals.
  readonly #starts: (Uint32Array | undefined)[];
  readonly #edges: Uint32Array[] = [];
  #edgesUsed = 1;
  // The references of the record that is being read.
  #targets: Uint32Array = new Uint32Array(256);
  #targetCount = 0;
  readonly #pending: number[] = [];
  // From ordinal, more by AFTER where a record after the pack time refers, and the two halves of the oid that is not there.
  readonly #missing = new NumberList();
  readonly #markTarget = (target: number): void => this.#mark(target);

  constructor(table: PackTable, readAgain: ReadAgain) {
    this.#table = table;
    this.#readAgain = readAgain;
    this.#chunksLeft = Math.ceil(table.count / (CHUNK * BYTES)) + 1;
    this.#starts = new Array(Math.ceil(table.count / CHUNK));
  }

  /** A reference of the current record of the object that `addCurrent` will name. */
  addTarget(target: number): void {
    if (this.#targetCount === this.#targets.length) {
      const larger = new Uint32Array(this.#targetCount * 2);
      larger.set(this.#targets);
      this.#targets = larger;
    }
    this.#targets[this.#targetCount++] = target;
  }

  /** All references of the current record of this object were added. */
  addCurrent(ordinal: number): void {
    const count = this.#targetCount;
    this.#targetCount = 0;
    if (count === 0) return;
    if (this.#table.has(ordinal, REACHABLE)) {
      for (let i = 0; i < count; i++) this.#mark(this.#targets[i] as number);
      this.#followPending();
    } else if (this.#hasRoom(ordinal, count)) {
      (this.#starts[Math.floor(ordinal / CHUNK)] as Uint32Array)[ordinal % CHUNK] = this.#edgesUsed;
      this.#addEdge(count);
      for (let i = 0; i < count; i++) this.#addEdge(this.#targets[i] as number);
    } else this.#table.mark(ordinal, FORGOTTEN);
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
    if (table.has(ordinal, FORGOTTEN) || this.#startOf(ordinal) !== 0) this.#pending.push(ordinal);
  }

  #followPending(): void {
    for (let from = this.#pending.pop(); from !== undefined; from = this.#pending.pop()) {
      if (this.#table.has(from, FORGOTTEN)) {
        this.#readAgain(from, this.#markTarget);
        continue;
      }
      const start = this.#startOf(from);
      const count = this.#edge(start);
      for (let i = 1; i <= count; i++) this.#mark(this.#edge(start + i));
    }
  }

  // Makes room for the references of an object, unless they would take too much.
  #hasRoom(ordinal: number, count: number): boolean {
    const chunk = Math.floor(ordinal / CHUNK);
    const starts = this.#starts[chunk] === undefined ? 1 : 0;
    const edges = Math.ceil((this.#edgesUsed + count + 1) / CHUNK) - this.#edges.length;
    if (starts + edges > this.#chunksLeft) return false;
    this.#chunksLeft -= starts + edges;
    if (starts > 0) this.#starts[chunk] = new Uint32Array(CHUNK);
    for (let i = 0; i < edges; i++) this.#edges.push(new Uint32Array(CHUNK));
    return true;
  }

  #startOf(ordinal: number): number {
    return this.#starts[Math.floor(ordinal / CHUNK)]?.[ordinal % CHUNK] ?? 0;
  }

  #edge(index: number): number {
    return (this.#edges[Math.floor(index / CHUNK)] as Uint32Array)[index % CHUNK] as number;
  }

  #addEdge(value: number): void {
    const index = this.#edgesUsed++;
    (this.#edges[Math.floor(index / CHUNK)] as Uint32Array)[index % CHUNK] = value;
  }
}

// Copying what a pack keeps into the new file. Transactions up to the pack time become packed ones: of each the kept records
// remain, with their data in full and without a previous record, and one without any vanishes. Later transactions are
// copied as they are; only what says where something stands changes.

import { DATA_HEADER, MAGIC_LENGTH, STATUS, writeLong } from './format.ts';
import { IndexMap } from './index-map.ts';
import type { PackObserver } from './pack-blobs.ts';
import type { PackOutput } from './pack-output.ts';
import { eachReference, type PackPlan, SLICE } from './pack-plan.ts';
import { CURRENT, LATER, type PackTable, REACHABLE } from './pack-table.ts';
import { RecordWalk } from './pack-walk.ts';
import type { Source } from './source.ts';

const PIECE = 128 * 1024;

/** Copies the file of `source` by `plan`. From the first call on, the plan's table holds positions in the new file. */
export class PackCopy {
  /** Records that were left out. */
  recordsRemoved = 0;
  /** Where the newest record of each object that came into being after the plan was made stands. */
  readonly late: IndexMap = new IndexMap();
  readonly #source: Source;
  readonly #plan: PackPlan;
  readonly #table: PackTable;
  readonly #output: PackOutput;
  readonly #observer: PackObserver | undefined;
  // Where the records of `plan.targets` went.
  readonly #moved: Float64Array;
  #nextTarget = 0;
  readonly #header: Uint8Array = new Uint8Array(DATA_HEADER);
  #transaction = 0;

  constructor(source: Source, plan: PackPlan, output: PackOutput, observer?: PackObserver) {
    this.#source = source;
    this.#plan = plan;
    this.#table = plan.table;
    this.#output = output;
    this.#observer = observer;
    this.#moved = new Float64Array(plan.targets.length);
  }

  /** Copies the transactions up to the pack time; yields the bytes read since the last time. */
  *packed(): Generator<number, void> {
    const magic = new Uint8Array(MAGIC_LENGTH);
    this.#source.readInto(0, magic);
    this.#output.append(magic);
    const table = this.#table;
    for (let i = 0; i < table.count; i++) if (!table.has(i, REACHABLE)) table.setPosition(i, 0);
    const walk = new RecordWalk(this.#source);
    let told = 0;
    while (walk.nextTransaction(this.#plan.packEnd)) {
      let begun = false;
      while (walk.nextRecord()) {
        const ordinal = table.find(walk.oidHigh, walk.oidLow);
        const current = table.position(ordinal) === walk.position;
        const target = this.#takeTarget(walk.position);
        if (current || (target >= 0 && this.#isTargetKept(walk))) {
          if (!begun) this.#begin(walk, STATUS.packed);
          begun = true;
          const position = this.#copyInFull(walk, 0);
          if (target >= 0) this.#moved[target] = position;
          // Where the current record of the object is kept too, that one is the newest.
          if (current || !table.has(ordinal, REACHABLE)) table.setPosition(ordinal, position);
        } else {
          this.recordsRemoved++;
          if (this.#observer !== undefined) this.#tellRemoved(walk, ordinal);
        }
        if (walk.position - told >= SLICE) {
          yield walk.position - told;
          told = walk.position;
        }
      }
      if (begun) this.#end();
    }
    yield this.#plan.packEnd - told;
  }

  /**
   * Copies the transactions from `start` to `end`, which lie after the pack time; yields the bytes read since the last
   * time. Of those that were not there when the plan was made (`unplanned`) it tells whether one refers to an object that
   * is not kept: then a new plan is needed.
   */
  *later(start: number, end: number, unplanned: boolean): Generator<number, boolean> {
    const table = this.#table;
    const walk = new RecordWalk(this.#source, start);
    const changed: number[] = [];
    let told = start;
    let wanted = false;
    while (walk.nextTransaction(end)) {
      if (walk.status === STATUS.undone) continue;
      this.#begin(walk, walk.status);
      changed.length = 0;
      while (walk.nextRecord()) {
        const previous = this.#newest(walk.oidHigh, walk.oidLow);
        const target = this.#takeTarget(walk.position);
        const position = this.#copyLater(walk, previous);
        if (target >= 0) this.#moved[target] = position;
        changed.push(walk.oidHigh, walk.oidLow, position);
        if (unplanned)
          eachReference(walk, (high, low) => {
            const ordinal = table.find(high, low);
            if (
              ordinal >= 0 &&
              ((table.marks[ordinal] as number) & (CURRENT | REACHABLE | LATER)) === CURRENT
            )
              wanted = true;
          });
        if (walk.position - told >= SLICE) {
          yield walk.position - told;
          told = walk.position;
        }
      }
      this.#end();
      // Records of one object in one transaction have the same previous one.
      for (let i = 0; i < changed.length; i += 3)
        this.#put(changed[i] as number, changed[i + 1] as number, changed[i + 2] as number);
    }
    yield end - told;
    return wanted;
  }

  /** The number of objects in the new file. */
  get count(): number {
    return this.#table.positions() + this.late.count;
  }

  /** The index of the new file, into which the plan's table goes. */
  index(): IndexMap {
    const index = this.#table.toIndex(this.#output.position, this.late.count);
    this.late.forEach((high, low, position) => {
      index.put(high, low, position);
    });
    return index;
  }

  #begin(walk: RecordWalk, status: number): void {
    this.#transaction = this.#output.position;
    const at = walk.at(walk.transaction, walk.headerLength);
    this.#output.append(walk.bytes, at, at + 16);
    this.#output.append(Uint8Array.of(status));
    this.#output.append(walk.bytes, at + 17, at + walk.headerLength);
  }

  #end(): void {
    const length = this.#output.position - this.#transaction;
    this.#output.putLong(this.#transaction + 8, length);
    this.#output.appendLong(length);
  }

  #copyLater(walk: RecordWalk, previous: number): number {
    if (walk.back > 0) {
      const target = this.#moved[this.#findTarget(walk.back)];
      if (target !== undefined && target > 0) return this.#copyHeader(walk, previous, 0, target);
    }
    return this.#copyInFull(walk, previous);
  }

  // With its data, or, where the object ceased to exist, an empty back pointer.
  #copyInFull(walk: RecordWalk, previous: number): number {
    if (!walk.locate()) return this.#copyHeader(walk, previous, 0, 0);
    const position = this.#copyHeader(walk, previous, walk.dataLength);
    for (let done = 0; done < walk.dataLength; done += PIECE) {
      const length = Math.min(PIECE, walk.dataLength - done);
      const at = walk.at(walk.dataPosition + done, length);
      this.#output.append(walk.bytes, at, at + length);
    }
    return position;
  }

  #copyHeader(walk: RecordWalk, previous: number, length: number, back?: number): number {
    const position = this.#output.position;
    const header = this.#header;
    const at = walk.at(walk.position, DATA_HEADER);
    for (let i = 0; i < DATA_HEADER; i++) header[i] = walk.bytes[at + i] as number;
    writeLong(header, previous, 16);
    writeLong(header, this.#transaction, 24);
    writeLong(header, length, 34);
    this.#output.append(header);
    if (back !== undefined) this.#output.appendLong(back);
    return position;
  }

  #newest(high: number, low: number): number {
    const ordinal = this.#table.find(high, low);
    return ordinal < 0 ? this.late.find(high, low) : this.#table.position(ordinal);
  }

  #put(high: number, low: number, position: number): void {
    const ordinal = this.#table.find(high, low);
    if (ordinal < 0) this.late.put(high, low, position);
    else this.#table.setPosition(ordinal, position);
  }

  // Python drops, if it collects no garbage, the records that say that an object ceased to exist; so does this.
  #isTargetKept(walk: RecordWalk): boolean {
    return this.#plan.gc || walk.locate();
  }

  // Positions come in ascending order here, as `targets` are.
  #takeTarget(position: number): number {
    const { targets } = this.#plan;
    while ((targets[this.#nextTarget] as number) < position) this.#nextTarget++;
    return targets[this.#nextTarget] === position ? this.#nextTarget : -1;
  }

  #findTarget(position: number): number {
    const { targets } = this.#plan;
    let start = 0;
    let end = targets.length;
    while (start < end) {
      const middle = (start + end) >>> 1;
      if ((targets[middle] as number) < position) start = middle + 1;
      else end = middle;
    }
    return targets[start] === position ? start : -1;
  }

  #tellRemoved(walk: RecordWalk, ordinal: number): void {
    if (!walk.locate()) return;
    const gone = !this.#table.has(ordinal, REACHABLE) && !this.#table.has(ordinal, LATER);
    const at = walk.at(walk.dataPosition, walk.dataLength);
    this.#observer?.removed(
      this.#table.oid(ordinal),
      (BigInt(walk.tidHigh) << 32n) | BigInt(walk.tidLow),
      walk.bytes.subarray(at, at + walk.dataLength),
      gone,
    );
  }
}

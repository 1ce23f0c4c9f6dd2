// What a pack is going to keep. Two walks over the file: the first finds, for each object, the record that is current at
// the pack time, and what the records after that time point and refer to; the second, for garbage collection, reads the
// current records for their references.
//
// Kept are: of the transactions up to the pack time the current records of reachable objects, and those that a later
// record points back to; of later ones everything. Reachable is what the root leads to at the pack time, and what records
// after it refer to: an object that was taken out of the database before it and put back after it is no garbage.

import { scanReferencesWithin } from '../pickle/scan.ts';
import { CorruptedDataError, POSKeyError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import { STATUS } from './format.ts';
import { NumberList } from './growing-list.ts';
import { type Dangling, PackGraph } from './pack-graph.ts';
import { CURRENT, EMPTY, LATER, type PackTable, REACHABLE, WANTED } from './pack-table.ts';
import { RecordWalk } from './pack-walk.ts';
import type { Source } from './source.ts';

/** What to keep. */
export interface PackPlan {
  readonly table: PackTable;
  /** Where the first transaction after the pack time begins. */
  readonly packEnd: number;
  /** Up to where the file was looked at. */
  readonly end: number;
  /** Whether there is nothing to do, since the file was packed at this time or later. */
  readonly redundant: boolean;
  /** Whether garbage is collected. */
  readonly gc: boolean;
  /** Positions that records after the pack time point back to, in ascending order. */
  readonly targets: Float64Array;
  readonly dangling: readonly Dangling[];
  readonly danglingCount: number;
}

export interface PlanOptions {
  /** The pack time. */
  readonly before: Tid;
  readonly gc: boolean;
  /** Whether references are looked at also without garbage collection. */
  readonly references: boolean;
}

/** After so many bytes a walk may be interrupted. */
export const SLICE: number = 1024 * 1024;
const DANGLING_KEPT = 1000;

/** Makes the plan for the file up to `end`; yields the bytes looked at since the last time. */
export function* planPack(
  source: Source,
  end: number,
  table: PackTable,
  { before, gc, references }: PlanOptions,
): Generator<number, PackPlan> {
  const walk = new RecordWalk(source);
  const { redundant, packEnd } = yield* findCurrent(walk, end, table, before);
  const graph = new PackGraph(table, referencesAgain(source, table));
  const targets = new NumberList();
  if (!redundant) {
    yield* readLater(walk, end, table, references ? graph : undefined, targets, packEnd);
    if (gc) startAtRoot(table, graph, source.file);
    else for (let i = 0; i < table.count; i++) if (table.has(i, CURRENT)) table.mark(i, REACHABLE);
    if (references) yield* readReferences(source, packEnd, table, graph);
    for (let i = 0; i < table.count; i++)
      if (table.has(i, WANTED) && !table.has(i, EMPTY)) graph.reach(i);
  }
  const [dangling, danglingCount] = graph.dangling(DANGLING_KEPT);
  return {
    table,
    packEnd,
    end,
    redundant,
    gc,
    targets: targets.sorted(),
    dangling,
    danglingCount,
  };
}

// The records that are current at the pack time. On return the walk stands at the first transaction after it.
function* findCurrent(
  walk: RecordWalk,
  end: number,
  table: PackTable,
  before: Tid,
): Generator<number, { redundant: boolean; packEnd: number }> {
  const high = Number(before >> 32n);
  const low = Number(before & 0xffff_ffffn);
  let unpacked = false;
  let last = 0;
  let told = 0;
  while (walk.nextTransaction(end)) {
    if (walk.tidHigh > high || (walk.tidHigh === high && walk.tidLow > low)) {
      yield walk.transaction - told;
      const redundant = !unpacked && walk.status === STATUS.packed;
      return { redundant, packEnd: walk.transaction };
    }
    last = walk.status;
    if (last !== STATUS.packed) unpacked = true;
    while (walk.nextRecord()) {
      const ordinal = ordinalOf(walk, table);
      const exists = walk.length > 0 || walk.back > 0;
      table.setPosition(ordinal, exists ? walk.position : 0);
      if (exists) table.mark(ordinal, CURRENT);
      else table.unmark(ordinal, CURRENT);
      if (walk.position - told >= SLICE) {
        yield walk.position - told;
        told = walk.position;
      }
    }
  }
  yield end - told;
  return { redundant: !unpacked && last === STATUS.packed, packEnd: end };
}

// The transactions after the pack time, from the one at which the walk stands.
function* readLater(
  walk: RecordWalk,
  end: number,
  table: PackTable,
  graph: PackGraph | undefined,
  targets: NumberList,
  packEnd: number,
): Generator<number, void> {
  if (packEnd >= end) return;
  let told = packEnd;
  const referred: number[] = [];
  do {
    referred.length = 0;
    while (walk.nextRecord()) {
      const ordinal = ordinalOf(walk, table);
      table.mark(ordinal, LATER);
      if (walk.back > 0) targets.push(walk.back);
      // What stands behind a back pointer to a later record is looked at there.
      if (graph !== undefined && (walk.length > 0 || (walk.back > 0 && walk.back < packEnd)))
        eachReference(walk, (high, low) => {
          const target = table.find(high, low);
          if (target >= 0 && !table.has(target, LATER)) referred.push(target);
          if (target < 0 || !table.has(target, CURRENT)) graph.addMissing(ordinal, true, high, low);
        });
      if (walk.position - told >= SLICE) {
        yield walk.position - told;
        told = walk.position;
      }
    }
    // Where the object was written again by then, the record of the pack time is not what is meant.
    for (const target of referred) if (!table.has(target, LATER)) table.mark(target, WANTED);
  } while (walk.nextTransaction(end));
  yield end - told;
}

function* readReferences(
  source: Source,
  packEnd: number,
  table: PackTable,
  graph: PackGraph,
): Generator<number, void> {
  const walk = new RecordWalk(source);
  let ordinal = 0;
  const found = (high: number, low: number): void => {
    const target = table.find(high, low);
    if (target >= 0 && table.has(target, CURRENT)) graph.addTarget(target);
    else graph.addMissing(ordinal, false, high, low);
  };
  let told = 0;
  while (walk.nextTransaction(packEnd)) {
    while (walk.nextRecord()) {
      ordinal = ordinalOf(walk, table);
      if (table.position(ordinal) === walk.position) {
        if (walk.length === 0 && !walk.locate()) table.mark(ordinal, EMPTY);
        eachReference(walk, found);
        graph.addCurrent(ordinal);
      }
      if (walk.position - told >= SLICE) {
        yield walk.position - told;
        told = walk.position;
      }
    }
  }
  yield packEnd - told;
}

// Looks again for the references of the record that is current at the pack time, of objects in any order.
function referencesAgain(
  source: Source,
  table: PackTable,
): (ordinal: number, found: (target: number) => void) => void {
  const walk = new RecordWalk(source);
  let tell: (target: number) => void;
  const found = (high: number, low: number): void => {
    const target = table.find(high, low);
    if (target >= 0) tell(target);
  };
  return (ordinal, told) => {
    tell = told;
    walk.moveTo(table.position(ordinal), table.oidHigh(ordinal), table.oidLow(ordinal));
    eachReference(walk, found);
  };
}

function startAtRoot(table: PackTable, graph: PackGraph, file: string): void {
  const root = table.find(0, 0);
  if (root >= 0 && table.has(root, CURRENT)) graph.reach(root);
  else if (table.marks.some((marks) => (marks & CURRENT) !== 0))
    throw new POSKeyError(0n as Oid, {
      file,
      reason:
        'there is no root object at the pack time, so that all objects would be garbage; pack without garbage collection',
    });
}

/**
 * Calls `found` with the halves of each oid that the data of the walk's record refer to.
 * @throws CorruptedDataError where the data cannot be read
 */
export function eachReference(walk: RecordWalk, found: (high: number, low: number) => void): void {
  if (!walk.locate()) return;
  const at = walk.at(walk.dataPosition, walk.dataLength);
  try {
    scanReferencesWithin(walk.bytes, at, at + walk.dataLength, found);
  } catch (cause) {
    throw new CorruptedDataError(
      `references cannot be read: ${(cause as Error).message}; pack without garbage collection`,
      { file: walk.source.file, position: walk.position, oid: oidAt(walk), cause },
    );
  }
}

function oidAt(walk: RecordWalk): Oid {
  return ((BigInt(walk.oidHigh) << 32n) | BigInt(walk.oidLow)) as Oid;
}

/** An object that the index does not know, so that the table has no place for it. */
export class UnknownObject extends CorruptedDataError {}

function ordinalOf(walk: RecordWalk, table: PackTable): number {
  const ordinal = table.find(walk.oidHigh, walk.oidLow);
  if (ordinal < 0)
    throw new UnknownObject('a record of an object that the index does not have', {
      file: walk.source.file,
      position: walk.position,
      oid: oidAt(walk),
    });
  return ordinal;
}

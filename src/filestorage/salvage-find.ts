// All transactions of a damaged file. From the end of one the next is looked for; where none is, the file is searched byte
// by byte for the next place that looks like one. What is found stands in order in the file, and in the order of tids too,
// except where a tid is damaged: the few that do not fit to the many are told from them afterwards.

import { type Tid, ZERO_TID } from '../zodb/ids.ts';
import { MAGIC_LENGTH, STATUS } from './format.ts';
import type { NumberList } from './growing-list.ts';
import type { Probe, SalvageProbe } from './salvage-probe.ts';

/** A transaction that is there, at least in part. */
export interface FoundTransaction {
  readonly position: number;
  readonly status: number;
  readonly tid: Tid;
  /** How sure the tid is: 3 if its records have it too, 2 if there are none, 1 if they have another. */
  readonly sureness: number;
  readonly records: number;
  /** Where the records end, or the search for them. */
  readonly recordsEnd: number;
  readonly origin: number;
  /** Whether every record fits to the one before. */
  readonly whole: boolean;
}

/** Something that is not as it should be. */
export interface SalvageNote {
  readonly start: number;
  readonly end: number;
  readonly tid: Tid | undefined;
  readonly message: string;
}

const DAMAGED = 'the transaction is damaged; the records of it that are left are kept';

export type Note = (note: SalvageNote) => void;

/**
 * The transactions of the file, from front to back, whatever their tids. With `partial` also those whose end is lost.
 */
export function* findTransactions(
  probe: SalvageProbe,
  partial: boolean,
  note: Note,
): Generator<FoundTransaction> {
  const { size } = probe.source;
  let position = MAGIC_LENGTH;
  // Where the next transaction began when it was written, if nothing is missing; and where it began at the earliest.
  let expected = MAGIC_LENGTH;
  let floor = MAGIC_LENGTH;
  // The highest tid that records confirm, and the highest of all.
  let lastTid = ZERO_TID;
  let highest = ZERO_TID;
  while (position < size) {
    const here = probe.at(position);
    const end = here === undefined ? 0 : endOf(here, probe, note);
    if (here !== undefined && end > 0) {
      const origin = originOf(here, end, expected, floor, probe);
      if (origin < floor && here.tid <= lastTid) {
        note({ start: position, end, tid: here.tid, message: 'a second copy of transactions' });
        position = end;
        continue;
      }
      const began = origin < floor ? expected : origin;
      expected = began + end - position;
      // One without records that is no later than what precedes it may be a copy.
      if (here.count > 0) floor = expected;
      else if (here.tid > highest) floor += end - position;
      if (here.tid > highest) highest = here.tid;
      position = end;
      if (here.confirmed && here.tid > lastTid) lastTid = here.tid;
      if (here.status !== STATUS.undone) yield { ...whole(here, end), origin: began };
      continue;
    }
    const part = here === undefined ? undefined : partOf(here, expected);
    if (part !== undefined && here !== undefined && here.framedEnd > 0) {
      note({ start: position, end: here.framedEnd + 8, tid: here.tid, message: DAMAGED });
      yield part;
      expected = part.origin + here.framedEnd + 8 - position;
      floor += here.framedEnd + 8 - position;
      position = here.framedEnd + 8;
      continue;
    }
    let next = probe.nextFrame(position + 1);
    while (next < size && !isLikely(probe.at(next), floor, size, probe))
      next = probe.nextFrame(next + 1);
    if (part !== undefined && partial) {
      note({ start: position, end: next, tid: part.tid, message: DAMAGED });
      yield { ...part, recordsEnd: next };
    } else
      note({ start: position, end: next, tid: part?.tid, message: lostMessage(here, next, size) });
    expected += next - position;
    position = next;
  }
}

// Where a transaction began when it was written. If its records name a place that fits to nothing, they are wrong.
function originOf(
  here: Probe,
  end: number,
  expected: number,
  floor: number,
  probe: SalvageProbe,
): number {
  if (here.count === 0) return expected;
  if (here.origin === here.position || here.origin === expected) return here.origin;
  const next = probe.at(end);
  const fits =
    next !== undefined && next.count > 0 && next.origin === here.origin + end - here.position;
  // Right behind another transaction nothing else is to be expected than what follows from it.
  if (here.origin < floor ? here.origin > 0 : expected !== floor) return here.origin;
  return fits ? here.origin : expected;
}

// Where the transaction ends if all of it is there; 0 if not.
function endOf(here: Probe, probe: SalvageProbe, note: Note): number {
  const { position, recordsEnd, headerFits, trailerFits, count } = here;
  const end = recordsEnd + 8;
  const { size } = probe.source;
  if (end > size || (!headerFits && !trailerFits)) return 0;
  const known =
    here.status === STATUS.complete ||
    here.status === STATUS.packed ||
    here.status === STATUS.undone;
  if (headerFits && trailerFits && known) return end;
  // Of what is odd in one field, the rest must be beyond doubt.
  if (count === 0 || here.origin !== position) return 0;
  if (end < size && !isFramed(probe.at(end))) return 0;
  if (!known && (end === size || !headerFits || !trailerFits)) return 0;
  const what = !known
    ? `the status was ${here.status}`
    : headerFits
      ? 'the length behind the records was wrong'
      : 'the length in the header was wrong';
  note({ start: position, end, tid: here.tid, message: `mended: ${what}` });
  return end;
}

function isFramed(next: Probe | undefined): boolean {
  return next !== undefined && (next.framedEnd > 0 || next.headerFits || next.trailerFits);
}

// Whether what looks like a transaction in the middle of damage is one of the file, rather than data.
function isLikely(
  here: Probe | undefined,
  floor: number,
  size: number,
  probe: SalvageProbe,
): boolean {
  if (here === undefined || here.framedEnd === 0) return false;
  if (here.count > 0) {
    if (here.origin === here.position) return true;
    return here.headerFits && here.origin >= floor;
  }
  const end = here.framedEnd + 8;
  return end === size || isFramed(probe.at(end));
}

function whole(here: Probe, end: number): FoundTransaction {
  return {
    position: here.position,
    status: here.status === STATUS.packed ? STATUS.packed : STATUS.complete,
    tid: here.tid,
    sureness: here.confirmed ? 3 : here.count === 0 ? 2 : 1,
    records: here.records,
    recordsEnd: end - 8,
    origin: here.origin,
    whole: true,
  };
}

// A transaction of which only some records may be there.
function partOf(here: Probe, origin: number): FoundTransaction | undefined {
  if (here.status !== STATUS.complete && here.status !== STATUS.packed) return undefined;
  const near = here.count > 0 && here.origin === here.position;
  if (here.framedEnd === 0 && !near) return undefined;
  const began = near ? here.position : origin;
  return { ...whole(here, here.framedEnd + 8), whole: false, origin: began };
}

function lostMessage(here: Probe | undefined, end: number, size: number): string {
  if (here?.status !== STATUS.checkpoint) return 'no whole transaction is here';
  return end === size
    ? 'a transaction that was never finished'
    : 'no whole transaction is here, but one that says it was never finished';
}

/**
 * Which transactions have tids in the order of the file: as many as can be, where those count more whose tid is sure. `tids`
 * has three numbers for each: the halves of the tid, and how sure it is.
 */
export function inOrder(tids: NumberList): (index: number) => boolean {
  const count = tids.length / 3;
  const compare = (a: number, b: number): number =>
    tids.get(3 * a) - tids.get(3 * b) || tids.get(3 * a + 1) - tids.get(3 * b + 1);
  let sorted = true;
  for (let i = 1; i < count && sorted; i++) sorted = compare(i - 1, i) < 0;
  if (sorted) return () => true;
  // The heaviest increasing subsequence. `best` is a Fenwick tree over the tids in ascending order: which transaction, of
  // those with a lower tid that came before, ends the heaviest one.
  const ascending = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => compare(a, b) || b - a,
  );
  const ranks = new Uint32Array(count);
  ascending.forEach((index, rank) => {
    ranks[index] = rank + 1;
  });
  const weights = new Float64Array(count + 1);
  const before = new Uint32Array(count + 1);
  const best = new Uint32Array(count + 1);
  let heaviest = 0;
  for (let i = 1; i <= count; i++) {
    const rank = ranks[i - 1] as number;
    let found = 0;
    for (let at = rank - 1; at > 0; at -= at & -at)
      if (weightOf(best[at]) > weightOf(found)) found = best[at] as number;
    before[i] = found;
    weights[i] = weightOf(found) + tids.get(3 * (i - 1) + 2);
    for (let at = rank; at <= count; at += at & -at)
      if (weightOf(i) > weightOf(best[at])) best[at] = i;
    if (weightOf(i) > weightOf(heaviest)) heaviest = i;
  }
  const member = new Uint8Array(count);
  for (let i = heaviest; i > 0; i = before[i] as number) member[i - 1] = 1;
  return (index) => member[index] === 1;

  function weightOf(i: number | undefined): number {
    return weights[i ?? 0] as number;
  }
}

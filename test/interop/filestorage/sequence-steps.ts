// The steps of the alternating sequences, as random choices: what may be done next to a file. A kind of step is a row of
// `kinds`; what a step does is in `node-steps.ts` for Node and in `sequences.py` for Python.

import { FileStorage } from '../../../src/filestorage/index.ts';
import { formatId, type Tid, tid } from '../../../src/zodb/ids.ts';
import { dateOfTid, tidOfDate } from '../../../src/zodb/time.ts';
import { toHex } from '../../hex.ts';
import type { Random } from '../../random.ts';

export type Operation =
  | { kind: 'store'; oid: string; serial: string; data: string }
  | { kind: 'delete' | 'check'; oid: string; serial: string }
  | { kind: 'undo'; tid: string }
  | { kind: 'restore'; oid: string; data: string | null; dataTid: string | null }
  | { kind: 'storeBlob'; oid: string; serial: string; data: string; content: string }
  | { kind: 'restoreBlob'; oid: string; data: string; dataTid: string | null; content: string };

export interface CommitStep {
  readonly kind: 'commit';
  readonly tid: string;
  readonly status: ' ' | 'p';
  readonly user: string;
  readonly description: string;
  readonly extension: string;
  readonly operations: readonly Operation[];
  readonly end: 'finish' | 'abort' | 'abort after vote';
}

export interface PackStep {
  readonly kind: 'pack';
  /** Seconds since 1970. */
  readonly time: number;
  readonly gc: boolean;
}

export type Step = CommitStep | PackStep;

/** How a step ended: what its operations returned, or the name of the error that one of them, or the vote, gave. */
export interface Outcome {
  readonly done: readonly unknown[];
  readonly resolved?: readonly string[];
  readonly error?: string;
}

/** Makes the record of an object of these classes: counters are merged, plain objects are not. */
export type Make = (
  cls: 'Plain' | 'Counter',
  value: number,
  refs: readonly string[],
) => Promise<string>;

interface Revision {
  readonly tid: string;
  readonly data: string | undefined;
}

/** What a file holds, for choosing the next step. */
export interface View {
  readonly objects: ReadonlyMap<string, readonly Revision[]>;
  readonly tids: readonly string[];
  readonly undoable: readonly string[];
  readonly next: Tid;
  /** Whether transactions may have several records of one object. Python's pack confuses these, so there is none then. */
  readonly doubles: boolean;
  /** Whether there are blobs. */
  readonly blobs: boolean;
}

const MINUTE = 60_000;
const OBJECTS = 12;
/** The first oid of those that are blobs, and how many there are. */
const FIRST_BLOB = 20n;
const BLOBS = 5;
/** The record of every blob: its class, and None. */
const BLOB = `800363${Buffer.from('ZODB.blob\nBlob\n').toString('hex')}71002e80034e2e`;
const NONE = formatId(0n);
const FIRST = tidOfDate(new Date(Date.UTC(2026, 0, 1)));

export function viewOf(file: string, { doubles, blobs }: Pick<View, 'doubles' | 'blobs'>): View {
  using storage = new FileStorage(file, { readOnly: true });
  const objects = new Map<string, Revision[]>();
  const tids: string[] = [];
  for (const transaction of storage.iterate()) {
    tids.push(formatId(transaction.tid));
    for (const { oid, tid, data } of transaction.records()) {
      const revisions = objects.get(formatId(oid)) ?? [];
      revisions.push({ tid: formatId(tid), data: data && toHex(data) });
      objects.set(formatId(oid), revisions);
    }
  }
  const undoable = storage.undoLog({ limit: 1000 }).map(({ tid }) => formatId(tid));
  const last = storage.lastTransaction();
  const next =
    last === 0n ? FIRST : tidOfDate(new Date(Math.floor(+dateOfTid(last) / MINUTE + 1) * MINUTE));
  return { objects, tids, undoable, next, doubles, blobs };
}

type Choose = (random: Random, view: View, make: Make) => Promise<Step>;

export interface Kind {
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  readonly choose: Choose;
}

export const kinds: Readonly<Record<string, Kind>> = {
  store: {
    weight: 8,
    choose: async (random, view, make) => commit(random, view, await stores(random, view, make)),
  },
  conflict: {
    weight: 6,
    choose: async (random, view, make) =>
      commit(random, view, [
        ...(await stores(random, view, make, random.below(2))),
        ...(await staleStores(random, view, make)),
      ]),
  },
  undo: {
    weight: 8,
    choose: async (random, view) => commit(random, view, undos(random, view)),
  },
  restore: {
    weight: 5,
    choose: async (random, view, make) => commit(random, view, await restores(random, view, make)),
  },
  blob: {
    weight: 12,
    choose: async (random, view) => commit(random, view, blobs(random, view)),
  },
  delete: {
    weight: 3,
    choose: async (random, view) => commit(random, view, deletions(random, view)),
  },
  pack: {
    weight: 4,
    choose: async (random, view, make) =>
      view.doubles ? commit(random, view, await stores(random, view, make)) : pack(random, view),
  },
  abort: {
    weight: 6,
    choose: async (random, view, make) => {
      const step = (await random
        .of(
          ['store', 'undo', 'restore', 'delete', view.blobs ? 'blob' : 'store'].map(
            (name) => kinds[name],
          ),
        )
        ?.choose(random, view, make)) as CommitStep;
      // At every step: after any number of operations, or after the vote.
      const operations = step.operations.slice(0, random.below(step.operations.length + 1));
      return random.chance(50)
        ? { ...step, operations, end: 'abort' }
        : { ...step, end: 'abort after vote' };
    },
  },
};

/** The first transaction of a file: a root that refers to all the objects there may be later, once they are there. */
export async function firstStep(random: Random, view: View, make: Make): Promise<Step> {
  const data = await make('Plain', 0, []);
  const operations: Operation[] = [{ kind: 'store', oid: NONE, serial: NONE, data }];
  return { ...commit(random, view, operations), status: random.chance(10) ? 'p' : ' ' };
}

function commit(random: Random, view: View, all: readonly Operation[]): CommitStep {
  const writes = (operation: Operation, oid: string): boolean =>
    'oid' in operation && operation.oid === oid && operation.kind !== 'check';
  const operations = view.doubles
    ? all
    : all.filter(
        (operation, i) =>
          !('oid' in operation) || !all.slice(0, i).some((other) => writes(other, operation.oid)),
      );
  const text = (length: number): string =>
    Buffer.from('x'.repeat(random.below(length))).toString('hex');
  return {
    kind: 'commit',
    tid: formatId(view.next),
    status: ' ',
    user: random.chance(50) ? text(10) : '',
    description: text(30),
    // The pickle of an empty dictionary, or none.
    extension: random.chance(20) ? '80037d2e' : '',
    operations,
    end: 'finish',
  };
}

// To the moment of any of the transactions, or to now.
function pack(random: Random, view: View): PackStep {
  const tids = view.tids.map((text) => tid(text));
  const moment = dateOfTid(random.of([...tids, view.next]));
  return { kind: 'pack', time: +moment / 1000 + 30, gc: random.chance(60) };
}

async function stores(
  random: Random,
  view: View,
  make: Make,
  count = random.below(5),
): Promise<Operation[]> {
  const operations: Operation[] = [];
  for (let i = 0; i < count; i++) {
    const oid = formatId(BigInt(random.below(OBJECTS)));
    const serial = view.objects.get(oid)?.at(-1)?.tid ?? NONE;
    operations.push({ kind: 'store', oid, serial, data: await newData(random, view, make, oid) });
    if (random.chance(10)) operations.push({ kind: 'check', oid, serial });
  }
  return operations;
}

// From a revision that is not the newest, or is none of the object at all.
async function staleStores(random: Random, view: View, make: Make): Promise<Operation[]> {
  const [oid, revisions] = random.of([...view.objects]);
  const older = [...revisions.map(({ tid }) => tid), NONE];
  const serial = random.of(older);
  const data = await newData(random, view, make, oid);
  const operations: Operation[] = [{ kind: 'store', oid, serial, data }];
  if (random.chance(20)) operations.push({ kind: 'check', oid, serial: random.of(older) });
  return operations;
}

async function newData(random: Random, view: View, make: Make, oid: string): Promise<string> {
  const others = [...view.objects]
    .filter(([other, revisions]) => other !== oid && revisions.at(-1)?.data !== undefined)
    .map(([other]) => other);
  if (BigInt(`0x${oid}`) >= FIRST_BLOB) return BLOB;
  const refs = oid === NONE ? others : others.filter(() => random.chance(20));
  return make(Number(`0x${oid}`) % 2 === 1 ? 'Counter' : 'Plain', random.below(300), refs);
}

// Some of them from a revision that is not the newest.
function blobs(random: Random, view: View): Operation[] {
  const operations: Operation[] = [];
  for (let count = 1 + random.below(3); count > 0; count--) {
    const oid = formatId(FIRST_BLOB + BigInt(random.below(BLOBS)));
    const revisions = view.objects.get(oid) ?? [];
    const stale = random.chance(15) && revisions.length > 0;
    const serial = (stale ? random.of(revisions) : revisions.at(-1))?.tid ?? NONE;
    const content = Buffer.from(`${view.next} ${random.below(1000)}`).toString('hex');
    const last = revisions.at(-1);
    const dataTid = last?.data !== undefined && random.chance(50) ? last.tid : null;
    operations.push(
      random.chance(75)
        ? { kind: 'storeBlob', oid, serial, data: BLOB, content }
        : { kind: 'restoreBlob', oid, data: BLOB, dataTid, content },
    );
  }
  return operations;
}

function undos(random: Random, view: View): Operation[] {
  const operations: Operation[] = [];
  const several = view.doubles && random.chance(40);
  for (let count = 1 + (several ? random.below(3) : 0); count > 0; count--) {
    const recent = view.undoable.slice(0, 4);
    const choices = random.chance(70) ? recent : random.chance(80) ? view.undoable : view.tids;
    const tid = choices.length === 0 ? formatId(view.next - 1n) : random.of(choices);
    operations.push({ kind: 'undo', tid });
  }
  return operations;
}

function deletions(random: Random, view: View): Operation[] {
  const [oid, revisions] = random.of([...view.objects]);
  const serial = random.chance(80)
    ? (revisions.at(-1)?.tid ?? NONE)
    : (random.of(revisions)?.tid ?? NONE);
  return [{ kind: 'delete', oid: random.chance(95) ? oid : formatId(99n), serial }];
}

async function restores(random: Random, view: View, make: Make): Promise<Operation[]> {
  const operations: Operation[] = [];
  for (let count = 1 + random.below(3); count > 0; count--) {
    const [oid, revisions] = random.of([...view.objects]);
    const { tid } = random.of(revisions);
    // An object may have several records in a transaction; the last one counts.
    const data = revisions.findLast((revision) => revision.tid === tid)?.data;
    const other = await newData(random, view, make, oid);
    operations.push(
      random.of<Operation>([
        { kind: 'restore', oid, data: other, dataTid: null },
        { kind: 'restore', oid, data: null, dataTid: null },
        { kind: 'restore', oid, data: data ?? null, dataTid: tid },
        { kind: 'restore', oid, data: data ?? null, dataTid: tid },
        { kind: 'restore', oid, data: data === undefined ? null : other, dataTid: tid },
      ]),
    );
  }
  return operations;
}

// Is a database intact? What lies below records is checked; every transaction and every record is read, and every record
// decoded; the references of current records must lead to objects that are there; with `roundtrip` records are also encoded
// again and compared, and BTrees and arrays checked as a whole. Where the storage has blobs, each needs its file.

import { isZodbError } from '../errors.ts';
import { Pickler, scanReferences, Unpickler } from '../pickle/index.ts';
import { bytesEqual } from '../zodb/bytes.ts';
import { CorruptedDataError, type PlacedError } from '../zodb/errors.ts';
import { formatId, type Oid } from '../zodb/ids.ts';
import { classDescriptionValue, classNameOf, readClassDescription } from '../zodb/record.ts';
import type { DataRecord, Storage } from '../zodb/storage.ts';
import { ObjectTable } from './object-table.ts';
import { sameValue } from './same-value.ts';
import { isStructure, verifyStructures } from './verify-structures.ts';

/** How many records there were, and what became of them. */
export interface VerifyCounts {
  records: number;
  /** Encoded again to the same bytes. */
  identical: number;
  /** Encoded again to other bytes that mean the same: those of another protocol, or of another way to number memos. */
  equal: number;
  /** Encoded again to something else. */
  different: number;
  /** Could not be decoded, or not be encoded again. */
  failed: number;
}

/** Something wrong, and where. */
export interface Problem {
  readonly position?: number | undefined;
  readonly oid?: string | undefined;
  readonly tid?: string | undefined;
  readonly message: string;
}

/** What `verify` found. */
export interface VerifyResult extends VerifyCounts {
  transactions: number;
  /** Of `records`, those without data: where an object ceased to exist. */
  empty: number;
  /** The same by class, `module.name`. */
  readonly classes: Record<string, VerifyCounts>;
  readonly problems: Problem[];
  /** Further problems, beyond the first thousand. */
  moreProblems: number;
}

/** What `verify` looks at. */
export interface VerifyOptions {
  /** Whether to encode each record again, and to load BTrees, files of blocks and arrays. */
  readonly roundtrip?: boolean;
  /** Called after each transaction with the position reached, of `storage.size()`. */
  readonly onProgress?: (position: number) => void;
}

const PROBLEMS_KEPT = 1000;
const BLOB = 'ZODB.blob.Blob';
/** Marks of objects, by their newest record: it has no data, it cannot be decoded, it is part of a larger structure. */
const EMPTY = 1;
const UNREADABLE = 2;
const STRUCTURE = 4;

/** Reads all of `storage`; what is wrong with it is in the result, not thrown. */
export function verify(storage: Storage, options: VerifyOptions = {}): VerifyResult {
  const result = nothingRead();
  const objects = new ObjectTable();
  const told = new Set<string>();
  for (const { position, message, damage } of [
    ...(storage.findings ?? []),
    ...(storage.check?.() ?? []),
  ]) {
    if (!damage || told.has(`${position} ${message}`)) continue;
    told.add(`${position} ${message}`);
    report(result, { position, message });
  }
  attempt(result, () => {
    for (const transaction of storage.iterate()) {
      result.transactions++;
      // Damage of one transaction does not keep the next from being read.
      attempt(result, () => {
        for (const record of transaction.records()) {
          const className = verifyRecord(record, options, result, objects);
          if (className === BLOB) verifyBlob(storage, record, result);
        }
      });
      options.onProgress?.(transaction.position ?? 0);
    }
  });
  attempt(result, () => verifyReferences(storage, result, objects));
  if (options.roundtrip)
    attempt(result, () =>
      verifyStructures(storage, objects.marked(STRUCTURE), (oid, message) =>
        report(result, { oid: formatId(oid), message }),
      ),
    );
  return result;
}

// Runs a part of the check; what keeps it from going on is a problem.
function attempt(result: VerifyResult, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!isZodbError(error)) throw error;
    const problem = problemOf(error as PlacedError);
    const known = result.problems.some(({ message }) => message === problem.message);
    if (!known) report(result, problem);
  }
}

// The references of current records must lead to objects that are there. Weak ones, and those of old records, need not.
function verifyReferences(storage: Storage, result: VerifyResult, objects: ObjectTable): void {
  let number = 0;
  for (const transaction of storage.iterate())
    attempt(result, () => {
      for (const record of transaction.records()) {
        number++;
        const current = objects.number(record.oid) === number;
        if (current && (objects.marks(record.oid) & UNREADABLE) === 0)
          verifyReferencesOf(record, result, objects);
      }
    });
}

function verifyReferencesOf(
  { oid, tid, data, position }: DataRecord,
  result: VerifyResult,
  objects: ObjectTable,
): void {
  if (data === undefined) return;
  const missing = new Set<bigint>();
  scanReferences(data, (target) => {
    const there = objects.number(target) >= 0;
    if ((there && (objects.marks(target) & EMPTY) === 0) || missing.has(target)) return;
    missing.add(target);
    const reason = there ? 'no longer exists' : 'is not there';
    const message = `refers to ${formatId(target as Oid)}, which ${reason}`;
    report(result, { position, oid: formatId(oid), tid: formatId(tid), message });
  });
}

/** Whether something is wrong. */
export function isDamaged({ problems, different, failed }: VerifyResult): boolean {
  return problems.length > 0 || different > 0 || failed > 0;
}

/** The result for a database whose damage keeps it from being opened. */
export function unreadable(error: PlacedError): VerifyResult {
  const result = nothingRead();
  report(result, problemOf(error));
  return result;
}

function nothingRead(): VerifyResult {
  return {
    transactions: 0,
    ...noCounts(),
    empty: 0,
    classes: {},
    problems: [],
    moreProblems: 0,
  };
}

// An error as a problem, with the place that it names.
function problemOf(error: PlacedError): Problem {
  return {
    position: error.position,
    oid: error.oid === undefined ? undefined : formatId(error.oid),
    tid: error.tid === undefined ? undefined : formatId(error.tid),
    message: error.message,
  };
}

function verifyBlob(
  storage: Storage,
  { oid, tid, position }: DataRecord,
  result: VerifyResult,
): void {
  if (!storage.can.blobs) return;
  try {
    storage.loadBlob?.(oid, tid);
  } catch (error) {
    if (!isZodbError(error, 'POS_KEY')) throw error;
    const message = 'there is no file of this blob';
    report(result, { position, oid: formatId(oid), tid: formatId(tid), message });
  }
}

// Gives the name of the record's class, where it has data.
function verifyRecord(
  record: DataRecord,
  options: VerifyOptions,
  result: VerifyResult,
  objects: ObjectTable,
): string | undefined {
  result.records++;
  if (record.data === undefined) {
    result.empty++;
    objects.set(record.oid, result.records, EMPTY);
    return undefined;
  }
  const checked = checkRecord(record.data, options.roundtrip ?? false);
  const structure = isStructure(checked.className) ? STRUCTURE : 0;
  const unreadable = checked.outcome === 'failed' ? UNREADABLE : 0;
  objects.set(record.oid, result.records, structure | unreadable);
  let counts = result.classes[checked.className];
  if (counts === undefined) {
    counts = noCounts();
    Object.defineProperty(result.classes, checked.className, { value: counts, enumerable: true });
  }
  counts.records++;
  const { className } = checked;
  if (checked.outcome === 'decoded') return className;
  counts[checked.outcome]++;
  result[checked.outcome]++;
  if (checked.outcome === 'identical' || checked.outcome === 'equal') return className;
  report(result, {
    position: record.position,
    oid: formatId(record.oid),
    tid: formatId(record.tid),
    message: checked.reason ?? 'encoded again, the record means something else',
  });
  return className;
}

interface Checked {
  readonly outcome: 'decoded' | 'identical' | 'equal' | 'different' | 'failed';
  readonly className: string;
  readonly reason?: string;
}

function checkRecord(record: Uint8Array, roundtrip: boolean): Checked {
  let className = '?';
  try {
    const [cls, state] = decode(record, (name) => {
      className = name;
    });
    if (!roundtrip) return { outcome: 'decoded', className };
    const pickler = new Pickler();
    pickler.dump(cls);
    pickler.dump(state);
    const encoded = pickler.take();
    if (bytesEqual(encoded, record)) return { outcome: 'identical', className };
    const same = sameValue([cls, state], decode(encoded));
    return { outcome: same ? 'equal' : 'different', className };
  } catch (error) {
    if (!isZodbError(error)) throw error;
    return { outcome: 'failed', className, reason: error.message };
  }
}

// Both pickles of a record, with every difference kept that a value can show.
function decode(
  record: Uint8Array,
  named: (className: string) => void = () => {},
): [description: unknown, state: unknown] {
  const unpickler = new Unpickler({ strings: 'wrap', exact: true });
  const description = readClassDescription(unpickler, record);
  const name = classNameOf(description.cls);
  if (name !== undefined) named(`${name.module}.${name.name}`);
  const state = unpickler.load(record, unpickler.position);
  if (unpickler.position !== record.length)
    throw new CorruptedDataError(
      `${record.length - unpickler.position} bytes more than the two pickles of a record`,
    );
  return [classDescriptionValue(description), state];
}

function noCounts(): VerifyCounts {
  return { records: 0, identical: 0, equal: 0, different: 0, failed: 0 };
}

function report(result: VerifyResult, problem: Problem): void {
  if (result.problems.length < PROBLEMS_KEPT) result.problems.push(problem);
  else result.moreProblems++;
}

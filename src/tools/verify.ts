// Is a database intact? Every transaction and every record is read, and every record decoded; with `roundtrip` it is also
// encoded again and compared.

import { isZodbError } from '../errors.ts';
import { Pickler, Unpickler } from '../pickle/index.ts';
import { bytesEqual } from '../zodb/bytes.ts';
import { CorruptedDataError, type PlacedError } from '../zodb/errors.ts';
import { formatId } from '../zodb/ids.ts';
import { classDescriptionValue, classNameOf, readClassDescription } from '../zodb/record.ts';
import type { DataRecord, Storage } from '../zodb/storage.ts';
import { sameValue } from './same-value.ts';

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
  /** Whether to encode each record again. */
  readonly roundtrip?: boolean;
  /** Called after each transaction with the position reached, of `storage.size()`. */
  readonly onProgress?: (position: number) => void;
}

const PROBLEMS_KEPT = 1000;

/** Reads all of `storage`; what is wrong with it is in the result, not thrown. */
export function verify(storage: Storage, options: VerifyOptions = {}): VerifyResult {
  const result = nothingRead();
  for (const { position, message, damage } of storage.findings ?? [])
    if (damage) report(result, { position, message });
  try {
    for (const transaction of storage.iterate()) {
      result.transactions++;
      for (const record of transaction.records()) verifyRecord(record, options, result);
      options.onProgress?.(transaction.position ?? 0);
    }
  } catch (error) {
    if (!isZodbError(error)) throw error;
    report(result, problemOf(error as PlacedError));
  }
  return result;
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

function verifyRecord(record: DataRecord, options: VerifyOptions, result: VerifyResult): void {
  result.records++;
  if (record.data === undefined) {
    result.empty++;
    return;
  }
  const checked = checkRecord(record.data, options.roundtrip ?? false);
  let counts = result.classes[checked.className];
  if (counts === undefined) {
    counts = noCounts();
    Object.defineProperty(result.classes, checked.className, { value: counts, enumerable: true });
  }
  counts.records++;
  if (checked.outcome === 'decoded') return;
  counts[checked.outcome]++;
  result[checked.outcome]++;
  if (checked.outcome === 'identical' || checked.outcome === 'equal') return;
  report(result, {
    position: record.position,
    oid: formatId(record.oid),
    tid: formatId(record.tid),
    message: checked.reason ?? 'encoded again, the record means something else',
  });
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

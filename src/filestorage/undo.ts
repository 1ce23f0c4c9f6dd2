// Undo, one record at a time. Undoing does not take back a record, it writes another that points back to what the object
// was before. That is right where nothing happened to the object since, or nothing that made a difference; else its class
// may merge the state before with what came later, as for conflicting commits.

import { isZodbError } from '../errors.ts';
import { bytesEqual } from '../zodb/bytes.ts';
import { mergeOf } from '../zodb/conflict.ts';
import { MultipleUndoErrors, UndoError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import { findTransaction } from './backward.ts';
import type { CommitHost } from './commit-host.ts';
import { DATA_HEADER, type DataHeader, readDataHeader, readLong, STATUS } from './format.ts';
import { FileTransactionRecord } from './iterate.ts';
import { Window } from './source.ts';
import type { TransactionWriter } from './transaction-writer.ts';

/** What the record of an undo holds: a back pointer, 0 where the object ceases to exist, or merged data. */
export type UndoneRecord =
  | { readonly back: number; readonly data: undefined }
  | { readonly back: 0; readonly data: Uint8Array };

/** The newest record of an object: of a committed transaction, or one that this transaction has undone something with. */
interface Current {
  readonly tid: Tid;
  /** Where its data stand, one step back at most; 0 where the object does not exist. */
  readonly pointer: number;
  readonly data: Uint8Array | undefined;
}

/**
 * Undoes the transaction `tid`: calls `write` with the record of each of its objects, and returns where these stand, or
 * what keeps it from being undone; then nothing of what was written must be committed. `pending` are the records that
 * `writer` has written before.
 * @throws UndoError where the transaction is unknown or packed, or during a pack
 */
export function undoTransaction(
  host: CommitHost,
  writer: TransactionWriter,
  pending: ReadonlyMap<Oid, number>,
  tid: Tid,
  write: (oid: Oid, undone: UndoneRecord) => void,
): ReadonlyMap<Oid, number> | MultipleUndoErrors {
  const { file, source, end } = host;
  if (host.packing) throw new UndoError('nothing can be undone during a pack', { file, tid });
  source.refresh();
  const { position, status } = findTransaction(source, end, tid);
  if (status !== STATUS.complete)
    throw new UndoError('packed transactions cannot be undone', { file, tid, position });
  const transaction = new FileTransactionRecord(new Window(source), position, end);
  const positions = new Map<Oid, number>();
  const failures = new Map<Oid, UndoError>();
  // An object may have several records in one transaction. Each is looked at as if it were the only one; the last decides.
  for (const [record, at] of transaction.headers()) {
    const { oid } = record;
    failures.delete(oid);
    try {
      const undone = undoneRecord(host, writer, record, at, pending.get(oid));
      positions.set(oid, writer.position);
      write(oid, undone);
    } catch (error) {
      if (!(error instanceof UndoError)) throw error;
      failures.set(oid, error);
    }
  }
  const [first, ...others] = failures.values();
  return first === undefined
    ? positions
    : new MultipleUndoErrors([first, ...others], { file, tid });
}

/**
 * What undoes the record at `position`, whose header is `undone`. `pending` is the position of the object's record in the
 * transaction that `writer` writes, if there is one.
 * @throws UndoError
 */
function undoneRecord(
  host: CommitHost,
  writer: TransactionWriter,
  undone: DataHeader,
  position: number,
  pending: number | undefined,
): UndoneRecord {
  const { oid, previous } = undone;
  const fail = (message: string, cause?: unknown): never => {
    throw new UndoError(message, { file: host.file, oid, tid: undone.tid, cause });
  };
  if ((pending ?? host.newest(oid)) === position) return { back: previous, data: undefined };
  const current =
    pending === undefined ? committedRecord(host, oid) : pendingRecord(writer, pending);
  if (current.pointer === position) return { back: previous, data: undefined };
  const dataAt = (at: number): Uint8Array =>
    dataOrUndefined(host, oid, at) ?? fail('the object does not exist');
  const undoneData = dataAt(position);
  const currentData = current.data ?? dataAt(current.pointer);
  if (bytesEqual(undoneData, currentData)) return { back: previous, data: undefined };
  if (previous === 0)
    fail('it made the object, which later transactions changed: undo those first');
  const { merged, cause } = mergeOf(host.resolveConflict, {
    oid,
    committed: current.tid,
    serial: undone.tid,
    data: dataAt(previous),
    committedData: currentData,
    original: () => host.reader.loadSerial(oid, undone.tid),
  });
  return {
    back: 0,
    data:
      merged ??
      fail('a later transaction changed the object, and its class cannot merge that', cause),
  };
}

function committedRecord(host: CommitHost, oid: Oid): Current {
  const position = host.newest(oid);
  const { tid, length, back } = host.reader.recordAt(oid, position);
  return { tid, pointer: length === 0 ? back : position, data: undefined };
}

function pendingRecord(writer: TransactionWriter, position: number): Current {
  const bytes = new Uint8Array(DATA_HEADER + 8);
  writer.read(position, bytes);
  const { tid, length } = readDataHeader(bytes, 0);
  if (length === 0) return { tid, pointer: readLong(bytes, DATA_HEADER), data: undefined };
  const data = new Uint8Array(length);
  writer.read(position + DATA_HEADER, data);
  return { tid, pointer: position, data };
}

function dataOrUndefined(host: CommitHost, oid: Oid, position: number): Uint8Array | undefined {
  if (position === 0) return undefined;
  try {
    return host.reader.dataAt(oid, position);
  } catch (error) {
    if (isZodbError(error, 'POS_KEY')) return undefined;
    throw error;
  }
}

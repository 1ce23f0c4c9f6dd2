// Copying transactions from one storage to another, of whatever kind they are.

import { copyFileSync, rmSync } from 'node:fs';
import { isZodbError } from '../errors.ts';
import { temporaryFile } from '../zodb/blob-folder.ts';
import { isBlobRecord } from '../zodb/blob-record.ts';
import { StorageError } from '../zodb/errors.ts';
import type { Tid } from '../zodb/ids.ts';
import type {
  DataRecord,
  Storage,
  StorageTransaction,
  TidRange,
  TransactionRecord,
} from '../zodb/storage.ts';
import { laterThan } from '../zodb/time.ts';

/** What to copy. */
export interface CopyOptions extends TidRange {
  /** Called after each transaction; returning `false` stops, and what was copied stays. */
  readonly onProgress?: ((tid: Tid, done: number) => unknown) | undefined;
}

/**
 * Copies all transactions, or those of a range, with their tids, texts and statuses, and gives their number. Records that
 * repeat others (undo) do so in the copy too: between FileStorages that were never packed, the copy of everything has the
 * bytes of the original. Blobs are copied where both have them. A tid that is not later than the one before becomes the next tid after that.
 * @throws StorageError where `to` cannot restore, CorruptedDataError where damage in `from` is reached
 */
export function copyTransactions(from: Storage, to: Storage, options: CopyOptions = {}): number {
  let done = 0;
  for (const record of from.iterate(options)) {
    const tid = copyTransaction(from, record, to);
    done++;
    if (options.onProgress?.(tid, done) === false) break;
  }
  return done;
}

function copyTransaction(from: Storage, records: TransactionRecord, to: Storage): Tid {
  const last = to.lastTransaction();
  const tid = records.tid > last ? records.tid : laterThan(last);
  const transaction = to.begin(records, tid, records.status === 'p' ? 'p' : ' ');
  try {
    if (transaction.restore === undefined)
      throw new StorageError('the storage cannot restore transactions', { file: to.name });
    for (const record of records.records()) copyRecord(from, record, to, transaction);
    transaction.vote();
    return transaction.finish();
  } catch (error) {
    transaction.abort();
    throw error;
  }
}

function copyRecord(
  from: Storage,
  record: DataRecord,
  to: Storage,
  transaction: StorageTransaction,
): void {
  const { oid, data, dataTid } = record;
  const file = data && isBlobRecord(data) ? copyBlob(from, record, to) : undefined;
  if (file === undefined) {
    transaction.restore?.(oid, data, dataTid);
    return;
  }
  try {
    transaction.restoreBlob?.(oid, data as Uint8Array, file, dataTid);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/** A copy of a blob's file that `to` may move; `undefined` where one of the storages has no blobs, or not this one. */
function copyBlob(from: Storage, { oid, tid }: DataRecord, to: Storage): string | undefined {
  if (!from.can.blobs || !to.can.blobs || to.blobTemporaryFolder === undefined) return undefined;
  let original: string | undefined;
  try {
    original = from.loadBlob?.(oid, tid);
  } catch (error) {
    if (!isZodbError(error, 'POS_KEY')) throw error;
  }
  if (original === undefined) return undefined;
  const file = temporaryFile(to.blobTemporaryFolder(), 'CTFT');
  copyFileSync(original, file);
  return file;
}

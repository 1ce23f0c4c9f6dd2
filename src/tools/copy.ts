// Copying transactions from one storage to another, of whatever kind they are.

import { StorageError } from '../zodb/errors.ts';
import type { Tid } from '../zodb/ids.ts';
import type { Storage, TidRange, TransactionRecord } from '../zodb/storage.ts';
import { laterThan } from '../zodb/time.ts';

/** What to copy. */
export interface CopyOptions extends TidRange {
  /** Called after each transaction; returning `false` stops, and what was copied stays. */
  readonly onProgress?: ((tid: Tid, done: number) => unknown) | undefined;
}

/**
 * Copies all transactions, or those of a range, with their tids, texts and statuses, and gives their number. Records that
 * repeat others (undo) do so in the copy too: between FileStorages that were never packed, the copy of everything has the
 * bytes of the original. A tid that is not later than the one before becomes the next tid after that.
 * @throws StorageError where `to` cannot restore, CorruptedDataError where damage in `from` is reached
 */
export function copyTransactions(from: Storage, to: Storage, options: CopyOptions = {}): number {
  let done = 0;
  for (const record of from.iterate(options)) {
    const tid = copyTransaction(record, to);
    done++;
    if (options.onProgress?.(tid, done) === false) break;
  }
  return done;
}

function copyTransaction(from: TransactionRecord, to: Storage): Tid {
  const last = to.lastTransaction();
  const tid = from.tid > last ? from.tid : laterThan(last);
  const transaction = to.begin(from, tid, from.status === 'p' ? 'p' : ' ');
  try {
    if (transaction.restore === undefined)
      throw new StorageError('the storage cannot restore transactions', { file: to.name });
    for (const { oid, data, dataTid } of from.records()) transaction.restore(oid, data, dataTid);
    transaction.vote();
    return transaction.finish();
  } catch (error) {
    transaction.abort();
    throw error;
  }
}

// Transactions of a dump into a storage: as they were (`restoreDump`), or as a new transaction (`commitDump`).

import { ArgumentError, POSKeyError, StorageError } from '../zodb/errors.ts';
import { formatId, type Oid, type Tid, ZERO_TID } from '../zodb/ids.ts';
import type { Storage, StorageTransaction } from '../zodb/storage.ts';
import {
  type DumpedRecord,
  type DumpedTransaction,
  readDump,
  readDumpedTransaction,
} from './dump-reader.ts';

/**
 * Makes every transaction of a dump again, with its tid, and gives those tids one by one. What was made before an error
 * stays.
 * @throws DumpError, ArgumentError for a transaction that is not later than those in the storage, StorageError where the
 * storage cannot restore or the dump has no data
 */
export async function* restoreDump(
  storage: Storage,
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Tid> {
  let at = storage.lastTransaction();
  for await (const dumped of readDump(input)) {
    // The id of a transaction that nobody has made yet.
    at =
      dumped.tid === ZERO_TID ? await commit(storage, at, dumped) : await remake(storage, dumped);
    yield at;
  }
}

/**
 * Commits the transaction that `input` describes, in the format of a dump without the line `txn`. `at` is the newest
 * transaction that its author has seen.
 * @throws DumpError, ConflictError where an object was changed after `at`, and what `storage.begin` throws
 */
export function commitDump(
  storage: Storage,
  at: Tid,
  input: AsyncIterable<Uint8Array>,
): Promise<Tid> {
  return readDumpedTransaction(input, (dumped) => commit(storage, at, dumped));
}

async function remake(storage: Storage, dumped: DumpedTransaction): Promise<Tid> {
  const { tid, status } = dumped;
  if (status !== ' ' && status !== 'p')
    throw new ArgumentError(`transaction ${formatId(tid)} has the unknown status "${status}"`);
  return run(storage.begin(dumped, tid, status), dumped, (transaction, record) => {
    if (transaction.restore === undefined)
      throw new StorageError('the storage cannot restore transactions', { file: storage.name });
    if (record.kind === 'delete') transaction.restore(record.oid, undefined);
    else if (record.kind === 'copy')
      transaction.restore(record.oid, copied(storage, record.oid, record.from), record.from);
    else transaction.restore(record.oid, data(storage, record));
  });
}

async function commit(storage: Storage, at: Tid, dumped: DumpedTransaction): Promise<Tid> {
  return run(storage.begin(dumped), dumped, (transaction, record) => {
    const { oid } = record;
    const serial = serialAt(storage, oid, at);
    if (record.kind === 'delete') {
      if (transaction.deleteObject === undefined)
        throw new StorageError('the storage cannot delete objects', { file: storage.name, oid });
      transaction.deleteObject(oid, serial);
    } else if (record.kind === 'copy')
      transaction.store(oid, serial, copied(storage, oid, record.from));
    else transaction.store(oid, serial, data(storage, record));
  });
}

async function run(
  transaction: StorageTransaction,
  dumped: DumpedTransaction,
  store: (transaction: StorageTransaction, record: DumpedRecord) => void,
): Promise<Tid> {
  try {
    for await (const record of dumped.records()) store(transaction, record);
    transaction.vote();
    return transaction.finish();
  } catch (error) {
    transaction.abort();
    throw error;
  }
}

function data(storage: Storage, record: DumpedRecord): Uint8Array {
  if (record.kind === 'data') return record.data;
  throw new StorageError('the dump has only hashes: nothing can be made of it', {
    file: storage.name,
    oid: record.oid,
  });
}

function copied(storage: Storage, oid: Oid, from: Tid): Uint8Array {
  const revision = before(storage, oid, from);
  if (revision === undefined)
    throw new POSKeyError(oid, {
      file: storage.name,
      tid: from,
      reason: 'the object whose data are to be repeated did not exist then',
    });
  return revision.data;
}

function serialAt(storage: Storage, oid: Oid, at: Tid): Tid {
  return before(storage, oid, at)?.tid ?? ZERO_TID;
}

/** The revision that was current right after `at`. */
function before(storage: Storage, oid: Oid, at: Tid) {
  try {
    return storage.load(oid, (at + 1n) as Tid);
  } catch (error) {
    if (error instanceof POSKeyError) return undefined;
    throw error;
  }
}

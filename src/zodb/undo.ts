// Undoing transactions, as a part of a transaction: a resource manager that has the storage do it at commit.

import { isZodbError } from '../errors.ts';
import { StorageError, StorageTransactionError } from './errors.ts';
import type { Tid } from './ids.ts';
import type { ResourceManager } from './resource-manager.ts';
import type { Storage, StorageTransaction } from './storage.ts';
import type { Transaction } from './transaction.ts';
import { writeMetadata } from './transaction-metadata.ts';

/** @throws StorageError (`UNSUPPORTED`) if the storage cannot do it */
export function undoResource(
  storage: Storage,
  tids: readonly Tid[],
  transaction: Transaction,
): ResourceManager {
  checkCan(storage, 'undo');
  let begun: StorageTransaction | undefined;
  const running = (): StorageTransaction => {
    if (begun === undefined)
      throw new StorageTransactionError('the undo has not begun', { file: storage.name });
    return begun;
  };
  const abort = (): void => {
    begun?.abort();
    begun = undefined;
  };
  return {
    sortKey: () => `${storage.name}:undo`,
    tpcBegin: () => {
      begun = begin(storage, transaction);
    },
    commit: () => {
      for (const tid of tids) running().undo?.(tid);
    },
    tpcVote: () => {
      running().vote();
    },
    tpcFinish: () => {
      running().finish();
      begun = undefined;
    },
    abort,
    tpcAbort: abort,
  };
}

function begin(storage: Storage, transaction: Transaction): StorageTransaction {
  try {
    return storage.begin(writeMetadata(transaction, storage.dialect));
  } catch (cause) {
    if (!isZodbError(cause, 'STORAGE_TRANSACTION')) throw cause;
    throw new StorageTransactionError(
      'an undo cannot be part of a transaction in which a connection to the same database has changes: commit one after the other',
      { file: storage.name, cause },
    );
  }
}

/** @throws StorageError (`UNSUPPORTED`) */
export function checkCan(storage: Storage, what: 'undo' | 'history' | 'pack'): void {
  if (storage.can[what]) return;
  throw new StorageError(`this storage has no ${what}`, { file: storage.name }, 'UNSUPPORTED');
}

// A connection as a resource manager: what its transaction asks of it.

import type { CommitBuffer } from './commit-buffer.ts';
import type { ResourceManager } from './resource-manager.ts';
import type { Transaction } from './transaction.ts';

/** How a connection's part of a transaction may end. */
export interface ConnectionEnding {
  /** The changes are stored: `store` makes them visible. */
  finish(store: () => void): void;
  aborted(): void;
}

export function connectionResource(
  sortKey: string,
  buffer: CommitBuffer,
  transaction: Transaction,
  ending: ConnectionEnding,
): ResourceManager {
  const abort = (): void => {
    ending.aborted();
    buffer.abort();
  };
  return {
    sortKey: () => sortKey,
    tpcBegin: () => buffer.begin(transaction),
    commit: () => buffer.store(),
    tpcVote: () => buffer.vote(),
    tpcFinish: () => ending.finish(() => buffer.finish()),
    abort,
    tpcAbort: abort,
    savepoint: () => buffer.savepoint(),
  };
}

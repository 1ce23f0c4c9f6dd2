// What takes part in transactions: resource managers, whose changes are committed together in two phases, and synchronizers,
// which are told when transactions begin and end.

import type { Transaction } from './transaction.ts';

/** What a resource manager gives for a savepoint: how to return to it. May be called several times. */
export interface ResourceSavepoint {
  rollback(): void;
}

/** Something whose changes are part of a transaction. All are asked in the order of their sort keys. */
export interface ResourceManager {
  sortKey(): string;
  /** The transaction is given up before its commit began. */
  abort(transaction: Transaction): void;
  tpcBegin(transaction: Transaction): void;
  commit(transaction: Transaction): void;
  tpcVote(transaction: Transaction): void;
  tpcFinish(transaction: Transaction): void;
  tpcAbort(transaction: Transaction): void;
  /** Keeps the present state, to return to it within this transaction. A manager without it allows no savepoints. */
  savepoint?(): ResourceSavepoint;
  /** Whether this error of the transaction may be gone when everything is tried again. */
  shouldRetry?(error: unknown): boolean;
}

/** Something that wants to know about every transaction of a manager, joined or not. */
export interface Synchronizer {
  newTransaction?(transaction: Transaction): void;
  /** Whether `beforeCompletion` would join: changes of which no transaction knows yet. */
  hasChanges?(): boolean;
  /** Just before a savepoint is set or returned to: the moment to join with changes that nobody reported. */
  beforeSavepoint?(transaction: Transaction): void;
  /** Just before a commit or abort: the last moment to join. */
  beforeCompletion?(transaction: Transaction): void;
  afterCompletion?(transaction: Transaction): void;
}

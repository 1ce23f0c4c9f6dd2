// Transaction managers: each gives out one transaction at a time, to the connections that were opened with it. The default
// one is for scripts and the REPL; `db.transaction(fn)` brings one of its own, kept in AsyncLocalStorage.

import { AsyncLocalStorage } from 'node:async_hooks';
import { ArgumentError, TransactionError } from './errors.ts';
import { guarded } from './guarded.ts';
import { checkOptions, count, flag, text } from './options.ts';
import type { Synchronizer } from './resource-manager.ts';
import type { Savepoint } from './savepoint.ts';
import { Transaction, type TransactionOwner } from './transaction.ts';

/** How a manager behaves. */
export interface ManagerOptions {
  /** Transactions begin by `begin()` only: using one before that, or beginning a second one, is an error. */
  readonly explicit?: boolean;
}

/** What `run` and `db.transaction` may be told beside their function. */
export interface TransactionOptions {
  /** Stored with the transaction. */
  readonly note?: string;
  readonly user?: string;
  /** How often to run the function again after a ConflictError. Default 3. */
  readonly retries?: number;
}

/** Gives out one transaction at a time, to the connections that were opened with it. */
export class TransactionManager {
  readonly explicit: boolean;
  #current: Transaction | undefined;
  readonly #synchronizers = new Set<Synchronizer>();
  readonly #owner: TransactionOwner = {
    beforeSavepoint: (transaction) =>
      this.#each((synchronizer) => synchronizer.beforeSavepoint?.(transaction)),
    beforeCompletion: (transaction) => this.#beforeCompletion(transaction),
    completed: (transaction) => this.#completed(transaction),
  };

  /** @throws ArgumentError */
  constructor(options: ManagerOptions = {}) {
    checkOptions('TransactionManager', options, ['explicit']);
    this.explicit = flag('explicit', options.explicit, false);
  }

  /**
   * The transaction in progress; makes one if there is none. Connections keep their snapshots then: this is called when the
   * first object is about to change, with what was read of it and others still in use.
   * @throws TransactionError (`NO_TRANSACTION`) if the manager is explicit and none has begun
   */
  get(): Transaction {
    return this.current();
  }

  /** This manager's own transaction, whatever `db.transaction` is running: what its connections join. */
  current(): Transaction {
    if (this.#current === undefined) {
      if (this.explicit) {
        throw new TransactionError(
          'no transaction is in progress: this manager is explicit, call begin() first',
          'NO_TRANSACTION',
        );
      }
      this.#current = new Transaction(this.#owner);
    }
    return this.#current;
  }

  /**
   * Begins a new transaction; one in progress is aborted. Connections see what others have committed since.
   * @throws TransactionError (`TRANSACTION_ACTIVE`) if the manager is explicit and one is in progress
   */
  begin(): Transaction {
    if (this.explicit && this.#current !== undefined) {
      throw new TransactionError(
        'a transaction is in progress: commit or abort it before the next begin()',
        'TRANSACTION_ACTIVE',
      );
    }
    const changed = (synchronizer: Synchronizer): boolean => synchronizer.hasChanges?.() === true;
    if (this.#current !== undefined || (!this.explicit && [...this.#synchronizers].some(changed))) {
      this.current().abort();
    }
    const transaction = new Transaction(this.#owner);
    this.#current = transaction;
    this.#each((synchronizer) => synchronizer.newTransaction?.(transaction));
    return transaction;
  }

  commit(): void {
    this.current().commit();
  }

  abort(): void {
    this.current().abort();
  }

  /** @throws TransactionError */
  doom(reason?: string): void {
    this.get().doom(reason);
  }

  get isDoomed(): boolean {
    return this.get().isDoomed;
  }

  /** As `savepoint` of the transaction in progress. */
  savepoint(optimistic = false): Savepoint {
    return this.get().savepoint(optimistic);
  }

  /**
   * Runs `fn` in a transaction of its own: commits when it returns (or its promise resolves), aborts when it throws, and runs
   * it again after a ConflictError.
   * @throws what `fn` and the commit throw, and ArgumentError
   */
  run<T>(fn: (transaction: Transaction) => T, options: TransactionOptions = {}): T {
    checkOptions('transaction.run', options, ['note', 'user', 'retries']);
    const retries = count('retries', options.retries, 3);
    const note = text('note', options.note);
    const user = text('user', options.user);
    if (typeof fn !== 'function')
      throw new ArgumentError(`a transaction runs a function, got ${String(fn)}`);
    const prepared = (transaction: Transaction): T => {
      if (note !== undefined) transaction.note(note);
      if (user !== undefined) transaction.user = user;
      return guarded(() => fn(transaction));
    };
    return this.#attempt(prepared, retries);
  }

  /** It is told of every transaction that begins or ends from now on. */
  registerSynchronizer(synchronizer: Synchronizer): void {
    this.#synchronizers.add(synchronizer);
  }

  unregisterSynchronizer(synchronizer: Synchronizer): void {
    this.#synchronizers.delete(synchronizer);
  }

  #attempt<T>(fn: (transaction: Transaction) => T, retries: number): T {
    const transaction = this.begin();
    const again = (error: unknown): T => {
      const retry = retries > 0 && transaction.isRetryable(error);
      try {
        if (this.#current === transaction) transaction.abort();
      } catch {
        // The error that led here says more than what cleaning up after it met.
      }
      if (retry) return this.#attempt(fn, retries - 1);
      throw error;
    };
    try {
      const result = fn(transaction);
      if (!(result instanceof Promise)) {
        transaction.commit();
        return result;
      }
      return result
        .then((value) => {
          transaction.commit();
          return value;
        })
        .catch(again) as T;
    } catch (error) {
      return again(error);
    }
  }

  #each(tell: (synchronizer: Synchronizer) => void): void {
    for (const synchronizer of [...this.#synchronizers]) tell(synchronizer);
  }

  #beforeCompletion(transaction: Transaction): void {
    const { status } = transaction;
    transaction.status = 'active';
    try {
      this.#each((synchronizer) => synchronizer.beforeCompletion?.(transaction));
    } finally {
      transaction.status = status;
    }
  }

  // A failed transaction stays current until it is aborted.
  #completed(transaction: Transaction): void {
    if (transaction.status !== 'failed' && this.#current === transaction) this.#current = undefined;
    this.#each((synchronizer) => synchronizer.afterCompletion?.(transaction));
  }
}

/** The managers of the `db.transaction` calls that are running, the innermost for each asynchronous context. */
const inside = new AsyncLocalStorage<TransactionManager>();

/** Runs the function of a `db.transaction` with its manager. */
export function runInside<T>(manager: TransactionManager, fn: () => T): T {
  return inside.run(manager, fn);
}

/** The manager of scripts: within `db.transaction(fn)` it shows that transaction, but does not end or begin one. */
class DefaultManager extends TransactionManager {
  override get(): Transaction {
    return inside.getStore()?.get() ?? super.get();
  }

  override begin(): Transaction {
    this.#checkOutside('begin');
    return super.begin();
  }

  override commit(): void {
    this.#checkOutside('commit');
    super.commit();
  }

  override abort(): void {
    this.#checkOutside('abort');
    super.abort();
  }

  #checkOutside(what: string): void {
    if (inside.getStore() === undefined) return;
    throw new TransactionError(
      `transaction.${what}() inside db.transaction(fn): it commits when fn returns, and aborts when fn throws`,
      'TRANSACTION_INSIDE',
    );
  }
}

const DEFAULT: unique symbol = Symbol.for('zodb/1.transaction-manager') as never;

/** The manager of scripts, the REPL and the tutorial; `db.transaction(fn)` brings one of its own. */
export const transaction: TransactionManager = defaultManager();

function defaultManager(): TransactionManager {
  const holder = globalThis as unknown as { [DEFAULT]?: TransactionManager };
  holder[DEFAULT] ??= new DefaultManager();
  return holder[DEFAULT];
}

// Transactions over several resource managers, committed in two phases: begin, commit and vote of every manager may
// fail and undo the whole; finish may not. Connections and array file handles are such managers.

import { AsyncLocalStorage } from 'node:async_hooks';
import { ArgumentError, TransactionError } from './errors.ts';
import { guarded } from './guarded.ts';

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
}

/** Something that wants to know about every transaction of a manager, joined or not. */
export interface Synchronizer {
  newTransaction?(transaction: Transaction): void;
  /** Whether `beforeCompletion` would join: changes of which no transaction knows yet. */
  hasChanges?(): boolean;
  /** Just before a commit or abort: the last moment to join. */
  beforeCompletion?(transaction: Transaction): void;
  afterCompletion?(transaction: Transaction): void;
}

export type TransactionStatus = 'active' | 'committing' | 'committed' | 'aborted' | 'failed';

/** One transaction: what `transaction.get()` gives. */
export class Transaction {
  status: TransactionStatus = 'active';
  user = '';
  description = '';
  /** Further facts for the transaction's extension dictionary. */
  readonly extension: Map<string, unknown> = new Map();

  readonly #manager: TransactionManager;
  readonly #resources: ResourceManager[] = [];
  #doomed: string | undefined;
  #failure: unknown;

  constructor(manager: TransactionManager) {
    this.#manager = manager;
  }

  /** Adds a line to the description that is stored with the transaction. @throws ArgumentError for what is no text */
  note(text: string): this {
    if (typeof text !== 'string') throw new ArgumentError(`a note is text, got ${String(text)}`);
    this.description = this.description === '' ? text : `${this.description}\n${text}`;
    return this;
  }

  /** Adds a resource manager. @throws TransactionError if the transaction has failed or ended */
  join(resource: ResourceManager): void {
    if (this.status !== 'active') throw this.#notActive('join');
    if (!this.#resources.includes(resource)) this.#resources.push(resource);
  }

  /** Makes every commit of this transaction fail; abort is the only way on. */
  doom(reason = 'the transaction is doomed'): void {
    this.#doomed ??= reason;
  }

  get isDoomed(): boolean {
    return this.#doomed !== undefined;
  }

  /** @throws what any resource manager throws; then everything is as before the transaction, and it must be aborted */
  commit(): void {
    if (this.#doomed !== undefined) throw new TransactionError(this.#doomed, 'TRANSACTION_DOOMED');
    if (this.status !== 'active') throw this.#notActive('commit');
    this.status = 'committing';
    try {
      this.#manager.beforeCompletion(this, 'active');
      if (this.#doomed !== undefined)
        throw new TransactionError(this.#doomed, 'TRANSACTION_DOOMED');
      this.#commitResources();
      this.status = 'committed';
    } catch (error) {
      this.status = 'failed';
      this.#failure = error;
      throw error;
    } finally {
      this.#manager.completed(this);
    }
  }

  /** Forgets all changes. */
  abort(): void {
    const { status } = this;
    if (status === 'committing' || status === 'committed' || status === 'aborted') {
      throw this.#notActive('abort');
    }
    let failure: unknown;
    const attempt = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        failure ??= error;
      }
    };
    if (status === 'active') attempt(() => this.#manager.beforeCompletion(this, 'active'));
    // After a failed commit too: it may have failed before any manager was asked.
    for (const resource of this.#sorted()) attempt(() => resource.abort(this));
    this.status = 'aborted';
    this.#manager.completed(this);
    if (failure !== undefined) throw failure;
  }

  #sorted(): ResourceManager[] {
    return this.#resources
      .map((resource, index) => ({ resource, index, key: resource.sortKey() }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index))
      .map(({ resource }) => resource);
  }

  #commitResources(): void {
    const resources = this.#sorted();
    let begun = 0;
    try {
      for (const resource of resources) {
        begun++;
        resource.tpcBegin(this);
      }
      for (const resource of resources) resource.commit(this);
      for (const resource of resources) resource.tpcVote(this);
    } catch (error) {
      this.#undo(resources, begun);
      throw error;
    }
    this.#finish(resources);
  }

  #undo(resources: readonly ResourceManager[], begun: number): void {
    // The first error is what the caller needs; one more from a manager that cannot clean up would only hide it.
    const quietly = (step: () => void): void => {
      try {
        step();
      } catch {
        this.doom('cleaning up after a failed commit failed too');
      }
    };
    for (const resource of resources.slice(begun)) quietly(() => resource.abort(this));
    for (const resource of resources.slice(0, begun)) quietly(() => resource.tpcAbort(this));
  }

  #finish(resources: readonly ResourceManager[]): void {
    let failure: unknown;
    for (const resource of resources) {
      try {
        resource.tpcFinish(this);
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  #notActive(what: string): TransactionError {
    if (this.status === 'failed') {
      return new TransactionError(
        `cannot ${what}: an earlier commit of this transaction failed; abort it first`,
        'TRANSACTION_FAILED',
        this.#failure,
      );
    }
    return new TransactionError(`cannot ${what} a transaction that is ${this.status}`);
  }
}

/** Gives out one transaction at a time, to the connections that were opened with it. */
export class TransactionManager {
  #current: Transaction | undefined;
  readonly #synchronizers = new Set<Synchronizer>();

  /**
   * The transaction in progress; makes one if there is none. Connections keep their snapshots then: this is called when the
   * first object is about to change, with what was read of it and others still in use.
   */
  get(): Transaction {
    return this.current();
  }

  /** This manager's own transaction, whatever `db.transaction` is running: what its connections join. */
  current(): Transaction {
    this.#current ??= new Transaction(this);
    return this.#current;
  }

  /** Begins a new transaction; one in progress is aborted. Connections see what others have committed since. */
  begin(): Transaction {
    const changed = (synchronizer: Synchronizer): boolean => synchronizer.hasChanges?.() === true;
    if (this.#current !== undefined || [...this.#synchronizers].some(changed)) {
      this.current().abort();
    }
    const transaction = new Transaction(this);
    this.#current = transaction;
    for (const synchronizer of [...this.#synchronizers]) synchronizer.newTransaction?.(transaction);
    return transaction;
  }

  commit(): void {
    this.current().commit();
  }

  abort(): void {
    this.current().abort();
  }

  doom(reason?: string): void {
    this.get().doom(reason);
  }

  /**
   * Runs `fn` in a transaction of its own: commits when it returns, aborts when it throws.
   * @throws what `fn` and the commit throw, and ArgumentError
   */
  run<T>(fn: (transaction: Transaction) => T): T {
    if (typeof fn !== 'function')
      throw new ArgumentError(`a transaction runs a function, got ${String(fn)}`);
    const transaction = this.begin();
    let result: T;
    try {
      result = guarded(() => fn(transaction));
      transaction.commit();
    } catch (error) {
      if (this.#current === transaction) transaction.abort();
      throw error;
    }
    return result;
  }

  registerSynchronizer(synchronizer: Synchronizer): void {
    this.#synchronizers.add(synchronizer);
  }

  unregisterSynchronizer(synchronizer: Synchronizer): void {
    this.#synchronizers.delete(synchronizer);
  }

  /** Called by its transaction: the last moment for synchronizers to join it. */
  beforeCompletion(transaction: Transaction, joinable: TransactionStatus): void {
    const { status } = transaction;
    transaction.status = joinable;
    try {
      for (const synchronizer of [...this.#synchronizers])
        synchronizer.beforeCompletion?.(transaction);
    } finally {
      transaction.status = status;
    }
  }

  /** Called by its transaction once it has ended. A failed one stays current until it is aborted. */
  completed(transaction: Transaction): void {
    if (transaction.status !== 'failed' && this.#current === transaction) this.#current = undefined;
    for (const synchronizer of [...this.#synchronizers])
      synchronizer.afterCompletion?.(transaction);
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

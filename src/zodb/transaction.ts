// One transaction over several resource managers, committed in two phases: begin, commit and vote of every manager may fail
// and undo the whole; finish may not. Connections and array file handles are such managers.

import { isZodbError } from '../errors.ts';
import { ArgumentError, TransactionError } from './errors.ts';
import { Hooks } from './hooks.ts';
import type { ResourceManager, ResourceSavepoint } from './resource-manager.ts';
import { keep, Savepoint } from './savepoint.ts';

export type TransactionStatus = 'active' | 'committing' | 'committed' | 'aborted' | 'failed';

/** What a transaction tells the manager that made it. */
export interface TransactionOwner {
  beforeSavepoint(transaction: Transaction): void;
  /** The last moment for synchronizers to join: the transaction is `active` meanwhile. */
  beforeCompletion(transaction: Transaction): void;
  completed(transaction: Transaction): void;
}

/** One transaction: what `transaction.get()` gives. */
export class Transaction {
  status: TransactionStatus = 'active';
  user = '';
  description = '';
  /** Further facts for the transaction's extension dictionary. */
  readonly extension: Map<string, unknown> = new Map();

  readonly #owner: TransactionOwner;
  #resources: ResourceManager[] = [];
  #savepoints: Savepoint[] = [];
  readonly #data = new WeakMap<object, unknown>();
  readonly #beforeCommit = new Hooks();
  readonly #afterCommit = new Hooks<[committed: boolean]>();
  readonly #beforeAbort = new Hooks();
  readonly #afterAbort = new Hooks();
  #doomed: string | undefined;
  #failure: unknown;

  constructor(owner: TransactionOwner) {
    this.#owner = owner;
  }

  /** Adds a line to the description that is stored with the transaction. @throws ArgumentError for what is no text */
  note(text: string): this {
    if (typeof text !== 'string') throw new ArgumentError(`a note is text, got ${String(text)}`);
    this.description = this.description === '' ? text : `${this.description}\n${text}`;
    return this;
  }

  /** Stores a fact beside user and description, as any value that a pickle holds. @throws ArgumentError */
  setExtendedInfo(name: string, value: unknown): this {
    if (typeof name !== 'string')
      throw new ArgumentError(`extended info has a text as its name, got ${String(name)}`);
    this.extension.set(name, value);
    return this;
  }

  /** What `setData` kept for this object in this transaction; `undefined` if nothing. */
  data(key: object): unknown {
    return this.#data.get(key);
  }

  /** Keeps something for an object as long as the transaction: for resource managers and caches. @throws ArgumentError */
  setData(key: object, value: unknown): void {
    if ((typeof key !== 'object' && typeof key !== 'function') || key === null)
      throw new ArgumentError(`data of a transaction belong to an object, got ${String(key)}`);
    this.#data.set(key, value);
  }

  /** Adds a resource manager. @throws TransactionError if the transaction has failed or ended */
  join(resource: ResourceManager): void {
    if (this.status !== 'active') throw this.#notActive('join');
    if (this.#resources.includes(resource)) return;
    this.#resources.push(resource);
    for (const savepoint of this.#savepoints) {
      savepoint.add({
        rollback: () => {
          resource.abort(this);
          this.#resources = this.#resources.filter((other) => other !== resource);
        },
      });
    }
  }

  /** `fn` runs when a commit begins, and may still change objects. @throws ArgumentError */
  addBeforeCommitHook(fn: () => void): void {
    this.#beforeCommit.add(fn);
  }

  /** `fn` runs after a commit, with whether it succeeded. @throws ArgumentError */
  addAfterCommitHook(fn: (committed: boolean) => void): void {
    this.#afterCommit.add(fn);
  }

  /** `fn` runs when an abort begins. @throws ArgumentError */
  addBeforeAbortHook(fn: () => void): void {
    this.#beforeAbort.add(fn);
  }

  /** `fn` runs after an abort. @throws ArgumentError */
  addAfterAbortHook(fn: () => void): void {
    this.#afterAbort.add(fn);
  }

  /** Makes every commit of this transaction fail; abort is the only way on. @throws TransactionError if it has ended */
  doom(reason = 'the transaction is doomed'): void {
    if (this.status === 'committed' || this.status === 'aborted') throw this.#notActive('doom');
    this.#doomed ??= reason;
  }

  get isDoomed(): boolean {
    return this.#doomed !== undefined;
  }

  /** Whether the same work may succeed when it is done again: a conflict, or what a resource manager says. */
  isRetryable(error: unknown): boolean {
    return (
      isZodbError(error, 'CONFLICT') ||
      isZodbError(error, 'READ_CONFLICT') ||
      this.#resources.some((resource) => resource.shouldRetry?.(error) === true)
    );
  }

  /**
   * A state to which `rollback()` returns, changes of all resource managers included.
   * @param optimistic allow it also where a resource manager supports no savepoints: then rolling back is the error
   * @throws TransactionError (`SAVEPOINT`), and what storing changed objects throws; then the transaction has failed
   */
  savepoint(optimistic = false): Savepoint {
    if (typeof optimistic !== 'boolean')
      throw new ArgumentError(`optimistic is true or false, got ${String(optimistic)}`);
    if (this.status !== 'active') throw this.#notActive('set a savepoint in');
    const savepoint = new Savepoint((parts) => this.#rollback(savepoint, parts));
    this.#orFail(() => {
      this.#owner.beforeSavepoint(this);
      for (const resource of this.#resources) savepoint.add(keep(resource, optimistic));
    });
    this.#savepoints.push(savepoint);
    return savepoint;
  }

  /** @throws what any resource manager throws; then everything is as before the transaction, and it must be aborted */
  commit(): void {
    this.#checkDoom();
    if (this.status !== 'active') throw this.#notActive('commit');
    this.#invalidateSavepoints();
    try {
      this.#beforeCommit.run();
      this.status = 'committing';
      this.#owner.beforeCompletion(this);
      this.#checkDoom();
      this.#commitResources();
      this.status = 'committed';
    } catch (error) {
      this.#fail(error);
      throw error;
    } finally {
      this.#owner.completed(this);
      this.#afterCommit.runAfter(this.status === 'committed');
    }
  }

  /** Forgets all changes. */
  abort(): void {
    const { status } = this;
    if (status === 'committing' || status === 'committed' || status === 'aborted') {
      throw this.#notActive('abort');
    }
    this.#invalidateSavepoints();
    let failure: unknown;
    const attempt = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        failure ??= error;
      }
    };
    attempt(() => this.#beforeAbort.run());
    if (status === 'active') attempt(() => this.#owner.beforeCompletion(this));
    // After a failed commit too: it may have failed before any manager was asked.
    for (const resource of this.#sorted()) attempt(() => resource.abort(this));
    this.status = 'aborted';
    this.#owner.completed(this);
    this.#afterAbort.runAfter();
    if (failure !== undefined) throw failure;
  }

  #rollback(savepoint: Savepoint, parts: readonly ResourceSavepoint[]): void {
    if (this.status !== 'active') throw this.#notActive('return to a savepoint of');
    this.#orFail(() => {
      this.#owner.beforeSavepoint(this);
      const kept = this.#savepoints.indexOf(savepoint) + 1;
      for (const later of this.#savepoints.splice(kept)) later.invalidate();
      for (const part of parts) part.rollback();
    });
  }

  #invalidateSavepoints(): void {
    for (const savepoint of this.#savepoints.splice(0)) savepoint.invalidate();
  }

  #orFail(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #fail(error: unknown): void {
    this.status = 'failed';
    this.#failure = error;
  }

  #checkDoom(): void {
    if (this.#doomed !== undefined) throw new TransactionError(this.#doomed, 'TRANSACTION_DOOMED');
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
        this.#doomed ??= 'cleaning up after a failed commit failed too';
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
        `cannot ${what} this transaction: an earlier step of it failed; abort it first`,
        'TRANSACTION_FAILED',
        this.#failure,
      );
    }
    return new TransactionError(`cannot ${what} a transaction that is ${this.status}`);
  }
}

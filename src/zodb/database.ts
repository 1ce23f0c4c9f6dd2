// A database: a storage, the classes known to it, and the connections opened on it.

import { ClassTable } from './classes.ts';
import { resolveConflict } from './conflict.ts';
import { Connection } from './connection.ts';
import {
  ArgumentError,
  ClosedError,
  ConflictError,
  POSKeyError,
  TransactionError,
} from './errors.ts';
import { guarded } from './guarded.ts';
import { type IdInput, ROOT_OID, type Tid, tid as toTid, ZERO_TID } from './ids.ts';
import { PersistentMapping } from './mapping.ts';
import { ObjectWriter } from './object-writer.ts';
import type { PersistentClass } from './persistent.ts';
import type { Storage } from './storage.ts';
import { tidOfDate } from './time.ts';
import { transaction as defaultManager, runInside, TransactionManager } from './transaction.ts';

/** What a DB may be told beside its storage. */
export interface DatabaseOptions {
  /** Classes of this database by Python name, before those of `registerClass`. */
  readonly classes?: Readonly<Record<string, PersistentClass>>;
  /** How many loaded objects each connection keeps between transactions. Default 5000. */
  readonly cacheSize?: number;
  /** How many bytes of records each connection keeps; 0, the default, for no limit. */
  readonly cacheSizeBytes?: number;
}

/** How to open a connection. */
export interface ConnectionOptions {
  /** Default: the process-wide `transaction`, which takes one connection of each database. */
  readonly transactionManager?: TransactionManager;
  /** See the database as of this transaction or moment, read-only: a tid, a Date, or ISO text. */
  readonly at?: IdInput | Date;
  /** See what was committed before this transaction or moment, read-only. */
  readonly before?: IdInput | Date;
}

/** What `db.transaction` may be told beside its function. */
export interface TransactionOptions {
  /** Stored with the transaction. */
  readonly note?: string;
  readonly user?: string;
  /** How often to run the function again after a ConflictError. Default 3. */
  readonly retries?: number;
}

/** A database. `open` makes connections to it, `transaction` runs a function with one. */
export class DB {
  readonly storage: Storage;
  readonly #classes: ClassTable;
  readonly #cacheSize: number;
  readonly #cacheSizeBytes: number;
  readonly #connections = new Set<Connection>();
  #open = true;

  /** @throws ArgumentError, POSKeyError if the storage is read-only and holds no root object */
  constructor(storage: Storage, options: DatabaseOptions = {}) {
    if (typeof storage?.load !== 'function') throw new ArgumentError('a DB takes a storage');
    this.storage = storage;
    this.#classes = new ClassTable(options.classes);
    this.#cacheSize = limit('cacheSize', options.cacheSize, 5000);
    this.#cacheSizeBytes = limit('cacheSizeBytes', options.cacheSizeBytes, 0);
    if ('resolveConflict' in storage) {
      storage.resolveConflict = (conflict) =>
        resolveConflict(conflict, (spelling) => this.#classes.find(spelling));
    }
    this.#createRoot();
  }

  /**
   * A new connection.
   * @throws TransactionError if the default manager already has a writable connection to this database, ArgumentError for a
   * moment after the last transaction
   */
  open(options: ConnectionOptions = {}): Connection {
    this.#checkOpen();
    const before = this.#moment(options);
    const manager = options.transactionManager ?? defaultManager;
    if (typeof manager.registerSynchronizer !== 'function')
      throw new ArgumentError('transactionManager takes a TransactionManager');
    if (manager === defaultManager && before === undefined && !this.storage.readOnly) {
      for (const other of this.#connections) {
        if (other.transactionManager === manager && !other.readOnly) {
          throw new TransactionError(
            'the default transaction manager already has a connection to this database: use db.transaction(fn), or pass { transactionManager: new TransactionManager() }',
            'TRANSACTION_SHARED',
          );
        }
      }
    }
    const connection = new Connection({
      storage: this.storage,
      classes: this.#classes,
      manager,
      cacheSize: this.#cacheSize,
      cacheSizeBytes: this.#cacheSizeBytes,
      before,
      onClose: (closed) => this.#connections.delete(closed),
    });
    this.#connections.add(connection);
    return connection;
  }

  /**
   * Runs `fn` with a connection of its own: commits when it returns (or its promise resolves), aborts when it throws, and
   * runs it again after a ConflictError.
   * @throws what `fn` and the commit throw, and ArgumentError
   */
  transaction<T>(fn: (connection: Connection) => T, options: TransactionOptions = {}): T {
    const retries = limit('retries', options.retries, 3);
    if (typeof fn !== 'function')
      throw new ArgumentError(`a transaction runs a function, got ${String(fn)}`);
    for (const name of ['note', 'user'] as const) {
      const text: unknown = options[name];
      if (text !== undefined && typeof text !== 'string')
        throw new ArgumentError(`the ${name} of a transaction is text, got ${String(text)}`);
    }
    return this.#attempt(fn, options, retries);
  }

  /** The transaction newest in the storage. */
  lastTransaction(): Tid {
    return this.storage.lastTransaction();
  }

  /** Closes all connections and the storage. @throws ClosedError if one has uncommitted changes */
  close(): void {
    if (!this.#open) return;
    for (const connection of [...this.#connections]) connection.close();
    this.#open = false;
    this.storage.close();
  }

  /** Closes everything; uncommitted changes are aborted. */
  [Symbol.dispose](): void {
    for (const connection of [...this.#connections]) connection[Symbol.dispose]();
    this.close();
  }

  #attempt<T>(fn: (connection: Connection) => T, options: TransactionOptions, retries: number): T {
    const manager = new TransactionManager();
    const connection = this.open({ transactionManager: manager });
    const again = (error: unknown): T => {
      abandon(manager, connection);
      if (error instanceof ConflictError && retries > 0)
        return this.#attempt(fn, options, retries - 1);
      throw error;
    };
    const commit = (): void => {
      manager.commit();
      connection.close();
    };
    try {
      const transaction = manager.begin();
      if (options.note !== undefined) transaction.note(options.note);
      if (options.user !== undefined) transaction.user = options.user;
      const result = runInside(manager, () => guarded(() => fn(connection)));
      if (!isPromise(result)) {
        commit();
        return result;
      }
      return result
        .then((value) => {
          commit();
          return value;
        })
        .catch(again) as T;
    } catch (error) {
      return again(error);
    }
  }

  #createRoot(): void {
    try {
      if (this.storage.load(ROOT_OID) !== undefined) return;
    } catch (error) {
      if (!(error instanceof POSKeyError) || this.storage.readOnly) throw error;
    }
    const writer = new ObjectWriter(
      {
        jar: undefined as never,
        discovered: () => ROOT_OID,
      },
      this.#classes,
    );
    const begun = this.storage.begin({ description: 'initial database creation' });
    try {
      begun.store(ROOT_OID, ZERO_TID, writer.serialize(new PersistentMapping()));
      begun.vote();
      begun.finish();
    } catch (error) {
      begun.abort();
      throw error;
    }
  }

  #moment({ at, before }: ConnectionOptions): Tid | undefined {
    if (at !== undefined && before !== undefined)
      throw new ArgumentError('give either at or before, not both');
    const given = at ?? before;
    if (given === undefined) return undefined;
    const moment = momentTid(given);
    const tid = at === undefined ? moment : ((moment + 1n) as Tid);
    if (tid > this.storage.lastTransaction() + 1n) {
      throw new ArgumentError(
        'a connection to a past moment cannot lie after the last transaction',
      );
    }
    return tid;
  }

  #checkOpen(): void {
    if (!this.#open) throw new ClosedError(`the database ${this.storage.name} is closed`);
  }
}

function momentTid(given: IdInput | Date): Tid {
  if (typeof given === 'bigint') return toTid(given);
  if (typeof given === 'string' && /^(0x)?[0-9a-fA-F]{16}$/.test(given)) return toTid(given);
  const date = typeof given === 'string' || given instanceof Date ? new Date(given) : undefined;
  if (date === undefined || Number.isNaN(date.getTime())) {
    throw new ArgumentError(`a moment is a tid, a Date or ISO text, got ${JSON.stringify(given)}`);
  }
  return tidOfDate(date);
}

function abandon(manager: TransactionManager, connection: Connection): void {
  manager.abort();
  if (connection.isOpen) connection.close();
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}

function limit(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new ArgumentError(`${name} must be a non-negative integer, got ${String(value)}`);
}

// A database: a storage, the classes known to it, and the connections opened on it.

import { ActivityMonitor } from './activity.ts';
import { ClassTable } from './classes.ts';
import { resolveConflict } from './conflict.ts';
import { Connection } from './connection.ts';
import { ArgumentError, ClosedError, TransactionError } from './errors.ts';
import { type CacheDetail, type ConnectionInfo, cacheDetail, connectionInfo } from './figures.ts';
import { type IdInput, type Tid, oid as toOid, tid as toTid } from './ids.ts';
import { momentTid } from './moment.ts';
import { createRoot } from './new-root.ts';
import { checkOptions, count, flag, text } from './options.ts';
import { type DatabasePackOptions, packMoment } from './pack-moment.ts';
import type { PersistentClass } from './persistent.ts';
import { ConnectionPool } from './pool.ts';
import { showAs } from './show-as.ts';
import type { PackReport, Storage } from './storage.ts';
import type { Transaction } from './transaction.ts';
import {
  transaction as defaultManager,
  runInside,
  TransactionManager,
  type TransactionOptions,
} from './transaction-manager.ts';
import { readMetadata, type TransactionInfo } from './transaction-metadata.ts';
import { checkCan, undoResource } from './undo.ts';

/** What a DB may be told beside its storage. */
export interface DatabaseOptions {
  /** Classes of this database by Python name, before those of `registerClass`. */
  readonly classes?: Readonly<Record<string, PersistentClass>>;
  /** How many loaded objects each connection keeps between transactions. Default 5000. */
  readonly cacheSize?: number;
  /** How many bytes of records each connection keeps; 0, the default, for no limit. */
  readonly cacheSizeBytes?: number;
  /** How many closed connections are kept with their caches, to be opened again. Default 7. */
  readonly poolSize?: number;
  /** For how long they are kept, in milliseconds. Default: without end. */
  readonly poolTimeout?: number;
  /** The same for connections to past moments. Defaults: 3, five minutes, 1000 objects. */
  readonly historicalPoolSize?: number;
  readonly historicalPoolTimeout?: number;
  readonly historicalCacheSize?: number;
  /** What the database is called in references from others. Default `'unnamed'`. */
  readonly databaseName?: string;
  /** The registry of databases that may refer to each other, shared by them; this one adds itself. */
  readonly databases?: Map<string, DB>;
  /** Whether objects of this database may refer to objects of others. Default true. */
  readonly xrefs?: boolean;
}

/** The names of `DatabaseOptions`. */
export const DATABASE_OPTIONS: readonly string[] = [
  'classes',
  'cacheSize',
  'cacheSizeBytes',
  'poolSize',
  'poolTimeout',
  'historicalPoolSize',
  'historicalPoolTimeout',
  'historicalCacheSize',
  'databaseName',
  'databases',
  'xrefs',
];

/** How to open a connection. */
export interface ConnectionOptions {
  /** Default: the process-wide `transaction`, which takes one connection of each database. */
  readonly transactionManager?: TransactionManager;
  /** See the database as of this transaction or moment, read-only: a tid, a Date, or ISO text. */
  readonly at?: IdInput | Date;
  /** See what was committed before this transaction or moment, read-only. */
  readonly before?: IdInput | Date;
}

/** How to undo. */
export interface UndoOptions {
  /** Stored with the transaction that undoes. */
  readonly note?: string;
  readonly user?: string;
  /** Undo as a part of this transaction, when it commits, instead of in one of its own at once. */
  readonly transaction?: Transaction;
}

/** Which part of the undo log; entries are numbered from 0, the newest, after `filter`. */
export interface UndoLogRange {
  readonly first?: number;
  /** How many entries at most. Default 20. */
  readonly limit?: number;
  readonly filter?: (entry: TransactionInfo) => boolean;
}

const DAYS_WITHOUT_END = 2 ** 40;

/** A database. `open` makes connections to it, `transaction` runs a function with one. */
export class DB {
  readonly storage: Storage;
  readonly databaseName: string;
  /** The databases that may refer to each other, by name, this one included. */
  readonly databases: Map<string, DB>;
  readonly xrefs: boolean;
  /** How much the connections load and store. */
  readonly activity: ActivityMonitor = new ActivityMonitor();
  readonly #classes: ClassTable;
  readonly #cacheSize: number;
  readonly #cacheSizeBytes: number;
  readonly #historicalCacheSize: number;
  readonly #poolSize: number;
  readonly #pool: ConnectionPool;
  readonly #historical: ConnectionPool;
  readonly #connections = new Set<Connection>();
  #warned = false;
  #open = true;

  /** @throws ArgumentError, POSKeyError if the storage is read-only and holds no root object */
  constructor(storage: Storage, options: DatabaseOptions = {}) {
    if (typeof storage?.load !== 'function') throw new ArgumentError('a DB takes a storage');
    checkOptions('DB', options, DATABASE_OPTIONS);
    this.storage = storage;
    this.#classes = new ClassTable(options.classes);
    this.#cacheSize = count('cacheSize', options.cacheSize, 5000);
    this.#cacheSizeBytes = count('cacheSizeBytes', options.cacheSizeBytes, 0);
    this.#historicalCacheSize = count('historicalCacheSize', options.historicalCacheSize, 1000);
    this.#poolSize = count('poolSize', options.poolSize, 7);
    this.#pool = new ConnectionPool(
      this.#poolSize,
      count('poolTimeout', options.poolTimeout, DAYS_WITHOUT_END),
    );
    this.#historical = new ConnectionPool(
      count('historicalPoolSize', options.historicalPoolSize, 3),
      count('historicalPoolTimeout', options.historicalPoolTimeout, 300_000),
    );
    this.databaseName = text('databaseName', options.databaseName) ?? 'unnamed';
    this.databases = options.databases ?? new Map();
    this.xrefs = flag('xrefs', options.xrefs, true);
    if (!(this.databases instanceof Map))
      throw new ArgumentError(`databases is a Map of databases by name, got ${options.databases}`);
    if (this.databases.has(this.databaseName)) {
      throw new ArgumentError(
        `a database named ${JSON.stringify(this.databaseName)} is already in this registry`,
      );
    }
    if ('resolveConflict' in storage) {
      storage.resolveConflict = (conflict) =>
        resolveConflict(conflict, (spelling) => this.#classes.find(spelling));
    }
    createRoot(storage);
    this.databases.set(this.databaseName, this);
  }

  /**
   * A connection: a new one, or one that was closed, with its cache.
   * @throws TransactionError if the default manager already has a writable connection to this database, ArgumentError for a
   * moment after the last transaction
   */
  open(options: ConnectionOptions = {}): Connection {
    this.#checkOpen();
    checkOptions('db.open', options, ['transactionManager', 'at', 'before']);
    const before = this.#moment(options);
    const manager = options.transactionManager ?? defaultManager;
    if (typeof manager.registerSynchronizer !== 'function')
      throw new ArgumentError('transactionManager takes a TransactionManager');
    if (manager === defaultManager && before === undefined && !this.storage.readOnly) {
      for (const other of this.#connections) {
        if (other.transactionManager === manager && !other.isReadOnly) {
          throw new TransactionError(
            'the default transaction manager already has a connection to this database: use db.transaction(fn), or pass { transactionManager: new TransactionManager() }',
            'TRANSACTION_SHARED',
          );
        }
      }
    }
    return this.#connect(manager, before);
  }

  /** A connection that belongs to one of another database: with its manager, at its moment. */
  openBeside(other: Connection): Connection {
    this.#checkOpen();
    return this.#connect(other.transactionManager, other.isHistorical ? other.before : undefined, {
      beside: true,
    });
  }

  /** Called by the connection from which this one was opened, when that is opened again. */
  reopen(connection: Connection, manager: TransactionManager): void {
    this.#checkOpen();
    this.#connections.add(connection);
    connection.reopen(manager);
  }

  /**
   * Runs `fn` with a connection of its own: commits when it returns (or its promise resolves), aborts when it throws, and
   * runs it again after a ConflictError.
   * @throws what `fn` and the commit throw, and ArgumentError
   */
  transaction<T>(fn: (connection: Connection) => T, options: TransactionOptions = {}): T {
    if (typeof fn !== 'function')
      throw new ArgumentError(`a transaction runs a function, got ${String(fn)}`);
    const manager = new TransactionManager();
    let connection: Connection | undefined;
    const close = (): void => connection?.[Symbol.dispose]();
    let result: T;
    try {
      result = manager.run((): T => {
        connection ??= this.open({ transactionManager: manager });
        const current = connection;
        return runInside(manager, () => fn(current));
      }, options);
    } catch (error) {
      close();
      throw error;
    }
    if (result instanceof Promise) return result.finally(close) as T;
    close();
    return result;
  }

  /**
   * Undoes transactions, given by their tids: all or none of them, in a transaction of its own.
   * @throws UndoError if later transactions changed the same objects in other ways, StorageError (`UNSUPPORTED`)
   */
  undo(tids: IdInput | readonly IdInput[], options: UndoOptions = {}): void {
    this.#checkOpen();
    checkOptions('db.undo', options, ['note', 'user', 'transaction']);
    const list = (Array.isArray(tids) ? tids : [tids as IdInput]).map((each) => toTid(each));
    const { transaction, ...run } = options;
    const join = (joined: Transaction): void =>
      joined.join(undoResource(this.storage, list, joined));
    if (transaction === undefined) {
      new TransactionManager().run(join, run);
      return;
    }
    if (run.note !== undefined) transaction.note(run.note);
    if (run.user !== undefined) transaction.user = text('user', run.user) as string;
    join(transaction);
  }

  /** Transactions that can be undone, newest first. @throws StorageError (`UNSUPPORTED`), ArgumentError */
  undoLog(range: UndoLogRange = {}): TransactionInfo[] {
    this.#checkOpen();
    checkOptions('db.undoLog', range, ['first', 'limit', 'filter']);
    const { filter } = range;
    if (filter !== undefined && typeof filter !== 'function')
      throw new ArgumentError(`filter is a function, got ${String(filter)}`);
    const first = count('first', range.first, 0);
    const limit = count('limit', range.limit, 20);
    // Who only reads may still look.
    if (!this.storage.readOnly || this.storage.undoLog === undefined)
      checkCan(this.storage, 'undo');
    const entries = this.storage.undoLog?.({
      first,
      limit,
      ...(filter === undefined ? {} : { filter: (entry) => filter(readMetadata(entry)) }),
    });
    return (entries ?? []).map((entry) => readMetadata(entry));
  }

  /** The revisions of an object, newest first, at most `limit` (default 1). @throws POSKeyError, StorageError, ArgumentError */
  history(id: IdInput, options: { readonly limit?: number } = {}): TransactionInfo[] {
    this.#checkOpen();
    checkOptions('db.history', options, ['limit']);
    const oid = toOid(id);
    const limit = count('limit', options.limit, 1);
    checkCan(this.storage, 'history');
    return (this.storage.history?.(oid, limit) ?? []).map((entry) => readMetadata(entry));
  }

  /** Removes old revisions, and objects that nothing refers to. @throws StorageError (`UNSUPPORTED`), ArgumentError */
  pack(options: DatabasePackOptions = {}): PackReport {
    this.#checkOpen();
    const given = packMoment(options);
    checkCan(this.storage, 'pack');
    return (this.storage.pack as NonNullable<Storage['pack']>).call(this.storage, given);
  }

  /** The transaction newest in the storage. */
  lastTransaction(): Tid {
    return this.storage.lastTransaction();
  }

  /** Bytes of the storage. */
  size(): number {
    return this.storage.size();
  }

  /** Number of objects in the storage. */
  objectCount(): number {
    return this.storage.length();
  }

  /** How many objects are loaded, in all connections, idle ones included. */
  cacheSize(): number {
    return this.#all().reduce((sum, { cache }) => sum + cache.loadedCount, 0);
  }

  /** How many objects of each class are in memory, ghosts included, the most frequent first. */
  cacheDetail(): CacheDetail[] {
    return cacheDetail(this.#all());
  }

  /** What each connection holds, idle ones included. */
  connectionInfo(): ConnectionInfo[] {
    return this.#all().map((connection) => connectionInfo(connection));
  }

  /** Lets all connections let go of unchanged objects. */
  cacheMinimize(): void {
    for (const connection of this.#all()) connection.cacheMinimize();
  }

  /** Closes all connections and the storage. @throws ClosedError if one has uncommitted changes */
  close(): void {
    if (!this.#open) return;
    for (const connection of [...this.#connections]) connection.close();
    this.#pool.clear();
    this.#historical.clear();
    this.#open = false;
    if (this.databases.get(this.databaseName) === this) this.databases.delete(this.databaseName);
    this.storage.close();
  }

  /** Closes everything; uncommitted changes are aborted. */
  [Symbol.dispose](): void {
    for (const connection of [...this.#connections]) connection[Symbol.dispose]();
    this.close();
  }

  #connect(
    manager: TransactionManager,
    before: Tid | undefined,
    { beside = false }: { readonly beside?: boolean } = {},
  ): Connection {
    const pool = before === undefined ? this.#pool : this.#historical;
    // What is opened beside another connection stays with that one.
    const idle = beside
      ? undefined
      : pool.take((other) => before === undefined || other.before === before);
    const connection =
      idle ??
      new Connection({
        db: this,
        classes: this.#classes,
        cacheSize: before === undefined ? this.#cacheSize : this.#historicalCacheSize,
        cacheSizeBytes: this.#cacheSizeBytes,
        before,
        onClose: (closed) => {
          this.#connections.delete(closed);
          if (closed.family.first === closed) pool.give(closed);
        },
      });
    this.#connections.add(connection);
    connection.reopen(manager);
    this.#warn();
    return connection;
  }

  #warn(): void {
    if (this.#warned || this.#connections.size <= 2 * this.#poolSize) return;
    this.#warned = true;
    process.emitWarning(
      `${this.#connections.size} connections to ${this.storage.name} are open: close those that are not used, or set poolSize`,
      { code: 'ZODB_POOL' },
    );
  }

  #all(): Connection[] {
    return [...this.#connections, ...this.#pool.connections(), ...this.#historical.connections()];
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
  static {
    showAs(DB, (db) => `DB <${db.storage.name}${db.#open ? '' : ', closed'}>`);
  }
}

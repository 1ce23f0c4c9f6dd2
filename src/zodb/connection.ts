// A connection: one consistent snapshot of a database, its object cache, and the changes made in it. It is a resource
// manager: changed objects are stored when the transaction commits. Closed, it goes back to its database's pool with its
// cache, and may be opened again.

import type { Attachment } from './attachment.ts';
import { ObjectCache } from './cache.ts';
import type { ClassTable } from './classes.ts';
import { CommitBuffer } from './commit-buffer.ts';
import { connectionResource } from './connection-resource.ts';
import type { DB } from './database.ts';
import {
  ArgumentError,
  ClosedError,
  InvalidObjectError,
  POSKeyError,
  ReadConflictError,
  ReadOnlyError,
} from './errors.ts';
import { ConnectionFamily } from './family.ts';
import { type IdInput, MAX_TID, type Oid, ROOT_OID, type Tid, oid as toOid } from './ids.ts';
import type { PersistentMapping } from './mapping.ts';
import { ObjectReader, type ObjectSource } from './object-reader.ts';
import { checkedState, GHOST, type Jar, stateOf, UPTODATE } from './object-state.ts';
import { assignIdentity, type Persistent } from './persistent.ts';
import { prefetchObjects } from './prefetch.ts';
import type { Synchronizer } from './resource-manager.ts';
import { stateError } from './state-error.ts';
import type { Revision, Storage } from './storage.ts';
import type { Transaction } from './transaction.ts';
import type { TransactionManager } from './transaction-manager.ts';

/** What a DB makes a connection with. */
export interface ConnectionSettings {
  readonly db: DB;
  readonly classes: ClassTable;
  readonly cacheSize: number;
  readonly cacheSizeBytes: number;
  /** A fixed moment: the connection sees what was committed before this tid, and is read-only. */
  readonly before?: Tid | undefined;
  readonly onClose: (connection: Connection) => void;
}

let connections = 0;

/** A connection to a database: `db.open()` gives one. */
export class Connection implements ObjectSource {
  readonly db: DB;
  readonly storage: Storage;
  /** Whether changes are refused: the database is read-only, or this is a view of a past moment. */
  readonly isReadOnly: boolean;
  readonly cache: ObjectCache;
  /** The connections to other databases that belong to this one. */
  family: ConnectionFamily;

  readonly #settings: ConnectionSettings;
  readonly #reader: ObjectReader;
  readonly #buffer: CommitBuffer;
  readonly #synchronizer: Synchronizer;
  readonly #attachments = new Set<Attachment>();
  readonly #id: string;
  #manager: TransactionManager | undefined;
  #before: Tid;
  #invalidated = new Set<Oid>();
  #unsubscribe: (() => void) | undefined;
  #joined: Transaction | undefined;
  #finishing = false;
  #loads = 0;
  /** What the counts were when they were last recorded, and when a caller had them begin anew. */
  #recorded = { loads: 0, stores: 0 };
  #cleared = { loads: 0, stores: 0 };
  /** When it was opened; `undefined` while it is idle in the pool. */
  opened: Date | undefined;

  constructor(settings: ConnectionSettings) {
    const { db, before } = settings;
    this.#settings = settings;
    this.db = db;
    this.storage = db.storage;
    this.isReadOnly = db.storage.readOnly || before !== undefined;
    this.#id = String(++connections).padStart(12, '0');
    this.cache = new ObjectCache({ objects: settings.cacheSize, bytes: settings.cacheSizeBytes });
    this.#reader = new ObjectReader(this, settings.classes);
    this.#buffer = new CommitBuffer(this, settings.classes);
    this.family = new ConnectionFamily(this);
    this.#before = before ?? newest(db.storage);
    this.#synchronizer = {
      newTransaction: () => this.#begun(),
      afterCompletion: () => this.#afterCompletion(),
    };
    if (before === undefined) {
      this.#unsubscribe = db.storage.onInvalidate((_tid, oids) => this.#noteChanged(oids));
    }
  }

  /** The manager whose transactions this connection takes part in. @throws ClosedError */
  get transactionManager(): TransactionManager {
    if (this.#manager === undefined) throw this.#closed();
    return this.#manager;
  }

  get isOpen(): boolean {
    return this.#manager !== undefined;
  }

  /** Everything committed before this tid is visible, nothing else. */
  get before(): Tid {
    return this.#before;
  }

  /** Whether it shows a past moment: `db.open({ at })`, `{ before }`. */
  get isHistorical(): boolean {
    return this.#settings.before !== undefined;
  }

  /** The root object. */
  get root(): PersistentMapping {
    return this.get(ROOT_OID) as PersistentMapping;
  }

  /**
   * The object with this id: always the same one while anything refers to it.
   * @throws POSKeyError if there is none, ArgumentError for anything but a bigint or 16 hex digits
   */
  get(id: IdInput): Persistent {
    this.#checkOpen();
    const oid = toOid(id);
    const known = this.cached(oid);
    if (known !== undefined) return known;
    return this.#reader.ghostFromRecord(oid, this.load(oid).data);
  }

  /** Gives a new object its id now; the next commit stores it. @throws ArgumentError, InvalidObjectError, ReadOnlyError */
  add(object: Persistent): Oid {
    this.#checkOpen();
    const state = checkedState(object);
    if (state.jar === this) return state.oid as Oid;
    if (state.jar !== undefined) {
      throw new InvalidObjectError(
        'the object belongs to another connection',
        { oid: state.oid },
        'OTHER_CONNECTION',
      );
    }
    this.join();
    const oid = this.storage.newOid();
    assignIdentity(object, this, oid);
    this.#buffer.add(oid, object);
    return oid;
  }

  /** The revision of a record in this snapshot. @throws POSKeyError, ReadConflictError */
  load(oid: Oid): Revision {
    this.#checkOpen();
    const saved = this.#buffer.load(oid);
    if (saved !== undefined) return saved;
    this.#loads++;
    const revision = this.storage.load(oid, this.#before);
    if (revision !== undefined) return revision;
    const where = { file: this.storage.name, tid: this.#before };
    if (this.isHistorical)
      throw new POSKeyError(oid, { ...where, reason: 'the object did not exist then' });
    throw new ReadConflictError('the revision in this snapshot is gone, likely packed away', {
      ...where,
      oid,
    });
  }

  /** The file that is stored with a record: of the savepoint that stored it, else of the storage. @throws POSKeyError */
  loadBlob(oid: Oid, tid: Tid): string {
    this.#checkOpen();
    const saved = this.#buffer.savedFile(oid);
    if (saved !== undefined) return saved;
    if (this.storage.loadBlob === undefined)
      throw new POSKeyError(oid, { file: this.storage.name, reason: 'the storage has no blobs' });
    return this.storage.loadBlob(oid, tid);
  }

  /**
   * Loads objects ahead of need, without holding up the event loop: ids, or objects that may be ghosts. What does not exist
   * is left out.
   * @throws ArgumentError, ClosedError if the connection is closed meanwhile (as a rejected promise)
   */
  async prefetch(objects: Iterable<IdInput | Persistent>): Promise<void> {
    this.#checkOpen();
    if (typeof objects?.[Symbol.iterator] !== 'function' || typeof objects === 'string')
      throw new ArgumentError(`prefetch takes ids or objects, got ${String(objects)}`);
    await prefetchObjects(this, objects);
  }

  /** The connection to another database of the same registry, opened with this one's manager and moment. @throws ArgumentError */
  getConnection(databaseName: string): Connection {
    this.#checkOpen();
    return this.family.get(databaseName, this);
  }

  /** How many records this connection has loaded and stored; `clear` begins to count anew. */
  transferCounts(clear = false): { readonly loads: number; readonly stores: number } {
    const { stores } = this.#buffer;
    const counts = {
      loads: this.#loads - this.#cleared.loads,
      stores: stores - this.#cleared.stores,
    };
    if (clear) this.#cleared = { loads: this.#loads, stores };
    return counts;
  }

  /** Lets go of unchanged objects; they load again when they are used. */
  cacheMinimize(): void {
    this.cache.minimize();
  }

  /** Lets go of objects until the cache is within its limits, as the end of a transaction does. */
  cacheGC(): void {
    this.cache.shrink();
  }

  /** Aborts the transaction in progress and moves to the newest snapshot. */
  sync(): void {
    this.transactionManager.begin();
  }

  /** Moves to the newest snapshot, as `begin()` of the manager does: for managers that are not ours. */
  newTransaction(): void {
    this.#checkOpen();
    if (this.isHistorical) return;
    this.#buffer.forgetRead();
    this.storage.sync?.();
    this.#before = newest(this.storage);
    const changed = this.#invalidated;
    this.#invalidated = new Set();
    for (const oid of changed) this.cache.get(oid)?._p_invalidate();
    for (const attachment of this.#attachments) attachment.snapshot(changed);
  }

  /** Ties an attachment to this connection, until the returned function is called. */
  attach(attachment: Attachment): () => void {
    this.#attachments.add(attachment);
    return () => this.#attachments.delete(attachment);
  }

  /** Whether there is anything that a commit would store. */
  hasChanges(): boolean {
    if (this.#joined !== undefined) return true;
    for (const attachment of this.#attachments) if (attachment.isDirty()) return true;
    return false;
  }

  /** Called by the database: takes part in the transactions of `manager` from now on. */
  reopen(manager: TransactionManager): void {
    this.#manager = manager;
    this.opened = new Date();
    manager.registerSynchronizer(this.#synchronizer);
    this.newTransaction();
  }

  /** Closes it, and those to other databases that belong to it. @throws ClosedError if there are uncommitted changes */
  close(): void {
    if (!this.isOpen) return;
    const family = this.family.members();
    if (family.some((connection) => connection.hasChanges())) {
      throw new ClosedError(
        'cannot close a connection with uncommitted changes: commit or abort first',
      );
    }
    for (const connection of family) connection.#closeAlone();
  }

  [Symbol.dispose](): void {
    if (!this.isOpen) return;
    if (this.family.members().some((connection) => connection.hasChanges()))
      this.transactionManager.abort();
    this.close();
  }

  /** Called by the database: the connection will not be opened again. */
  discard(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  // What objects ask of their connection.

  setstate(object: Persistent): void {
    const state = stateOf(object);
    const oid = state.oid as Oid;
    const { data, tid } = this.load(oid);
    state.loading = true;
    try {
      this.#reader.loadState(object, data);
    } catch (cause) {
      object._p_clear();
      throw stateError(object, cause, this.storage.name);
    } finally {
      state.loading = false;
    }
    state.serial = tid;
    state.size = data.length;
    state.code = UPTODATE;
    state.used = true;
    this.cache.loaded(object);
  }

  register(object: Persistent): void {
    this.#checkOpen();
    if (this.isReadOnly) {
      throw new ReadOnlyError('the object cannot be changed: its connection is read-only', {
        file: this.storage.name,
        oid: stateOf(object).oid,
      });
    }
    this.join();
    this.#buffer.register(object);
  }

  ghosted(object: Persistent): void {
    this.cache.ghosted(object);
  }

  readCurrent(object: Persistent): void {
    // Reading alone is no reason to commit anything, so the connection does not join the transaction here.
    if (this.isReadOnly || stateOf(object).code === GHOST) return;
    this.#buffer.readCurrent(object);
  }

  // What reading and writing records ask of the connection.

  cached(oid: Oid): Persistent | undefined {
    return this.cache.get(oid) ?? this.#buffer.added(oid);
  }

  adopt(oid: Oid, ghost: Persistent): void {
    this.cache.add(oid, ghost);
  }

  /** The object of another database that a record refers to; `undefined` if that database is not known here. */
  foreign(databaseName: string, oid: Oid, spelling: unknown): Persistent | undefined {
    if (!this.db.databases.has(databaseName)) return undefined;
    const other = this.getConnection(databaseName);
    return spelling === undefined ? other.get(oid) : other.#reader.ghost(oid, spelling);
  }

  /**
   * The name of the database that an object of another connection is in, to refer to it from here.
   * @throws InvalidObjectError unless that connection belongs to this one, and references between databases are allowed
   */
  crossReference(jar: Jar, oid: Oid | undefined): string {
    return this.family.crossReference(this, jar, oid);
  }

  /** Whether this object is stored by this transaction only because something else refers to it. */
  isImplicitlyNew(oid: Oid): boolean {
    return this.#buffer.isDiscovered(oid);
  }

  /** Makes this connection part of the transaction, before anything in it has changed. @throws ReadOnlyError */
  join(): void {
    if (this.#joined !== undefined) return;
    if (this.isReadOnly) {
      throw new ReadOnlyError('nothing can be stored: the connection is read-only', {
        file: this.storage.name,
      });
    }
    const transaction = this.transactionManager.current();
    const sortKey = `${this.storage.name}:${this.#id}`;
    transaction.join(
      connectionResource(sortKey, this.#buffer, transaction, {
        finish: (store) => this.#finish(store),
        aborted: () => {
          this.#joined = undefined;
        },
      }),
    );
    this.#joined = transaction;
  }

  #finish(store: () => void): void {
    this.#joined = undefined;
    this.#finishing = true;
    try {
      store();
    } finally {
      this.#finishing = false;
    }
  }

  #noteChanged(oids: readonly Oid[]): void {
    // What this connection commits, its own objects hold already.
    if (this.#finishing) return;
    if (this.isOpen) for (const oid of oids) this.#invalidated.add(oid);
    else for (const oid of oids) this.cache.get(oid)?._p_invalidate();
  }

  #begun(): void {
    if (this.isOpen) this.newTransaction();
  }

  #afterCompletion(): void {
    this.#begun();
    this.cache.shrink();
    this.#recordActivity(0);
  }

  #recordActivity(connections: number): void {
    const stores = this.#buffer.stores;
    this.db.activity.record(
      this.#loads - this.#recorded.loads,
      stores - this.#recorded.stores,
      connections,
    );
    this.#recorded = { loads: this.#loads, stores };
  }

  #closeAlone(): void {
    this.#manager?.unregisterSynchronizer(this.#synchronizer);
    for (const attachment of this.#attachments) attachment.close();
    this.#attachments.clear();
    this.#manager = undefined;
    this.opened = undefined;
    this.family = new ConnectionFamily(this);
    this.#recordActivity(1);
    // What the last snapshot did not show yet: the next one of this connection will.
    for (const oid of this.#invalidated) this.cache.get(oid)?._p_invalidate();
    this.#invalidated.clear();
    this.cache.shrink();
    this.#settings.onClose(this);
  }

  #checkOpen(): void {
    if (!this.isOpen) throw this.#closed();
  }

  #closed(): ClosedError {
    return new ClosedError(`the connection to ${this.storage.name} is closed`);
  }
}

function newest(storage: Storage): Tid {
  const last = storage.lastTransaction();
  if (last >= MAX_TID)
    throw new ArgumentError(`${storage.name}: the last transaction id leaves no room for more`);
  return (last + 1n) as Tid;
}

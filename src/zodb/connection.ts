// A connection: one consistent snapshot of a database, and the changes made in it. It is a resource
// manager: changed objects are stored when the transaction commits. Closed, it goes back to its database's pool with its
// cache, and may be opened again.

import type { Attachment } from './attachment.ts';
import { CommitBuffer } from './commit-buffer.ts';
import { connectionResource } from './connection-resource.ts';
import {
  ArgumentError,
  ClosedError,
  InvalidObjectError,
  POSKeyError,
  ReadOnlyError,
} from './errors.ts';
import { exportFrom, importInto } from './export.ts';
import { ConnectionFamily } from './family.ts';
import { formatId, type IdInput, type Oid, ROOT_OID, type Tid, oid as toOid } from './ids.ts';
import type { PersistentMapping } from './mapping.ts';
import { checkedState, GHOST, type Jar, stateOf } from './object-state.ts';
import { text } from './options.ts';
import { assignIdentity, type Persistent } from './persistent.ts';
import { prefetchObjects } from './prefetch.ts';
import type { Synchronizer } from './resource-manager.ts';
import { showAs } from './show-as.ts';
import { Snapshot, type SnapshotSettings } from './snapshot.ts';
import type { Revision } from './storage.ts';
import type { Transaction } from './transaction.ts';
import type { TransactionManager } from './transaction-manager.ts';

/** What a DB makes a connection with. */
export interface ConnectionSettings extends SnapshotSettings {
  readonly onClose: (connection: Connection) => void;
}

let connections = 0;

/** A connection to a database: `db.open()` gives one. */
export class Connection extends Snapshot {
  /** Whether changes are refused: the database is read-only, or this is a view of a past moment. */
  readonly isReadOnly: boolean;
  /** The connections to other databases that belong to this one. */
  family: ConnectionFamily;

  readonly #settings: ConnectionSettings;
  readonly #buffer: CommitBuffer;
  readonly #synchronizer: Synchronizer;
  readonly #attachments = new Set<Attachment>();
  readonly #id: string;
  #manager: TransactionManager | undefined;
  #unsubscribe: (() => void) | undefined;
  #joined: Transaction | undefined;
  #finishing = false;
  /** What the counts were when they were last recorded, and when a caller had them begin anew. */
  #recorded = { loads: 0, stores: 0 };
  #cleared = { loads: 0, stores: 0 };
  /** When it was opened; `undefined` while it is idle in the pool. */
  opened: Date | undefined;

  constructor(settings: ConnectionSettings) {
    super(settings);
    this.#settings = settings;
    this.isReadOnly = this.storage.readOnly || this.isHistorical;
    this.#id = String(++connections).padStart(12, '0');
    this.#buffer = new CommitBuffer(this, settings.classes);
    this.family = new ConnectionFamily(this);
    this.#synchronizer = {
      newTransaction: () => this.#begun(),
      afterCompletion: () => this.#afterCompletion(),
    };
    if (!this.isHistorical) {
      this.#unsubscribe = this.storage.onInvalidate((_tid, oids) => {
        // What this connection commits, its own objects hold already.
        if (!this.#finishing) this.noteChanged(oids);
      });
    }
  }

  /** The manager whose transactions this connection takes part in. @throws ClosedError */
  get transactionManager(): TransactionManager {
    if (this.#manager === undefined) throw this.closedError();
    return this.#manager;
  }

  override get isOpen(): boolean {
    return this.#manager !== undefined;
  }

  /** The root object. */
  get root(): PersistentMapping {
    return this.get(ROOT_OID) as PersistentMapping;
  }

  /** Gives a new object its id now; the next commit stores it. @throws ArgumentError, InvalidObjectError, ReadOnlyError */
  add(object: Persistent): Oid {
    this.checkOpen();
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

  override load(oid: Oid): Revision {
    return this.#buffer.load(oid) ?? super.load(oid);
  }

  /** The file that is stored with a record: of the savepoint that stored it, else of the storage. @throws POSKeyError */
  loadBlob(oid: Oid, tid: Tid): string {
    this.checkOpen();
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
    this.checkOpen();
    if (typeof objects?.[Symbol.iterator] !== 'function' || typeof objects === 'string')
      throw new ArgumentError(`prefetch takes ids or objects, got ${String(objects)}`);
    await prefetchObjects(this, objects);
  }

  /**
   * Writes an object and all it refers to into a file that `importFile` reads, Python's too; without a path the result is
   * its bytes.
   * @throws POSKeyError if the object does not exist, StorageError if the file cannot be written, ArgumentError
   */
  exportFile(id: IdInput): Uint8Array;
  exportFile(id: IdInput, path: string): undefined;
  exportFile(id: IdInput, path?: string): Uint8Array | undefined {
    this.checkOpen();
    return exportFrom(this, toOid(id), text('path', path));
  }

  /**
   * Adds the objects of an export file to this database, under new ids; gives the one that was exported. They are stored when
   * the transaction commits.
   * @throws FormatError, CorruptedDataError, InvalidObjectError, ReadOnlyError, StorageError, ArgumentError
   */
  importFile(source: string | Uint8Array): Persistent {
    this.checkOpen();
    this.join();
    return this.get(importInto(this, this.#buffer, source));
  }

  /** The connection to another database of the same registry, opened with this one's manager and moment. @throws ArgumentError */
  getConnection(databaseName: string): Connection {
    this.checkOpen();
    return this.family.get(databaseName, this);
  }

  /** How many records this connection has loaded and stored; `clear` begins to count anew. */
  transferCounts(clear = false): { readonly loads: number; readonly stores: number } {
    const { stores } = this.#buffer;
    const counts = {
      loads: this.loadCount - this.#cleared.loads,
      stores: stores - this.#cleared.stores,
    };
    if (clear) this.#cleared = { loads: this.loadCount, stores };
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
    this.checkOpen();
    if (this.isHistorical) return;
    this.#buffer.forgetRead();
    const changed = this.advance();
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
    if (this.family.first === this) this.family.reopen(manager);
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
    if (this.family.first !== this) return;
    for (const member of this.family.members()) if (member !== this) member.discard();
  }

  // What objects ask of their connection.

  override register(object: Persistent): void {
    this.checkOpen();
    if (this.isReadOnly) {
      throw new ReadOnlyError('the object cannot be changed: its connection is read-only', {
        file: this.storage.name,
        oid: stateOf(object).oid,
      });
    }
    this.join();
    this.#buffer.register(object);
  }

  get readMark(): object {
    return this.#buffer.readMark;
  }

  isUnstored(oid: Oid): boolean {
    return this.#buffer.isUnstored(oid);
  }

  override readCurrent(object: Persistent): void {
    // Reading alone is no reason to commit anything, so the connection does not join the transaction here.
    if (this.isReadOnly || stateOf(object).code === GHOST) return;
    this.#buffer.readCurrent(object);
  }

  // What reading and writing records ask of the connection.

  override cached(oid: Oid): Persistent | undefined {
    return super.cached(oid) ?? this.#buffer.added(oid);
  }

  /** The object of another database that a record refers to; `undefined` if that database is not known here. */
  override foreign(databaseName: string, oid: Oid, spelling: unknown): Persistent | undefined {
    if (!this.db.databases.has(databaseName)) return undefined;
    const other = this.getConnection(databaseName);
    return spelling === undefined ? other.get(oid) : other.ghost(oid, spelling);
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
      this.loadCount - this.#recorded.loads,
      stores - this.#recorded.stores,
      connections,
    );
    this.#recorded = { loads: this.loadCount, stores };
  }

  #closeAlone(): void {
    this.#manager?.unregisterSynchronizer(this.#synchronizer);
    for (const attachment of this.#attachments) attachment.close();
    this.#attachments.clear();
    this.#manager = undefined;
    this.opened = undefined;
    this.#recordActivity(1);
    // What the last snapshot did not show yet, the next one of this connection will.
    this.dropChanged();
    this.cache.shrink();
    this.#settings.onClose(this);
  }
}

showAs(Connection, ({ storage, isOpen, isHistorical, before }) => {
  const state = isHistorical ? `, what was before ${formatId(before)}` : '';
  return `Connection <${storage.name}${isOpen ? state : ', closed'}>`;
});

// A connection: one consistent snapshot of a database, its object cache, and the changes made in it. It is a resource
// manager: changed objects are stored when the transaction commits.

import { ZodbError } from '../errors.ts';
import { ObjectCache } from './cache.ts';
import type { ClassTable } from './classes.ts';
import { CommitBuffer } from './commit-buffer.ts';
import {
  ArgumentError,
  ClosedError,
  InvalidObjectError,
  POSKeyError,
  ReadConflictError,
  ReadOnlyError,
  StateLoadError,
} from './errors.ts';
import { type IdInput, MAX_TID, type Oid, ROOT_OID, type Tid, oid as toOid } from './ids.ts';
import type { PersistentMapping } from './mapping.ts';
import { ObjectReader, type ObjectSource } from './object-reader.ts';
import { checkedState, GHOST, stateOf, UPTODATE } from './object-state.ts';
import { assignIdentity, type Persistent } from './persistent.ts';
import { classNameOf } from './record.ts';
import type { Revision, Storage } from './storage.ts';
import type { Synchronizer, Transaction, TransactionManager } from './transaction.ts';

/** Something beside objects that belongs to a connection and holds uncommitted changes: the file handles of arrays. */
export interface Attachment {
  isDirty(): boolean;
  /** The connection has moved to a newer snapshot, in which these objects differ. */
  snapshot(changed: ReadonlySet<Oid>): void;
  close(): void;
}

/** What a DB makes a connection with. */
export interface ConnectionSettings {
  readonly storage: Storage;
  readonly classes: ClassTable;
  readonly manager: TransactionManager;
  readonly cacheSize: number;
  readonly cacheSizeBytes: number;
  /** A fixed moment: the connection sees what was committed before this tid, and is read-only. */
  readonly before?: Tid | undefined;
  readonly onClose: (connection: Connection) => void;
}

let connections = 0;

/** A connection to a database: `db.open()` gives one. */
export class Connection implements ObjectSource {
  readonly storage: Storage;
  readonly transactionManager: TransactionManager;
  /** Whether changes are refused: the database is read-only, or this is a view of a past moment. */
  readonly readOnly: boolean;
  readonly cache: ObjectCache;

  readonly #settings: ConnectionSettings;
  readonly #reader: ObjectReader;
  readonly #buffer: CommitBuffer;
  readonly #synchronizer: Synchronizer;
  readonly #attachments = new Set<Attachment>();
  readonly #id: string;
  #before: Tid;
  #invalidated = new Set<Oid>();
  #unsubscribe: (() => void) | undefined;
  #joined: Transaction | undefined;
  #finishing = false;
  #open = true;

  constructor(settings: ConnectionSettings) {
    const { storage, manager, before } = settings;
    this.#settings = settings;
    this.storage = storage;
    this.transactionManager = manager;
    this.readOnly = storage.readOnly || before !== undefined;
    this.#id = String(++connections).padStart(12, '0');
    this.cache = new ObjectCache({ objects: settings.cacheSize, bytes: settings.cacheSizeBytes });
    this.#reader = new ObjectReader(this, settings.classes);
    this.#buffer = new CommitBuffer(this, settings.classes);
    this.#before = before ?? newest(storage);
    this.#synchronizer = {
      newTransaction: () => this.#newSnapshot(),
      afterCompletion: () => this.#afterCompletion(),
    };
    manager.registerSynchronizer(this.#synchronizer);
    if (before === undefined) {
      this.#unsubscribe = storage.onInvalidate((_tid, oids) => {
        // What this connection commits, its own objects hold already.
        if (this.#finishing) return;
        for (const id of oids) this.#invalidated.add(id);
      });
    }
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Everything committed before this tid is visible, nothing else. */
  get before(): Tid {
    return this.#before;
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
    const known = this.cache.get(oid) ?? this.#buffer.added(oid);
    if (known !== undefined) return known;
    return this.#reader.ghostFromRecord(oid, this.load(oid).data);
  }

  /** Gives a new object its id now; the next commit stores it. @throws ArgumentError, InvalidObjectError, ReadOnlyError */
  add(object: Persistent): Oid {
    this.#checkOpen();
    const state = checkedState(object);
    if (state.jar === this) return state.oid as Oid;
    if (state.jar !== undefined) {
      throw new InvalidObjectError('the object belongs to another connection', { oid: state.oid });
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
    const revision = this.storage.load(oid, this.#before);
    if (revision !== undefined) return revision;
    const where = { file: this.storage.name, tid: this.#before };
    if (this.#settings.before !== undefined)
      throw new POSKeyError(oid, { ...where, reason: 'the object did not exist then' });
    throw new ReadConflictError('the revision in this snapshot is gone, likely packed away', {
      ...where,
      oid,
    });
  }

  /** Lets go of unchanged objects; they load again when they are used. */
  cacheMinimize(): void {
    this.cache.minimize();
  }

  /** Aborts the transaction in progress and moves to the newest snapshot. */
  sync(): void {
    this.#checkOpen();
    this.transactionManager.begin();
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

  /** @throws ClosedError if there are uncommitted changes */
  close(): void {
    if (!this.#open) return;
    if (this.hasChanges()) {
      throw new ClosedError(
        'cannot close a connection with uncommitted changes: commit or abort first',
      );
    }
    this.#open = false;
    this.transactionManager.unregisterSynchronizer(this.#synchronizer);
    this.#unsubscribe?.();
    for (const attachment of this.#attachments) attachment.close();
    this.#attachments.clear();
    this.#settings.onClose(this);
  }

  [Symbol.dispose](): void {
    if (this.#open && this.hasChanges()) this.transactionManager.abort();
    this.close();
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
      throw this.#stateError(object, cause);
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
    if (this.readOnly) {
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
    if (this.readOnly || stateOf(object).code === GHOST) return;
    this.#buffer.readCurrent(object);
  }

  cached(oid: Oid): Persistent | undefined {
    return this.cache.get(oid) ?? this.#buffer.added(oid);
  }

  adopt(oid: Oid, ghost: Persistent): void {
    this.cache.add(oid, ghost);
  }

  #stateError(object: Persistent, cause: unknown): unknown {
    const { oid, pyClass } = stateOf(object);
    const passed = cause instanceof ZodbError && [
      'POS_KEY',
      'CONFLICT',
      'READ_CONFLICT',
      'CLASS',
      'CLOSED',
    ];
    if (passed !== false && passed.includes(cause.code)) return cause;
    const name = classNameOf(pyClass);
    const className = name === undefined ? undefined : `${name.module}.${name.name}`;
    return new StateLoadError(
      `the state of an object${className === undefined ? '' : ` of class ${className}`} cannot be loaded: ${String((cause as Error)?.message ?? cause)}`,
      { file: this.storage.name, oid, className, cause },
    );
  }

  /** Makes this connection part of the transaction, before anything in it has changed. @throws ReadOnlyError */
  join(): void {
    if (this.#joined !== undefined) return;
    if (this.readOnly) {
      throw new ReadOnlyError('nothing can be stored: the connection is read-only', {
        file: this.storage.name,
      });
    }
    const transaction = this.transactionManager.current();
    transaction.join({
      sortKey: () => `${this.storage.name}:${this.#id}`,
      tpcBegin: () => this.#buffer.begin(transaction),
      commit: () => this.#buffer.store(),
      tpcVote: () => this.#buffer.vote(),
      tpcFinish: () => {
        this.#joined = undefined;
        this.#finishing = true;
        try {
          this.#buffer.finish();
        } finally {
          this.#finishing = false;
        }
      },
      abort: () => this.#aborted(),
      tpcAbort: () => this.#aborted(),
    });
    this.#joined = transaction;
  }

  #aborted(): void {
    this.#joined = undefined;
    this.#buffer.abort();
  }

  #afterCompletion(): void {
    this.#newSnapshot();
    this.cache.shrink();
  }

  #newSnapshot(): void {
    if (this.#settings.before !== undefined) return;
    this.#buffer.forgetRead();
    this.storage.sync?.();
    this.#before = newest(this.storage);
    const changed = this.#invalidated;
    this.#invalidated = new Set();
    for (const oid of changed) this.cache.get(oid)?._p_invalidate();
    for (const attachment of this.#attachments) attachment.snapshot(changed);
  }

  #checkOpen(): void {
    if (!this.#open) throw new ClosedError(`the connection to ${this.storage.name} is closed`);
  }
}

function newest(storage: Storage): Tid {
  const last = storage.lastTransaction();
  if (last >= MAX_TID)
    throw new ArgumentError(`${storage.name}: the last transaction id leaves no room for more`);
  return (last + 1n) as Tid;
}

// What a connection stores when its transaction commits: objects in the order in which they were changed, and new objects
// right after the one that led to them, the last found first, as Python's ZODB does, so that both hand out the same oids.
// Savepoints store the same way, into records of the connection's own, which the commit then copies in the order of oids.

import { rmSync } from 'node:fs';
import type { ClassTable } from './classes.ts';
import type { Connection } from './connection.ts';
import { InvalidObjectError, StorageTransactionError } from './errors.ts';
import { type Oid, type Tid, ZERO_TID } from './ids.ts';
import { CHANGED, stateOf, UPTODATE } from './object-state.ts';
import { ObjectWriter } from './object-writer.ts';
import { assignIdentity, forgetIdentity, type Persistent } from './persistent.ts';
import type { ResourceSavepoint } from './resource-manager.ts';
import { type SavedMark, SavedRecords } from './saved-records.ts';
import type { RecordData, Revision, StorageTransaction } from './storage.ts';
import type { Transaction } from './transaction.ts';
import { writeMetadata } from './transaction-metadata.ts';

/** An object that is stored with a file beside its record: a blob. */
interface WithFile {
  /**
   * Hands over the file with what is not committed yet, to be moved or removed; `undefined` if the object has no new data,
   * and is not to be stored.
   */
  _p_takeFile?(): string | undefined;
}

/** Where a pass over the changed objects puts records. */
type Store = (oid: Oid, serial: Tid, data: RecordData, file: string | undefined) => void;

export class CommitBuffer {
  readonly #connection: Connection;
  readonly #writer: ObjectWriter;
  /** Objects that were changed or added, in the order in which that happened first. */
  #registered: Persistent[] = [];
  /** New objects that have an oid but no record yet. */
  readonly #added = new Map<Oid, Persistent>();
  readonly #created = new Map<Oid, Persistent>();
  /** New objects of this transaction that are stored only because others refer to them. */
  readonly #implicit = new Set<Oid>();
  readonly #read = new Map<Oid, Tid>();
  #discovered: Persistent[] = [];
  #stored: Persistent[] = [];
  #transaction: StorageTransaction | undefined;
  readonly #saved = new SavedRecords();
  /** Whether the transaction has savepoints, be they empty: then records are stored in the order of their oids. */
  #hasSavepoint = false;
  /** How many records were stored since the connection was made. */
  stores = 0;

  constructor(connection: Connection, classes: ClassTable) {
    this.#connection = connection;
    this.#writer = new ObjectWriter(
      {
        jar: connection,
        discovered: (object) => this.#discover(object),
        crossReference: (jar, oid) => connection.crossReference(jar, oid),
      },
      classes,
      connection.storage.dialect,
    );
  }

  add(oid: Oid, object: Persistent): void {
    this.#added.set(oid, object);
    this.#registered.push(object);
  }

  added(oid: Oid): Persistent | undefined {
    if (this.#added.size === 0 && this.#created.size === 0) return undefined;
    return this.#added.get(oid) ?? this.#created.get(oid);
  }

  isUnstored(oid: Oid): boolean {
    return this.#added.has(oid);
  }

  isDiscovered(oid: Oid): boolean {
    return this.#implicit.has(oid);
  }

  register(object: Persistent): void {
    this.#registered.push(object);
  }

  /** Another object whenever what was said to `readCurrent` has been forgotten. */
  readMark: object = {};

  readCurrent(object: Persistent): void {
    const { oid, serial } = stateOf(object);
    if (oid !== undefined && serial !== ZERO_TID) this.#read.set(oid, serial);
  }

  /** A new transaction begins: what the last one read no longer matters. */
  forgetRead(): void {
    this.#read.clear();
    this.readMark = {};
  }

  /** The record that a savepoint stored. */
  load(oid: Oid): Revision | undefined {
    return this.#saved.isEmpty ? undefined : this.#saved.load(oid);
  }

  /** The file that a savepoint stored with a record. */
  savedFile(oid: Oid): string | undefined {
    return this.#saved.file(oid);
  }

  /** Stores what has changed where it can be returned to. @throws InvalidObjectError, StorageError, what pickling throws */
  savepoint(): ResourceSavepoint {
    this.#save();
    this.#hasSavepoint = true;
    // Long transactions are broken up by savepoints, so that not all of them has to stay in memory.
    this.#connection.cache.shrink();
    const mark = this.#saved.mark();
    return { rollback: () => this.#rollback(mark) };
  }

  /** Takes records of new objects into the transaction, as a savepoint stores them: all of them or none. */
  take(records: Iterable<{ oid: Oid; data: Uint8Array; file: string | undefined }>): void {
    const { rollback } = this.savepoint();
    try {
      for (const { oid, data, file } of records) {
        this.#saved.store(oid, ZERO_TID, data, file);
        this.#saved.created([oid]);
      }
    } catch (error) {
      rollback();
      throw error;
    }
  }

  begin(transaction: Transaction): void {
    const { storage } = this.#connection;
    this.#transaction = storage.begin(writeMetadata(transaction, storage.dialect));
  }

  /** @throws ConflictError, InvalidObjectError, and what pickling throws */
  store(): void {
    const transaction = this.#begun();
    const written = new Set<Oid>();
    const store: Store = (oid, serial, data, file) => {
      if (file === undefined) transaction.store(oid, serial, data);
      else this.#storeBlob(transaction, oid, serial, data, file);
      written.add(oid);
      this.stores++;
    };
    if (this.#hasSavepoint) {
      this.#save();
      for (const oid of this.#saved.oids()) {
        const { data, tid } = this.#saved.load(oid) as Revision;
        store(oid, tid, data, this.#saved.file(oid));
      }
    } else {
      this.#stored = this.#storeChanged(store);
    }
    for (const [oid, serial] of this.#read) {
      if (!written.has(oid)) transaction.checkCurrent(oid, serial);
    }
  }

  vote(): void {
    for (const oid of this.#begun().vote()) {
      // The storage resolved a conflict: what is stored is not what the object holds.
      this.#connection.cache.get(oid)?._p_invalidate();
    }
  }

  finish(): void {
    const tid = this.#begun().finish();
    const committed = (object: Persistent | undefined): void => {
      if (object === undefined) return;
      const state = stateOf(object);
      if (state.code !== CHANGED && state.code !== UPTODATE) return;
      state.code = UPTODATE;
      state.serial = tid;
    };
    for (const object of this.#stored) committed(object);
    for (const oid of this.#saved.oids()) committed(this.#connection.cache.get(oid));
    this.#cacheCreated();
    this.#forget();
    this.forgetRead();
  }

  /** What was read matters on: this may be the way back to a savepoint of before the connection took part. */
  abort(): void {
    this.#transaction?.abort();
    this.#abortChanged();
    this.#rollbackSaved({ records: { length: 0, changes: 0 }, created: 0, files: 0 });
    this.#forget();
  }

  #forget(): void {
    this.#transaction = undefined;
    this.#registered = [];
    this.#discovered = [];
    this.#stored = [];
    this.#added.clear();
    this.#created.clear();
    this.#implicit.clear();
    this.#saved.close();
    this.#hasSavepoint = false;
  }

  #save(): void {
    const stored = this.#storeChanged((oid, serial, data, file) =>
      this.#saved.store(oid, serial, data, file),
    );
    for (const object of stored) {
      const state = stateOf(object);
      if (state.code === CHANGED) state.code = UPTODATE;
    }
    this.#saved.created(this.#created.keys());
    this.#cacheCreated();
    this.#created.clear();
    this.#registered = [];
  }

  #rollback(mark: SavedMark): void {
    this.#abortChanged();
    this.#rollbackSaved(mark);
  }

  /** Forgets what has changed since the last savepoint, or in the whole transaction. */
  #abortChanged(): void {
    for (const object of [...this.#created.values(), ...this.#added.values()])
      forgetIdentity(object);
    this.#added.clear();
    this.#created.clear();
    for (const object of this.#registered)
      if (stateOf(object).jar === this.#connection) object._p_invalidate();
    this.#registered = [];
  }

  #rollbackSaved(mark: SavedMark): void {
    const { cache } = this.#connection;
    // Also what was not stored since is read again: it may have been changed in ways that nobody was told of.
    const saved = this.#saved.oids();
    const created = this.#saved.rollback(mark);
    for (const oid of created) {
      const object = cache.get(oid);
      cache.remove(oid);
      if (object !== undefined) forgetIdentity(object);
    }
    for (const oid of saved) cache.get(oid)?._p_invalidate();
  }

  #cacheCreated(): void {
    for (const [oid, object] of this.#created) this.#connection.cache.add(oid, stateOf(object));
  }

  /** Gives the records of all changed and new objects to `store`. */
  #storeChanged(store: Store): Persistent[] {
    const stored = new Set<Persistent>();
    // Objects may be changed while others are stored (array blocks are), so the list is not fixed beforehand.
    for (let i = 0; i < this.#registered.length; i++) {
      const object = this.#registered[i] as Persistent;
      const { code, oid } = stateOf(object);
      if ((code === CHANGED || this.#added.has(oid as Oid)) && !stored.has(object))
        this.#storeWithNew(object, stored, store);
    }
    return [...stored];
  }

  #storeWithNew(object: Persistent, stored: Set<Persistent>, store: Store): void {
    const stack = [object];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (stored.has(next)) continue;
      this.#discovered = [];
      this.#storeOne(next, store);
      stored.add(next);
      stack.push(...this.#discovered);
    }
  }

  #storeOne(object: Persistent, store: Store): void {
    const { oid } = stateOf(object);
    if (oid === undefined) throw new InvalidObjectError('an object without an id was to be stored');
    const take = (object as WithFile)._p_takeFile;
    const file = take?.call(object);
    if (take === undefined || file !== undefined) {
      this.#connection.cache.resized(stateOf(object), this.#writeOne(object, store, file));
    }
    // What a blob holds is elsewhere from now on: it looks again when it is used.
    if (take !== undefined) object._p_invalidate();
    const added = this.#added.get(oid);
    if (added !== undefined) {
      this.#added.delete(oid);
      this.#created.set(oid, added);
    }
  }

  /** Returns the length of the record. */
  #writeOne(object: Persistent, store: Store, file: string | undefined): number {
    const { oid, serial } = stateOf(object);
    try {
      const data = this.#writer.serialize(object);
      store(oid as Oid, serial, data, file);
      return sizeOf(data);
    } catch (error) {
      if (file !== undefined) rmSync(file, { force: true });
      throw error;
    }
  }

  #storeBlob(
    transaction: StorageTransaction,
    oid: Oid,
    serial: Tid,
    data: RecordData,
    file: string,
  ): void {
    if (transaction.storeBlob === undefined) {
      throw new InvalidObjectError('the storage stores no blobs', {
        file: this.#connection.storage.name,
        oid,
      });
    }
    transaction.storeBlob(oid, serial, data, file);
  }

  #discover(object: Persistent): Oid {
    const oid = this.#connection.storage.newOid();
    assignIdentity(object, this.#connection, oid);
    this.#created.set(oid, object);
    this.#implicit.add(oid);
    this.#discovered.push(object);
    return oid;
  }

  #begun(): StorageTransaction {
    if (this.#transaction === undefined) {
      throw new StorageTransactionError('the storage transaction has not begun', {
        file: this.#connection.storage.name,
      });
    }
    return this.#transaction;
  }
}

function sizeOf(data: RecordData): number {
  if (data instanceof Uint8Array) return data.length;
  let size = 0;
  for (const piece of data) size += piece.length;
  return size;
}

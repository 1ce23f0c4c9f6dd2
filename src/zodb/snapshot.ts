// What a connection sees: the objects of one database at one moment. It loads records, makes objects of them, and keeps
// them in its cache.

import { ObjectCache } from './cache.ts';
import type { ClassTable } from './classes.ts';
import type { DB } from './database.ts';
import { ArgumentError, ClosedError, POSKeyError, ReadConflictError } from './errors.ts';
import { type IdInput, MAX_TID, type Oid, type Tid, oid as toOid } from './ids.ts';
import { ObjectReader, type ObjectSource } from './object-reader.ts';
import { type ObjectState, stateOf, UPTODATE } from './object-state.ts';
import type { Persistent } from './persistent.ts';
import { stateError } from './state-error.ts';
import type { Revision, Storage } from './storage.ts';

/** What a snapshot is made with. */
export interface SnapshotSettings {
  readonly db: DB;
  readonly classes: ClassTable;
  readonly cacheSize: number;
  readonly cacheSizeBytes: number;
  /** A fixed moment: what was committed before this tid is seen, and nothing can be changed. */
  readonly before?: Tid | undefined;
}

export abstract class Snapshot implements ObjectSource {
  readonly db: DB;
  readonly storage: Storage;
  readonly cache: ObjectCache;
  /** Whether it shows a past moment: `db.open({ at })`, `{ before }`. */
  readonly isHistorical: boolean;
  /** How many records were loaded from the storage. */
  protected loadCount = 0;
  readonly #reader: ObjectReader;
  #before: Tid;
  #invalidated = new Set<Oid>();

  constructor(settings: SnapshotSettings) {
    const { db, before } = settings;
    this.db = db;
    this.storage = db.storage;
    this.isHistorical = before !== undefined;
    this.cache = new ObjectCache({ objects: settings.cacheSize, bytes: settings.cacheSizeBytes });
    this.#reader = new ObjectReader(this, settings.classes);
    this.#before = before ?? newest(db.storage);
  }

  abstract get isOpen(): boolean;

  /** Everything committed before this tid is visible, nothing else. */
  get before(): Tid {
    return this.#before;
  }

  /**
   * The object with this id: always the same one while anything refers to it.
   * @throws POSKeyError if there is none, ArgumentError for anything but a bigint or 16 hex digits
   */
  get<T extends Persistent = Persistent>(id: IdInput): T {
    this.checkOpen();
    const oid = toOid(id);
    const known = this.cached(oid);
    if (known !== undefined) return known as T;
    return this.#reader.ghostFromRecord(oid, this.load(oid).data) as T;
  }

  /** The revision of a record in this snapshot. @throws POSKeyError, ReadConflictError */
  load(oid: Oid): Revision {
    this.checkOpen();
    this.loadCount++;
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

  // What objects ask of their connection.

  setstate(object: Persistent): void {
    const state = stateOf(object);
    const { data, tid } = this.load(state.oid as Oid);
    state.loading = true;
    try {
      this.#reader.loadState(state, data);
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
    this.cache.loaded(state);
  }

  ghosted(object: Persistent): void {
    this.cache.ghosted(stateOf(object));
  }

  abstract register(object: Persistent): void;
  abstract readCurrent(object: Persistent): void;

  // What reading records asks.

  cached(oid: Oid): Persistent | undefined {
    return this.cache.get(oid);
  }

  adopt(oid: Oid, ghost: ObjectState): void {
    this.cache.add(oid, ghost);
  }

  /** The object that a reference with a class names: from the cache, or a new ghost of that class. */
  ghost(oid: Oid, spelling: unknown): Persistent {
    return this.#reader.ghost(oid, spelling);
  }

  abstract foreign(databaseName: string, oid: Oid, spelling: unknown): Persistent | undefined;

  /** Objects have been changed by others: the next snapshot shows that; while this is closed there is none to keep. */
  protected noteChanged(oids: Iterable<Oid>): void {
    if (this.isOpen) for (const oid of oids) this.#invalidated.add(oid);
    else for (const oid of oids) this.cache.get(oid)?._p_invalidate();
  }

  /** Moves to what is newest in the storage; the objects that differ there have become ghosts. */
  protected advance(): ReadonlySet<Oid> {
    this.storage.sync?.();
    this.#before = newest(this.storage);
    return this.dropChanged();
  }

  /** Makes ghosts of what others have changed since. */
  protected dropChanged(): ReadonlySet<Oid> {
    const changed = this.#invalidated;
    this.#invalidated = new Set();
    for (const oid of changed) this.cache.get(oid)?._p_invalidate();
    return changed;
  }

  protected checkOpen(): void {
    if (!this.isOpen) throw this.closedError();
  }

  protected closedError(): ClosedError {
    return new ClosedError(`the connection to ${this.storage.name} is closed`);
  }
}

function newest(storage: Storage): Tid {
  const last = storage.lastTransaction();
  if (last >= MAX_TID)
    throw new ArgumentError(`${storage.name}: the last transaction id leaves no room for more`);
  return (last + 1n) as Tid;
}

// DemoStorage: what is stored over a base that stays as it is. Whatever the changes do not know is read from the base; for
// trying things out on real data, and for tests that share a filled database. As Python's.

import { joined } from '../pickle/output.ts';
import { mergeOf } from '../zodb/conflict.ts';
import {
  ArgumentError,
  ClosedError,
  ConflictError,
  ReadConflictError,
  ReadOnlyError,
} from '../zodb/errors.ts';
import { formatId, type Oid, type Tid, ZERO_TID } from '../zodb/ids.ts';
import type {
  Capabilities,
  ConflictResolver,
  HistoryEntry,
  Invalidation,
  PackAsyncOptions,
  PackOptions,
  PackReport,
  RecordData,
  Revision,
  Storage,
  TidRange,
  TransactionMetadata,
  TransactionRecord,
  UndoLogEntry,
  UndoLogOptions,
} from '../zodb/storage.ts';
import { nextTid } from '../zodb/time.ts';
import { checkOptions, type DemoStorageOptions } from './demo-options.ts';
import { DemoTransaction } from './demo-transaction.ts';
import { MappingStorage } from './mapping-storage.ts';
import { unlessMissing } from './unless-missing.ts';

/**
 * Changes over a base.
 *
 *     const storage = new DemoStorage({ base: new FileStorage('Data.fs', { readOnly: true }) });
 */
export class DemoStorage implements Storage {
  readonly name: string;
  readonly url: string | undefined;
  readonly readOnly: boolean;
  readonly can: Capabilities;
  readonly dialect: 'python3' | 'python2';
  readonly base: Storage;
  readonly changes: Storage;
  resolveConflict: ConflictResolver | undefined;
  readonly #closeBase: boolean;
  readonly #closeChanges: boolean;
  #nextOid = randomOid();
  #closed = false;

  /** @throws ArgumentError */
  constructor(options: DemoStorageOptions = {}) {
    checkOptions(options);
    const { base = new MappingStorage('base'), changes = new MappingStorage('changes') } = options;
    this.base = base;
    this.changes = changes;
    this.name = options.name ?? `demo:(${base.name})/(${changes.name})`;
    const urls = base.url !== undefined && changes.url !== undefined;
    this.url = urls ? `demo:(${base.url})/(${changes.url})` : undefined;
    this.readOnly = changes.readOnly;
    // Records of the base are read, and those of the changes written, in one dialect.
    this.dialect = base.dialect;
    if (options.changes !== undefined && changes.dialect !== base.dialect)
      throw new ArgumentError(
        `the changes are of ${changes.dialect}, but the base is of ${base.dialect}: both must be of one`,
      );
    const { can } = changes;
    this.can = {
      write: can.write,
      undo: can.undo,
      history: can.history && base.can.history,
      iterate: can.iterate && base.can.iterate,
      pack: can.pack,
      blobs: can.blobs,
      share: false,
    };
    this.#closeBase = options.closeBase ?? true;
    this.#closeChanges = options.closeChanges ?? true;
  }

  load(oid: Oid, before?: Tid): Revision | undefined {
    this.#check();
    let known = true;
    const changed = unlessMissing(
      () => this.changes.load(oid, before),
      () => {
        known = false;
        return undefined;
      },
    );
    if (changed !== undefined) return changed;
    const load = (): Revision | undefined => this.base.load(oid, before);
    const found = known ? unlessMissing(load, () => undefined) : load();
    if (found === undefined || found.next !== undefined || before === undefined) return found;
    // Also what the changes do not show may have ended it: an object whose change was undone.
    const next = known || this.changes.can.undo ? this.#firstChange(oid) : undefined;
    return { ...found, next };
  }

  loadSerial(oid: Oid, tid: Tid): Uint8Array {
    this.#check();
    return unlessMissing(
      () => this.changes.loadSerial(oid, tid),
      () => this.base.loadSerial(oid, tid),
    );
  }

  getTid(oid: Oid): Tid {
    this.#check();
    return unlessMissing(
      () => this.changes.getTid(oid),
      () => this.base.getTid(oid),
    );
  }

  lastTransaction(): Tid {
    this.#check();
    const last = this.changes.lastTransaction();
    return last === ZERO_TID ? this.base.lastTransaction() : last;
  }

  /** From a random one on, as Python's: the base's own new oids, handed out later, will hardly be among them. */
  newOid(): Oid {
    this.#check();
    if (this.readOnly) throw new ReadOnlyError('opened for reading', { file: this.name });
    while (this.#has(this.#nextOid as Oid)) this.#nextOid = randomOid();
    return this.#nextOid++ as Oid;
  }

  /** Bytes that the changes use. */
  size(): number {
    this.#check();
    return this.changes.size();
  }

  /** Number of objects in the changes. */
  length(): number {
    this.#check();
    return this.changes.length();
  }

  begin(metadata: TransactionMetadata, tid?: Tid, status?: ' ' | 'p'): DemoTransaction {
    const last = this.lastTransaction();
    if (tid !== undefined && tid <= last)
      throw new ArgumentError(
        `tid ${formatId(tid)} is not later than the last transaction, ${formatId(last)}`,
      );
    // Undo merges within the changes.
    this.changes.resolveConflict = this.resolveConflict;
    const begun = this.changes.begin(metadata, tid ?? nextTid(last), status);
    return new DemoTransaction(begun, {
      prepare: (oid, serial, data) => this.#prepare(oid, serial, data),
      checkCurrent: (oid, serial) => this.#checkCurrent(oid, serial),
    });
  }

  *iterate(range: TidRange = {}): Generator<TransactionRecord> {
    this.#check();
    yield* this.base.iterate(range);
    yield* this.changes.iterate(range);
  }

  history(oid: Oid, limit = 1): HistoryEntry[] {
    this.#check();
    const changed = this.#changesOf(oid, limit);
    if (changed.length >= limit) return changed;
    const older = (): HistoryEntry[] => this.base.history?.(oid, limit - changed.length) ?? [];
    return changed.length === 0 ? older() : [...changed, ...unlessMissing(older, () => [])];
  }

  /** Of the changes: the base cannot be changed. */
  undoLog(options?: UndoLogOptions): UndoLogEntry[] {
    this.#check();
    return this.changes.undoLog?.(options) ?? [];
  }

  lastInvalidations(count: number): Invalidation[] {
    this.#check();
    return this.changes.lastInvalidations?.(count) ?? [];
  }

  /**
   * Packs the changes, without garbage collection: what objects of the base refer to is no garbage.
   * @throws ArgumentError if garbage collection is asked for, and what packing the changes throws
   */
  pack(options: PackOptions = {}): PackReport {
    const { changes } = this.#toPack(options);
    return changes.pack({ ...options, gc: false });
  }

  /** As `pack`, in small steps where the changes can do that. */
  async packAsync(options: PackAsyncOptions = {}): Promise<PackReport> {
    const { changes } = this.#toPack(options);
    return (await changes.packAsync?.({ ...options, gc: false })) ?? this.pack(options);
  }

  loadBlob(oid: Oid, tid: Tid): string {
    this.#check();
    return unlessMissing(
      () => loadBlobOf(this.changes, oid, tid),
      () => loadBlobOf(this.base, oid, tid),
    );
  }

  blobTemporaryFolder(): string {
    this.#check();
    if (this.changes.blobTemporaryFolder === undefined)
      throw new ArgumentError(`${this.changes.name} has no blobs`);
    return this.changes.blobTemporaryFolder();
  }

  /** Looks for what other processes have done to the changes. The base stays as it was opened. */
  sync(): void {
    this.#check();
    this.changes.sync?.();
  }

  onInvalidate(listener: (tid: Tid, oids: readonly Oid[]) => void): () => void {
    return this.changes.onInvalidate(listener);
  }

  /** A storage whose base is this one; closing it leaves this one open. */
  push(changes?: Storage): DemoStorage {
    this.#check();
    return new DemoStorage({
      base: this,
      closeBase: false,
      ...(changes === undefined ? {} : { changes }),
    });
  }

  /** Closes the changes and gives the base. */
  pop(): Storage {
    this.changes.close();
    this.#closed = true;
    return this.base;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#closeChanges) this.changes.close();
    if (this.#closeBase) this.base.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #toPack(options: PackOptions): { readonly changes: Storage & Pick<Required<Storage>, 'pack'> } {
    this.#check();
    if (options.gc === true)
      throw new ArgumentError('changes over a base are packed without garbage collection');
    const { changes } = this;
    if (changes.pack === undefined) throw new ArgumentError(`${changes.name} cannot be packed`);
    return { changes: changes as Storage & Pick<Required<Storage>, 'pack'> };
  }

  // What to store in the changes, and over which of their revisions. @throws ConflictError
  #prepare(oid: Oid, serial: Tid, data: RecordData): { serial: Tid; merged?: Uint8Array } {
    const committed = unlessMissing(
      () => this.getTid(oid),
      () => undefined,
    );
    const over = this.#changedTid(oid) ?? this.#changesOf(oid, 1)[0]?.tid ?? serial;
    if (committed === undefined || committed === serial) return { serial: over };
    const { merged, cause } = mergeOf(this.resolveConflict, {
      oid,
      committed,
      serial,
      data: joined(data instanceof Uint8Array ? [data] : data),
      committedData: this.loadSerial(oid, committed),
      original: () => this.loadSerial(oid, serial),
    });
    if (merged !== undefined) return { serial: over, merged };
    throw new ConflictError(
      `the object was changed from ${formatId(serial)}, but ${formatId(committed)} is committed`,
      { file: this.name, oid, serials: [committed, serial], cause },
    );
  }

  #checkCurrent(oid: Oid, serial: Tid): void {
    const committed = this.getTid(oid);
    if (committed !== serial)
      throw new ReadConflictError(
        `the object was read at ${formatId(serial)}, but ${formatId(committed)} is committed`,
        { file: this.name, oid, serials: [committed, serial] },
      );
  }

  /** The newest changes of an object, those after which it does not exist in the changes too. */
  #changesOf(oid: Oid, limit: number): HistoryEntry[] {
    return unlessMissing(
      () => this.changes.history?.(oid, limit) ?? [],
      () => [],
    );
  }

  #changedTid(oid: Oid): Tid | undefined {
    return unlessMissing(
      () => this.changes.getTid(oid),
      () => undefined,
    );
  }

  #firstChange(oid: Oid): Tid | undefined {
    const first = this.#changesOf(oid, Number.MAX_SAFE_INTEGER).at(-1)?.tid;
    if (first !== undefined) return first;
    let tid = this.#changedTid(oid);
    for (let before = tid; before !== undefined; ) {
      tid = before;
      before = this.changes.load(oid, tid)?.tid;
    }
    return tid;
  }

  #has(oid: Oid): boolean {
    return unlessMissing(
      () => this.load(oid) !== undefined,
      () => false,
    );
  }

  #check(): void {
    if (this.#closed) throw new ClosedError(`${this.name} is closed`);
  }
}

function loadBlobOf(storage: Storage, oid: Oid, tid: Tid): string {
  // Which revision is missing, a storage without blobs says as one does that has the revision without its file.
  if (storage.loadBlob !== undefined && storage.can.blobs) return storage.loadBlob(oid, tid);
  storage.loadSerial(oid, tid);
  throw new ArgumentError(`${storage.name} was opened without its blobs`);
}

function randomOid(): bigint {
  const [bits] = crypto.getRandomValues(new BigUint64Array(1)) as unknown as [bigint];
  return (bits >> 2n) + 1n;
}

// The contract that every storage driver implements: what lies below the object layer. Records are bytes here; nothing
// in a driver knows what they mean. Synchronous (the object layer is): network drivers wait for their own worker thread.

import type { Oid, Tid } from './ids.ts';

/** One revision of an object. */
export interface Revision {
  /** The record, owned by the caller. */
  readonly data: Uint8Array;
  /** The transaction that wrote it. */
  readonly tid: Tid;
  /** The transaction that wrote the following revision, `undefined` if this is the newest. */
  readonly next: Tid | undefined;
}

/** What is said about a transaction. Text is UTF-8 in every format. */
export interface TransactionMetadata {
  readonly user?: string | Uint8Array | undefined;
  readonly description?: string | Uint8Array | undefined;
  /** The pickled extension dictionary, empty if there is none. */
  readonly extension?: Uint8Array | undefined;
}

/** One record of an iterated transaction. */
export interface DataRecord {
  readonly oid: Oid;
  readonly tid: Tid;
  /** The bytes, followed through back pointers; `undefined` where the object ceased to exist. */
  readonly data: Uint8Array | undefined;
  /** The transaction whose data this record repeats (undo), as a back pointer says. */
  readonly dataTid: Tid | undefined;
  /** Where the record begins, in storages that have positions. */
  readonly position: number | undefined;
}

/** One iterated transaction; its records are read when they are iterated. */
export interface TransactionRecord {
  readonly tid: Tid;
  /** `' '` ordinary, `'p'` packed. */
  readonly status: string;
  readonly user: Uint8Array;
  readonly description: Uint8Array;
  readonly extension: Uint8Array;
  readonly position: number | undefined;
  records(): Iterable<DataRecord>;
}

/** One revision in an object's history, newest first. */
export interface HistoryEntry {
  readonly tid: Tid;
  readonly user: Uint8Array;
  readonly description: Uint8Array;
  readonly extension: Uint8Array;
  /** Bytes of the record; 0 where it repeats the data of another (undo), or where the object ceased to exist. */
  readonly size: number;
}

/** A transaction in the undo log, newest first. */
export interface UndoLogEntry {
  readonly tid: Tid;
  readonly user: Uint8Array;
  readonly description: Uint8Array;
  readonly extension: Uint8Array;
  /** Bytes of the transaction, as the storage counts them. */
  readonly size: number;
}

/** What a transaction changed. */
export interface Invalidation {
  readonly tid: Tid;
  readonly oids: readonly Oid[];
}

/** One object in the order of oids. */
export interface NextRecord {
  readonly oid: Oid;
  readonly tid: Tid;
  readonly data: Uint8Array;
  /** The smallest oid above, `undefined` at the end. */
  readonly next: Oid | undefined;
}

/** Which part of the undo log: entries are numbered from 0, the newest, after `filter`. */
export interface UndoLogOptions {
  /** The first entry wanted. Default 0. */
  readonly first?: number;
  /** How many entries at most. Default 20. */
  readonly limit?: number;
  readonly filter?: (entry: UndoLogEntry) => boolean;
}

/** How to pack: what no connection can see any more, at a moment or later, is removed. */
export interface PackOptions {
  /** The moment: revisions that were not current at it or after it are removed. Default: now. */
  readonly before?: Tid;
  /** Whether to remove objects that nothing refers to. Default true. */
  readonly gc?: boolean;
  /** Only report what would be removed. */
  readonly dryRun?: boolean;
  /** Throw where a kept record refers to an object that is not there, instead of reporting it. */
  readonly strict?: boolean;
  /** Whether a storage in a file keeps the file of before as `NAME.old`. Default true. */
  readonly keepOld?: boolean;
  /** Called now and then; returning `false` stops: nothing is changed then. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => unknown;
}

/** How to pack while other work goes on. */
export interface PackAsyncOptions extends PackOptions {
  /** Stops it: nothing is changed then, and the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What a pack did, or would do. */
export interface PackReport {
  /** Bytes of the storage before and after. */
  readonly sizeBefore: number;
  readonly sizeAfter: number;
  readonly objectsBefore: number;
  readonly objectsAfter: number;
  readonly recordsRemoved: number;
  readonly blobsRemoved: number;
  /** References from kept records to objects that are not there: first ones, and how many there are. */
  readonly dangling: readonly { readonly from: Oid; readonly to: Oid }[];
  readonly danglingCount: number;
  /** Whether anything was changed: false for a dry run, or where there was nothing to remove. */
  readonly packed: boolean;
}

/** What a storage can do; callers ask this instead of testing classes. */
export interface Capabilities {
  readonly write: boolean;
  readonly undo: boolean;
  readonly history: boolean;
  readonly iterate: boolean;
  readonly pack: boolean;
  readonly blobs: boolean;
  /** Another thread can open the same storage from `share()`. */
  readonly share: boolean;
}

/** A structured-cloneable description from which another thread opens the same data for reading. */
export interface SharedStorage {
  readonly kind: string;
  /** URL of the module whose `openShared(description)` opens it, as a SharedReader or a promise of one. */
  readonly module: string;
  readonly [field: string]: unknown;
}

/** Reading records. Storages whose records stand in one piece somewhere can also read parts of them, without copies. */
export interface RecordReading {
  /**
   * The newest revision older than `before` (default: the newest). `undefined`: the object exists but is younger than
   * `before`.
   * @throws POSKeyError for an oid that is unknown, or did not exist then.
   */
  load(oid: Oid, before?: Tid): Revision | undefined;
  /** Where the data of the revision that `load` would give stand, for `readAt`. */
  locate?(
    oid: Oid,
    before?: Tid,
  ): { readonly position: number; readonly length: number } | undefined;
  /** Fills `target` with stored bytes. */
  readAt?(position: number, target: Uint8Array): void;
}

/** Reads in another thread what a storage shares there. */
export interface SharedReader extends RecordReading {
  close(): void;
}

/** A record, whole or in pieces. A storage is done with the bytes when the call that gave them returns. */
export type RecordData = Uint8Array | readonly Uint8Array[];

/**
 * A two-phase commit in progress. Calls come in this order: any number of stores, `vote`, then `finish`; `abort` at any
 * moment before `finish` leaves the storage as it was.
 */
export interface StorageTransaction {
  readonly tid: Tid;
  /**
   * Stores a record. `serial` is the tid of the revision it was made from (ZERO_TID for a new object).
   * @throws ConflictError if `serial` is not the newest revision and the conflict cannot be resolved.
   */
  store(oid: Oid, serial: Tid, data: RecordData): void;
  /** @throws ReadConflictError at vote or at once if `serial` is not the newest revision of `oid`. */
  checkCurrent(oid: Oid, serial: Tid): void;
  /**
   * Stores a record as another storage has it, without looking for conflicts: `data` undefined where the object ceased to
   * exist, `dataTid` the transaction whose data it repeats. For a transaction begun with the tid of the original.
   */
  restore?(oid: Oid, data: RecordData | undefined, dataTid?: Tid): void;
  /** Makes the object cease to exist. @throws ConflictError, POSKeyError */
  deleteObject?(oid: Oid, serial: Tid): void;
  /** Undoes what the transaction `tid` did; returns the oids it changes. @throws UndoError, MultipleUndoErrors */
  undo?(tid: Tid): readonly Oid[];
  /** Stores the record of a blob; the file is moved into the storage. @throws as `store` */
  storeBlob?(oid: Oid, serial: Tid, data: RecordData, file: string): void;
  /** As `restore`, with the blob's file, which is moved into the storage. */
  restoreBlob?(oid: Oid, data: RecordData, file: string, dataTid?: Tid): void;
  /** Makes the transaction durable but for its last step. Returns the oids whose conflicts were resolved. */
  vote(): readonly Oid[];
  /**
   * Makes it visible and durable. `onCommit` runs once the outcome is sure, before anyone else can load the new data.
   * @throws CommitOutcomeUnknownError if it cannot be known whether the transaction is on disk.
   */
  finish(onCommit?: (tid: Tid) => void): Tid;
  abort(): void;
}

/** An object that another transaction committed since `serial`, the revision that ours was made from. */
export interface Conflict {
  readonly oid: Oid;
  readonly committed: Tid;
  readonly serial: Tid;
  /** The record that lost the race. */
  readonly data: Uint8Array;
  readonly committedData: Uint8Array;
  /** The record both were made from. @throws POSKeyError where it was packed away */
  original(): Uint8Array;
}

/**
 * Merges the two, or gives `undefined` where nobody can do that: a ConflictError. So is what it throws, which becomes the
 * `cause` of that.
 */
export type ConflictResolver = (conflict: Conflict) => Uint8Array | undefined;

/** A part of a storage's history. */
export interface TidRange {
  /** The first tid wanted, inclusive. */
  readonly start?: Tid | undefined;
  /** The last tid wanted, inclusive. */
  readonly stop?: Tid | undefined;
}

/** Something odd in a storage that does not keep it from being read. */
export interface Finding {
  readonly position: number;
  readonly message: string;
  /** Whether data are damaged, not only what is beside them, such as an index file. */
  readonly damage: boolean;
}

/** What the object layer needs of a storage. `testing` has the suite that every one passes. */
export interface Storage extends RecordReading {
  /** A name for messages and sort keys, such as the file's path. */
  readonly name: string;
  readonly url: string | undefined;
  readonly readOnly: boolean;
  readonly can: Capabilities;
  /** How this storage's records are to be written: Python 3's protocol 3, or a dialect of Python 2 (`FS21` files). */
  readonly dialect: 'python3' | 'python2';
  /** What looked odd when it was opened. */
  readonly findings?: readonly Finding[];
  /** How `store` resolves conflicts, in storages that leave this to their database; set by it. */
  resolveConflict?: ConflictResolver | undefined;

  /** The revision written by exactly `tid`. @throws POSKeyError */
  loadSerial(oid: Oid, tid: Tid): Uint8Array;
  /** The tid of the newest revision. @throws POSKeyError */
  getTid(oid: Oid): Tid;
  /** The newest transaction, ZERO_TID if there is none. */
  lastTransaction(): Tid;
  /** An oid never handed out before. @throws ReadOnlyError */
  newOid(): Oid;
  /** Bytes used. */
  size(): number;
  /** Number of objects. */
  length(): number;
  /**
   * @throws ReadOnlyError, StorageTransactionError if a transaction is in progress, ArgumentError for a tid that is not
   * later than the last transaction, or for texts that cannot be stored. `status` is `'p'` to restore a packed one.
   */
  begin(metadata: TransactionMetadata, tid?: Tid, status?: ' ' | 'p'): StorageTransaction;
  /** All transactions, or those of the range, oldest first. @throws CorruptedDataError where damage is reached */
  iterate(range?: TidRange): Iterable<TransactionRecord>;
  /** The newest `limit` (default 1) revisions of an object, newest first. @throws POSKeyError */
  history?(oid: Oid, limit?: number): HistoryEntry[];
  /** Transactions that can be undone, newest first. */
  undoLog?(options?: UndoLogOptions): UndoLogEntry[];
  /** What the newest `count` transactions changed, oldest first: for caches that were away for a while. */
  lastInvalidations?(count: number): Invalidation[];
  /**
   * The object with the smallest oid from `oid` (default 0) on, and which oid comes after it; `undefined` where there is
   * none. Objects that ceased to exist are passed over.
   */
  recordNext?(oid?: Oid): NextRecord | undefined;
  /** Removes old revisions and objects. Readers and writers go on meanwhile. */
  pack?(options?: PackOptions): PackReport;
  /** `pack` in small steps, between which this thread goes on: also with commits, which are in the packed storage too. */
  packAsync?(options?: PackAsyncOptions): Promise<PackReport>;
  /** The path of the file with the blob's bytes, for reading only. @throws POSKeyError */
  loadBlob?(oid: Oid, tid: Tid): string;
  /** A folder on the file system of the storage's blobs, from which `storeBlob` can move files. */
  blobTemporaryFolder?(): string;
  /** Has records sent ahead of need, as they were before a tid: for storages behind a network. Unknown oids are left out. */
  prefetch?(oids: readonly Oid[], before: Tid): Promise<void>;
  /** Looks for transactions of other processes; calls the invalidation listeners for them. */
  sync?(): void;
  /** Looks at all that lies below records, such as positions, lengths and the order of transactions, for contradictions. */
  check?(): readonly Finding[];
  /** What another thread opens the same data from, in storages that can. */
  share?(): SharedStorage;
  /** Calls `listener` for each transaction committed by anyone, before it becomes visible. Returns how to stop that. */
  onInvalidate(listener: (tid: Tid, oids: readonly Oid[]) => void): () => void;
  close(): void;
}

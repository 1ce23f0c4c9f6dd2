// FileStorage: Python's standard storage, one file that only grows. The newest record of each object is found through an
// index in memory, older ones through the records themselves. Any number of readers, one writer.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BlobFolder } from '../zodb/blob-folder.ts';
import { ClosedError, ReadOnlyError, StorageError, UndoError } from '../zodb/errors.ts';
import { type Oid, ROOT_OID, type Tid } from '../zodb/ids.ts';
import type {
  Capabilities,
  ConflictResolver,
  Finding,
  HistoryEntry,
  Invalidation,
  NextRecord,
  PackAsyncOptions,
  PackOptions,
  PackReport,
  Revision,
  Storage,
  TidRange,
  TransactionMetadata,
  UndoLogEntry,
  UndoLogOptions,
} from '../zodb/storage.ts';
import { checkFile } from './check.ts';
import type { CommitStatus, FileTransaction } from './commit.ts';
import { readNews } from './follow.ts';
import { type FileTransactionRecord, iterate } from './iterate.ts';
import { type Listener, Listeners } from './listeners.ts';
import type { Lock } from './lock.ts';
import { type Dialect, openFile } from './open.ts';
import { checkArguments, checkPackOptions, type FileStorageOptions } from './options.ts';
import { packInTurns, packNow } from './pack.ts';
import { type PackHost, packHost } from './pack-host.ts';
import type { Location } from './reader.ts';
import type { SharedFileStorage } from './shared.ts';
import { FileState } from './state.ts';
import { history, lastInvalidations, undoLog } from './undo-log.ts';
import type { FileWriter } from './writer.ts';
import { Writing } from './writing.ts';

/**
 * A database in one file.
 *
 *     const storage = new FileStorage('Data.fs', { readOnly: true });
 */
export class FileStorage implements Storage {
  readonly name: string;
  readonly url: string;
  readonly readOnly: boolean;
  readonly can: Capabilities;
  readonly dialect: Dialect;
  resolveConflict: ConflictResolver | undefined;
  readonly #state: FileState;
  readonly #lock: Lock | undefined;
  readonly #blobs: BlobFolder | undefined;
  readonly #writing: Writing | undefined;
  readonly #listeners = new Listeners();
  #closed = false;

  /**
   * @throws LockError where another process, or this one, has the file open for writing; FormatError,
   * CorruptedDataError; StorageError with code NO_SUCH_FILE, or WRITE where `reindex` cannot write the index file; ArgumentError
   */
  constructor(path: string, options: FileStorageOptions = {}) {
    checkArguments(path, options);
    const { readOnly = false } = options;
    const { source, contents, lock, writer, blobs } = openFile(path, options);
    this.name = path;
    // The process may change its folder.
    const file = resolve(path);
    this.url = pathToFileURL(file).href;
    this.readOnly = readOnly;
    this.can = {
      write: !readOnly,
      undo: !readOnly,
      history: true,
      iterate: true,
      pack: !readOnly,
      blobs: blobs !== undefined,
      share: true,
    };
    this.dialect = contents.dialect;
    this.#lock = lock;
    this.#blobs = blobs;
    source.extend(contents.end);
    this.#state = new FileState(file, source, contents);
    if (writer !== undefined) this.#writing = this.#writingWith(writer, options);
    if (!readOnly && options.reindex) this.#reindex();
    else if (!readOnly && contents.indexFile === 'missing or wrong') this.#state.saveIndex();
  }

  /** What looked odd when the file was opened, but did not keep it from being read. */
  get findings(): readonly Finding[] {
    return this.#state.contents.findings;
  }

  load(oid: Oid, before?: Tid): Revision | undefined {
    this.#check();
    return this.#state.reader.load(oid, before);
  }

  loadSerial(oid: Oid, tid: Tid): Uint8Array {
    this.#check();
    return this.#state.reader.loadSerial(oid, tid);
  }

  getTid(oid: Oid): Tid {
    this.#check();
    return this.#state.reader.getTid(oid);
  }

  /** Where the data of a revision stand, for `readAt`; otherwise as `load`. */
  locate(oid: Oid, before?: Tid): Location | undefined {
    this.#check();
    return this.#state.reader.locate(oid, before);
  }

  /** Fills `target` with the file's bytes from `position` on: data that `locate` found, without a copy. */
  readAt(position: number, target: Uint8Array): void {
    this.#state.source.readInto(position, target);
  }

  lastTransaction(): Tid {
    this.#check();
    return this.#state.lastTid;
  }

  newOid(): Oid {
    this.#writable();
    return this.#state.newOid();
  }

  size(): number {
    this.#check();
    return this.#state.end;
  }

  length(): number {
    this.#check();
    return this.#state.index.count;
  }

  /** @throws ReadOnlyError, StorageTransactionError while another transaction is in progress, ArgumentError */
  begin(metadata: TransactionMetadata, tid?: Tid, status?: CommitStatus): FileTransaction {
    return this.#writable().begin(metadata, tid, status);
  }

  iterate(range: TidRange = {}): Iterable<FileTransactionRecord> {
    this.#check();
    const { source, end } = this.#state;
    source.refresh();
    return iterate(source, end, range);
  }

  history(oid: Oid, limit = 1): HistoryEntry[] {
    this.#check();
    const { source, reader } = this.#state;
    source.refresh();
    return history(source, reader, oid, limit);
  }

  recordNext(oid: Oid = ROOT_OID): NextRecord | undefined {
    this.#check();
    return this.#state.recordNext(oid);
  }

  lastInvalidations(count: number): Invalidation[] {
    this.#check();
    const { source, end } = this.#state;
    source.refresh();
    return lastInvalidations(source, end, count);
  }

  /** @throws UndoError during a pack, ArgumentError */
  undoLog(options: UndoLogOptions = {}): UndoLogEntry[] {
    this.#check();
    const { source, end, packing } = this.#state;
    if (packing) throw new UndoError('nothing can be undone during a pack', { file: this.name });
    source.refresh();
    return undoLog(source, end, options);
  }

  /**
   * Removes old revisions and, unless told otherwise, objects that nothing refers to. A dry run works read-only, too.
   * @throws ReadOnlyError, StorageTransactionError while a transaction is in progress, CorruptedDataError,
   * ArgumentError; StorageError with code PACKING, STOPPED or WRITE. Nothing is changed then.
   */
  pack(options: PackOptions = {}): PackReport {
    const host = this.#packHost(options);
    try {
      return packNow(host, options);
    } finally {
      host.state.packing = false;
    }
  }

  /** As `pack`, in small steps, between which this thread reads and commits. */
  async packAsync(options: PackAsyncOptions = {}): Promise<PackReport> {
    const host = this.#packHost(options);
    try {
      return await packInTurns(host, options);
    } finally {
      host.state.packing = false;
    }
  }

  /** @throws POSKeyError, StorageError where the storage was opened without blobDir */
  loadBlob(oid: Oid, tid: Tid): string {
    this.#check();
    return this.#blobFolder().load(oid, tid);
  }

  /** @throws StorageError where the storage was opened without blobDir */
  blobTemporaryFolder(): string {
    this.#check();
    return this.#blobFolder().temporary;
  }

  /** Reads the whole file, whatever the index file says, and compares the two. @throws StorageError */
  check(): Finding[] {
    this.#check();
    return checkFile(this.#state.source, this.#state.end, this.#state.index);
  }

  /** For `openShared` in another thread; stays right while this storage is open and commits. */
  share(): SharedFileStorage {
    this.#check();
    return this.#state.share();
  }

  /** Where another process writes the file: looks for what it has committed. Without effect where this storage writes. */
  sync(): void {
    this.#check();
    if (!this.readOnly) return;
    const { source, end, lastTid } = this.#state;
    const news = readNews(source, end, lastTid);
    if (news === undefined) return;
    const errors: unknown[] = [];
    for (const { tid, oids } of news.transactions) this.#listeners.tell(tid, oids, errors);
    this.#state.follow(news);
    if (errors.length > 0) throw errors[0];
  }

  onInvalidate(listener: Listener): () => void {
    return this.#listeners.add(listener);
  }

  /** Gives up a transaction in progress, saves the index, gives the lock back. */
  close(): void {
    if (this.#closed) return;
    this.#writing?.abort();
    if (this.#writing?.refused === false) this.#state.saveIndex();
    this.#closeFiles();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #reindex(): void {
    try {
      this.#state.replaceIndexFile();
    } catch (cause) {
      this.#closeFiles();
      const message = `the index file cannot be written: ${(cause as Error).message}`;
      throw new StorageError(message, { file: `${this.name}.index`, cause }, 'WRITE');
    }
  }

  #writingWith(writer: FileWriter, options: FileStorageOptions): Writing {
    return new Writing(
      {
        name: this.name,
        state: this.#state,
        blobs: this.#blobs,
        listeners: this.#listeners,
        options,
        resolveConflict: () => this.resolveConflict,
      },
      writer,
    );
  }

  #closeFiles(): void {
    this.#closed = true;
    this.#writing?.close();
    this.#state.source.close();
    this.#lock?.release();
  }

  #packHost(options: PackOptions): PackHost {
    checkPackOptions(options);
    this.#check();
    if (!options.dryRun) this.#writable();
    const state = this.#state;
    if (state.packing)
      throw new StorageError('is being packed already', { file: this.name }, 'PACKING');
    state.packing = true;
    return packHost(state, this.#writing, this.#blobs);
  }

  #blobFolder(): BlobFolder {
    if (this.#blobs !== undefined) return this.#blobs;
    throw new StorageError('there are no blobs: the storage was opened without blobDir', {
      file: this.name,
    });
  }

  #writable(): Writing {
    this.#check();
    if (this.#writing === undefined)
      throw new ReadOnlyError('opened for reading', { file: this.name });
    this.#writing.check();
    return this.#writing;
  }

  #check(): void {
    if (this.#closed) throw new ClosedError(`${this.name} is closed`);
  }
}

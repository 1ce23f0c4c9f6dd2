// FileStorage: Python's standard storage, one file that only grows. The newest record of each object is found through an
// index in memory, older ones through the records themselves. Any number of readers, one writer.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  ArgumentError,
  ClosedError,
  ReadOnlyError,
  StorageError,
  StorageTransactionError,
} from '../zodb/errors.ts';
import { formatId, type Oid, type Tid } from '../zodb/ids.ts';
import type {
  Capabilities,
  ConflictResolver,
  Finding,
  Revision,
  Storage,
  TidRange,
  TransactionMetadata,
} from '../zodb/storage.ts';
import { nextTid } from '../zodb/time.ts';
import { type CommitHost, FileTransaction, type OnCommit, textsOf } from './commit.ts';
import { readNews } from './follow.ts';
import { saveIndex } from './index-save.ts';
import { type FileTransactionRecord, iterate } from './iterate.ts';
import type { Lock } from './lock.ts';
import { type Contents, type Dialect, openFile } from './open.ts';
import { checkArguments, type FileStorageOptions } from './options.ts';
import { type Location, RecordReader } from './reader.ts';
import { type SharedFileStorage, SharedState } from './shared.ts';
import type { Source } from './source.ts';
import type { FileWriter } from './writer.ts';

type Listener = (tid: Tid, oids: readonly Oid[]) => void;

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
  readonly #file: string;
  #source: Source;
  #reader: RecordReader;
  #contents: Contents;
  readonly #lock: Lock | undefined;
  readonly #host: CommitHost | undefined;
  readonly #state = new SharedState();
  readonly #listeners = new Set<Listener>();
  #end: number;
  #lastTid: Tid;
  #highestOid: bigint | undefined;
  #transaction: FileTransaction | undefined;
  #saved: boolean;
  #refused = false;
  #closed = false;

  /**
   * @throws LockError where another process, or this one, has the file open for writing; FormatError,
   * CorruptedDataError; StorageError with code NO_SUCH_FILE; ArgumentError
   */
  constructor(path: string, options: FileStorageOptions = {}) {
    checkArguments(path, options);
    const { readOnly = false, fsync = true } = options;
    const { source, contents, lock, writer } = openFile(path, options);
    this.name = path;
    // The process may change its folder.
    this.#file = resolve(path);
    this.url = pathToFileURL(this.#file).href;
    this.readOnly = readOnly;
    this.can = {
      write: !readOnly,
      undo: false,
      history: false,
      iterate: true,
      pack: false,
      blobs: false,
      share: true,
    };
    this.dialect = contents.dialect;
    this.#source = source;
    this.#contents = contents;
    this.#lock = lock;
    this.#end = contents.end;
    this.#lastTid = contents.lastTid;
    this.#saved = contents.indexFile === 'current';
    this.#reader = new RecordReader(source, (oid) => contents.index.get(oid));
    this.#state.publish(source.inode, contents.end);
    if (writer !== undefined) this.#host = this.#makeHost(writer, fsync);
    if (!readOnly && contents.indexFile === 'missing or wrong') this.#saveIndex();
  }

  /** What looked odd when the file was opened, but did not keep it from being read. */
  get findings(): readonly Finding[] {
    return this.#contents.findings;
  }

  load(oid: Oid, before?: Tid): Revision | undefined {
    this.#check();
    return this.#reader.load(oid, before);
  }

  loadSerial(oid: Oid, tid: Tid): Uint8Array {
    this.#check();
    return this.#reader.loadSerial(oid, tid);
  }

  getTid(oid: Oid): Tid {
    this.#check();
    return this.#reader.getTid(oid);
  }

  /** Where the data of a revision stand, for `readAt`; otherwise as `load`. */
  locate(oid: Oid, before?: Tid): Location | undefined {
    this.#check();
    return this.#reader.locate(oid, before);
  }

  /** Fills `target` with the file's bytes from `position` on: data that `locate` found, without a copy. */
  readAt(position: number, target: Uint8Array): void {
    this.#source.readInto(position, target);
  }

  lastTransaction(): Tid {
    this.#check();
    return this.#lastTid;
  }

  newOid(): Oid {
    this.#writable();
    this.#highestOid = this.#highest() + 1n;
    return this.#highestOid as Oid;
  }

  size(): number {
    this.#check();
    return this.#end;
  }

  length(): number {
    this.#check();
    return this.#contents.index.count;
  }

  /** @throws ReadOnlyError, StorageTransactionError while another transaction is in progress, ArgumentError */
  begin(metadata: TransactionMetadata, tid?: Tid): FileTransaction {
    const host = this.#writable();
    const texts = textsOf(metadata);
    if (this.#transaction !== undefined)
      throw new StorageTransactionError('another transaction is in progress', {
        file: this.name,
        tid: this.#transaction.tid,
      });
    if (tid !== undefined && tid <= this.#lastTid)
      throw new ArgumentError(
        `tid ${formatId(tid)} is not later than the last transaction, ${formatId(this.#lastTid)}`,
      );
    this.#transaction = new FileTransaction(host, texts, tid ?? nextTid(this.#lastTid));
    return this.#transaction;
  }

  iterate(range: TidRange = {}): Iterable<FileTransactionRecord> {
    this.#check();
    this.#source.refresh();
    return iterate(this.#source, this.#end, range);
  }

  /** For `openShared` in another thread; stays right while this storage is open and commits. */
  share(): SharedFileStorage {
    this.#check();
    return this.#state.describe(this.#file, this.#contents.index);
  }

  /** Where another process writes the file: looks for what it has committed. Without effect where this storage writes. */
  sync(): void {
    this.#check();
    if (!this.readOnly) return;
    const news = readNews(this.#source, this.#end, this.#lastTid);
    if (news === undefined) return;
    const errors: unknown[] = [];
    for (const { tid, oids } of news.transactions) this.#tell(tid, oids, undefined, errors);
    if (news.replacement !== undefined) this.#replace(news.replacement);
    const { index } = this.#contents;
    const { added } = news;
    if (added !== undefined) {
      index.reserve(index.count + added.count);
      index.change(() => {
        added.forEach((high, low, position) => {
          index.put(high, low, position);
        });
        index.end = news.end;
      });
    }
    this.#end = news.end;
    this.#lastTid = news.lastTid;
    this.#state.publish(this.#source.inode, news.end);
    if (errors.length > 0) throw errors[0];
  }

  onInvalidate(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Gives up a transaction in progress, saves the index, gives the lock back. */
  close(): void {
    if (this.#closed) return;
    this.#transaction?.abort();
    if (!this.readOnly && !this.#saved && !this.#refused) this.#saveIndex();
    this.#closed = true;
    this.#host?.writer.close();
    this.#source.close();
    this.#lock?.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #makeHost(writer: FileWriter, fsync: boolean): CommitHost {
    const storage = this;
    const { index } = this.#contents;
    let dirtyTail = false;
    return {
      file: this.name,
      reader: this.#reader,
      writer,
      fsync,
      get resolveConflict() {
        return storage.resolveConflict;
      },
      get end() {
        return storage.#end;
      },
      newest: (oid) => index.get(oid),
      prepareTail() {
        if (dirtyTail) writer.truncate(storage.#end);
        dirtyTail = true;
      },
      cutTail() {
        writer.truncate(storage.#end);
        dirtyTail = false;
      },
      publish(...published) {
        dirtyTail = false;
        storage.#publish(...published);
      },
      refuseWrites() {
        storage.#refused = true;
      },
      release() {
        storage.#transaction = undefined;
      },
    };
  }

  #publish(
    tid: Tid,
    end: number,
    positions: ReadonlyMap<Oid, number>,
    onCommit: OnCommit | undefined,
  ): void {
    const oids = [...positions.keys()];
    const errors: unknown[] = [];
    this.#tell(tid, oids, onCommit, errors);
    const { index } = this.#contents;
    index.reserve(index.count + positions.size);
    index.change(() => {
      for (const [oid, position] of positions) index.set(oid, position);
      index.end = end;
    });
    this.#end = end;
    this.#lastTid = tid;
    this.#saved = false;
    for (const oid of oids) if (oid > this.#highest()) this.#highestOid = oid;
    this.#state.publish(this.#source.inode, end);
    // The transaction is committed whatever they do, so the first of their errors waits until all of this is done.
    if (errors.length > 0) throw errors[0];
  }

  // Calls everyone who wants to know; what they throw must not keep others from knowing.
  #tell(tid: Tid, oids: readonly Oid[], onCommit: OnCommit | undefined, errors: unknown[]): void {
    const calls = [...this.#listeners].map((listener) => () => listener(tid, oids));
    if (onCommit !== undefined) calls.push(() => onCommit(tid));
    for (const call of calls) {
      try {
        call();
      } catch (error) {
        errors.push(error);
      }
    }
  }

  #replace({ source, contents }: { source: Source; contents: Contents }): void {
    this.#source.close();
    this.#source = source;
    this.#contents = contents;
    this.#reader = new RecordReader(source, (oid) => contents.index.get(oid));
  }

  #highest(): bigint {
    if (this.#highestOid === undefined) {
      let highest = 0n;
      this.#contents.index.forEach((high, low) => {
        const oid = (BigInt(high) << 32n) | BigInt(low);
        if (oid > highest) highest = oid;
      });
      this.#highestOid = highest;
    }
    return this.#highestOid;
  }

  #saveIndex(): void {
    // Python cannot open a file whose index file covers nothing but transactions without records.
    if (this.length() === 0) return;
    try {
      saveIndex(this.#file, this.#contents.index);
      this.#saved = true;
    } catch {
      // The data file has all that it says: without it the next opening takes longer.
    }
  }

  #writable(): CommitHost {
    this.#check();
    if (this.#host === undefined)
      throw new ReadOnlyError('opened for reading', { file: this.name });
    if (this.#refused)
      throw new StorageError(
        'takes no writes, since the outcome of the last commit is not known; reopen it',
        { file: this.name },
      );
    return this.#host;
  }

  #check(): void {
    if (this.#closed) throw new ClosedError(`${this.name} is closed`);
  }
}

// The writing side of a storage: who may begin a transaction, what becomes of the bytes behind the last complete one, and
// the descriptor that is written to. A storage that was opened for reading has none.

import type { BlobFolder } from '../zodb/blob-folder.ts';
import { ArgumentError, StorageError, StorageTransactionError } from '../zodb/errors.ts';
import { formatId, type Oid, type Tid } from '../zodb/ids.ts';
import type { ConflictResolver, TransactionMetadata } from '../zodb/storage.ts';
import { nextTid } from '../zodb/time.ts';
import { type CommitStatus, FileTransaction } from './commit.ts';
import type { CommitHost, OnCommit } from './commit-host.ts';
import type { Listeners } from './listeners.ts';
import type { FileStorageOptions } from './options.ts';
import type { RecordReader } from './reader.ts';
import type { Source } from './source.ts';
import type { FileState } from './state.ts';
import { textsOf } from './texts.ts';
import { type FileWriter, openWriter } from './writer.ts';

/** What the writing side knows of its storage. */
export interface WritingOf {
  /** The path as it was given. */
  readonly name: string;
  readonly state: FileState;
  readonly blobs: BlobFolder | undefined;
  readonly listeners: Listeners;
  readonly options: FileStorageOptions;
  readonly resolveConflict: () => ConflictResolver | undefined;
}

export class Writing implements CommitHost {
  readonly file: string;
  readonly blobs: BlobFolder | undefined;
  readonly fsync: boolean;
  readonly quota: number | undefined;
  readonly newest = (oid: Oid): number => this.#state.index.get(oid);
  readonly #of: WritingOf;
  readonly #state: FileState;
  #writer: FileWriter;
  #transaction: FileTransaction | undefined;
  #dirtyTail = false;
  #refused = false;

  constructor(of: WritingOf, writer: FileWriter) {
    this.file = of.name;
    this.blobs = of.blobs;
    this.fsync = of.options.fsync ?? true;
    this.quota = of.options.quota;
    this.#of = of;
    this.#state = of.state;
    this.#writer = writer;
  }

  get writer(): FileWriter {
    return this.#writer;
  }

  get packing(): boolean {
    return this.#state.packing;
  }

  get source(): Source {
    return this.#state.source;
  }

  get reader(): RecordReader {
    return this.#state.reader;
  }

  get resolveConflict(): ConflictResolver | undefined {
    return this.#of.resolveConflict();
  }

  get end(): number {
    return this.#state.end;
  }

  /** Whether a transaction is in progress. */
  get busy(): boolean {
    return this.#transaction !== undefined;
  }

  /** Whether it takes no more writes, since the outcome of a commit is not known. */
  get refused(): boolean {
    return this.#refused;
  }

  /** @throws StorageTransactionError while another transaction is in progress, ArgumentError */
  begin(metadata: TransactionMetadata, tid?: Tid, status?: CommitStatus): FileTransaction {
    const texts = textsOf(metadata);
    if (this.#transaction !== undefined)
      throw new StorageTransactionError('another transaction is in progress', {
        file: this.file,
        tid: this.#transaction.tid,
      });
    const { lastTid } = this.#state;
    if (tid !== undefined && tid <= lastTid)
      throw new ArgumentError(
        `tid ${formatId(tid)} is not later than the last transaction, ${formatId(lastTid)}`,
      );
    this.#transaction = new FileTransaction(this, texts, tid ?? nextTid(lastTid), status);
    return this.#transaction;
  }

  prepareTail(): void {
    if (this.#dirtyTail) this.#writer.truncate(this.end);
    this.#dirtyTail = true;
  }

  cutTail(): void {
    this.#writer.truncate(this.end);
    this.#dirtyTail = false;
  }

  publish(tid: Tid, end: number, positions: ReadonlyMap<Oid, number>, onCommit?: OnCommit): void {
    this.#dirtyTail = false;
    const errors: unknown[] = [];
    this.#of.listeners.tell(tid, [...positions.keys()], errors, onCommit);
    this.#state.append(tid, end, positions);
    // The transaction is committed whatever they do, so the first of their errors waits until all of this is done.
    if (errors.length > 0) throw errors[0];
  }

  refuseWrites(): void {
    this.#refused = true;
  }

  release(): void {
    this.#transaction = undefined;
  }

  /** Gives up a transaction in progress. */
  abort(): void {
    this.#transaction?.abort();
  }

  /** @throws StorageError where it takes no more writes */
  check(): void {
    if (this.#refused)
      throw new StorageError(
        'takes no writes, since the outcome of the last commit is not known; reopen it',
        { file: this.file },
      );
  }

  /** Opens a file to write to, making it. */
  openWriter(file: string): FileWriter {
    const writer = openWriter(file);
    return this.#of.options.wrapWriter?.(writer) ?? writer;
  }

  /** Writes from now on with `writer`, whose file has become the data file; the old one is closed. */
  useWriter(writer: FileWriter): void {
    this.#writer.close();
    this.#writer = writer;
  }

  close(): void {
    this.#writer.close();
  }
}

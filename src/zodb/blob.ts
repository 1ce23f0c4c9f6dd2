// Blob: data that are too large for a record. The record only says that the object is a blob; its data are a file beside
// the database, one for each revision, which nobody changes once it is committed. Data that are not committed yet are in a
// temporary file of the blob's own. Class name and state: ZODB.blob.

import {
  chmodSync,
  copyFileSync,
  createReadStream,
  createWriteStream,
  type ReadStream,
  rmSync,
  statSync,
  type WriteStream,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BlobFile, type BlobMode } from './blob-file.ts';
import { move, temporaryFile } from './blob-folder.ts';
import { dropFile, handOver, ownFile } from './blob-uncommitted.ts';
import { ArgumentError, BlobError } from './errors.ts';
import { type Oid, type Tid, ZERO_TID } from './ids.ts';
import { type Jar, stateOf } from './object-state.ts';
import { Persistent } from './persistent.ts';
import type { Storage } from './storage.ts';

/** What a blob asks of its connection. */
interface BlobJar extends Jar {
  readonly storage: Storage;
  /** The file of a revision: a savepoint's or the storage's. @throws POSKeyError */
  loadBlob(oid: Oid, tid: Tid): string;
}

/** Where to read: as for `fs.createReadStream`. */
export interface BlobReadOptions {
  readonly start?: number;
  /** The last byte that is read. */
  readonly end?: number;
  readonly encoding?: BufferEncoding;
  readonly highWaterMark?: number;
}

/** Where to write: as for `fs.createWriteStream`. */
export interface BlobWriteOptions {
  /** `'w'`, the default, writes the blob anew, `'a'` appends, `'r+'` writes over what is there. */
  readonly flags?: 'w' | 'a' | 'r+';
  readonly start?: number;
  readonly highWaterMark?: number;
}

type Chunk = Uint8Array | string;
type Chunks = Iterable<Chunk> | AsyncIterable<Chunk>;

const MODES: readonly string[] = ['r', 'r+', 'w', 'a', 'c'];

/**
 * Data of any size, kept in files beside the database.
 *
 *     root.set('photo', new Blob(bytes));
 */
export class Blob extends Persistent {
  static readonly _p_direct: boolean = true;

  /** The file with data that are not committed. */
  #uncommitted: string | undefined;
  /** Whether there is a record, of this revision or of a savepoint. */
  #stored = false;
  readonly #open = new Set<BlobFile>();

  /** Text is stored as UTF-8. @throws ArgumentError */
  constructor(data?: Chunk) {
    super();
    if (new.target !== Blob)
      throw new ArgumentError('Blob cannot be extended: its record has no place for attributes');
    if (data !== undefined) this.write(data);
  }

  /** Bytes of data. @throws POSKeyError if the file is not there */
  get size(): number {
    const file = this.#file();
    return file === undefined ? 0 : statSync(file).size;
  }

  /** All data, as bytes or, with an encoding, as text. @throws POSKeyError, BlobError while it is open for writing */
  read(): Uint8Array;
  read(encoding: BufferEncoding): string;
  read(encoding?: BufferEncoding): Uint8Array | string {
    using file = this.open('r');
    const bytes = new Uint8Array(file.size);
    const length = file.read(bytes);
    const data = length < bytes.length ? bytes.slice(0, length) : bytes;
    return encoding === undefined ? data : Buffer.from(data.buffer).toString(encoding);
  }

  /**
   * Replaces all data. Of bytes and text at once; of a stream, or anything else that gives pieces, when the promise
   * resolves.
   * @throws ArgumentError, BlobError while it is open; ReadOnlyError
   */
  write(data: Chunk): void;
  write(data: Chunks): Promise<void>;
  write(data: Chunk | Chunks): void | Promise<void> {
    if (typeof data === 'string' || data instanceof Uint8Array) {
      using file = this.open('w');
      file.write(data);
      return;
    }
    if (!isIterable(data))
      throw new ArgumentError(`a blob holds bytes, text or a stream of them, got ${String(data)}`);
    return pipeline(data, this.createWriteStream());
  }

  /**
   * Opens the data as a file. Writing to it is part of the transaction; close it before the commit.
   * @throws BlobError if it is open for writing, or is to be written while someone reads uncommitted data, or, with `'c'`,
   * has uncommitted data; ArgumentError, POSKeyError, ReadOnlyError
   */
  open(mode: BlobMode = 'r'): BlobFile {
    if (!MODES.includes(mode))
      throw new ArgumentError(`a blob is opened with ${MODES.join(', ')}, got ${String(mode)}`);
    if (mode === 'c') return this.#opened(this.committedPath(), mode);
    if (mode !== 'r') return this.#openToWrite(mode);
    for (const file of this.#open)
      if (isWriting(file)) this.#fail('is open for writing: close that first');
    return this.#opened(this.#file() ?? this.#makeUncommitted(), mode);
  }

  /** The data as a stream. @throws as `open` */
  createReadStream(options: BlobReadOptions = {}): ReadStream {
    const file = this.open('r');
    return file.give(createReadStream(file.path, { ...options, fd: file.fd }));
  }

  /**
   * A stream that writes data; wait for its end before the commit.
   *
   *     await pipeline(request, blob.createWriteStream());
   *
   * @throws as `open`
   */
  createWriteStream(options: BlobWriteOptions = {}): WriteStream {
    const { flags = 'w' } = options;
    if (flags !== 'w' && flags !== 'a' && flags !== 'r+')
      throw new ArgumentError(`the option flags is 'w', 'a' or 'r+', got ${String(flags)}`);
    const file = this.#openToWrite(flags);
    return file.give(createWriteStream(file.path, { ...options, flags, fd: file.fd }));
  }

  /**
   * The path of the file with the committed data of this snapshot, for reading only.
   * @throws BlobError if there are uncommitted data, POSKeyError
   */
  committedPath(): string {
    if (this.#uncommitted === undefined && stateOf(this).jar !== undefined) {
      this._p_activate();
      const { oid, serial } = stateOf(this);
      const jar = this.#jar as BlobJar;
      const file = this.#stored && serial !== ZERO_TID && jar.loadBlob(oid as Oid, serial);
      if (file && file === jar.storage.loadBlob?.(oid as Oid, serial)) return file;
    }
    return this.#fail('has data that are not committed');
  }

  /**
   * Makes a file the blob's data, by moving it; it is copied where it is on another file system.
   * @throws BlobError if the blob is open, ReadOnlyError, ArgumentError. Throws what the system says: then nothing has changed.
   */
  consumeFile(path: string): void {
    if (typeof path !== 'string')
      throw new ArgumentError(`consumeFile takes the path of a file, got ${String(path)}`);
    this.#change();
    const target = temporaryFile(this.#temporaryFolder(), 'BUC');
    try {
      move(path, target, dirname(target));
    } catch (error) {
      rmSync(target, { force: true });
      throw error;
    }
    this.#dropUncommitted();
    this.#uncommitted = target;
    ownFile(this, target);
  }

  __getstate__(): null {
    return null;
  }

  __setstate__(): void {
    this.#stored = true;
  }

  /** Not while there are data that nobody else has. */
  override _p_deactivate(): void {
    if (this.#uncommitted === undefined && this.#stored) super._p_deactivate();
  }

  // Committed data may be read on: nobody changes them.
  override _p_clear(): void {
    for (const file of this.#open) if (file.path === this.#uncommitted) file.close();
    this.#dropUncommitted();
    this.#stored = false;
  }

  /**
   * Hands the uncommitted data over to a transaction or savepoint; `undefined` if there are none.
   * @throws BlobError if they are open
   */
  _p_takeFile(): string | undefined {
    for (const file of this.#open)
      if (file.path === this.#uncommitted)
        this.#fail(
          'is open: close its files, and wait for the end of its streams, before the commit',
        );
    if (this.#uncommitted === undefined && !this.#stored) this.#makeUncommitted();
    const file = this.#uncommitted;
    this.#uncommitted = undefined;
    if (file !== undefined) handOver(this, file);
    return file;
  }

  #openToWrite(mode: 'r+' | 'w' | 'a'): BlobFile {
    this.#change();
    return this.#opened(this.#uncommitted ?? this.#workingCopy(mode !== 'w'), mode);
  }

  // Before anything is written: the transaction knows, and nobody has what will be written over.
  #change(): void {
    for (const file of this.#open) {
      if (isWriting(file)) this.#fail('is open for writing already: close that first');
      if (file.path === this.#uncommitted) this.#fail('is open for reading: close that first');
    }
    this._p_changed = true;
  }

  /** The file with the data as the transaction sees them; `undefined` if nothing was ever written. */
  #file(): string | undefined {
    if (this.#uncommitted !== undefined) return this.#uncommitted;
    this._p_activate();
    if (!this.#stored) return undefined;
    const { oid, serial } = stateOf(this);
    return this.#jar?.loadBlob(oid as Oid, serial);
  }

  #workingCopy(withData: boolean): string {
    const before = withData ? this.#file() : undefined;
    const file = this.#makeUncommitted();
    if (before === undefined) return file;
    copyFileSync(before, file);
    // The copy has the permissions of what nobody may change.
    chmodSync(file, 0o600);
    return file;
  }

  #makeUncommitted(): string {
    const file = temporaryFile(this.#temporaryFolder(), 'BUC');
    this.#uncommitted = file;
    ownFile(this, file);
    return file;
  }

  #dropUncommitted(): void {
    if (this.#uncommitted !== undefined) dropFile(this, this.#uncommitted);
    this.#uncommitted = undefined;
  }

  // What is moved into the storage later had best be on its file system.
  #temporaryFolder(): string {
    return this.#jar?.storage.blobTemporaryFolder?.() ?? tmpdir();
  }

  get #jar(): BlobJar | undefined {
    return stateOf(this).jar as BlobJar | undefined;
  }

  #opened(path: string, mode: BlobMode): BlobFile {
    const file = new BlobFile(path, mode, (closed) => this.#open.delete(closed));
    this.#open.add(file);
    return file;
  }

  #fail(message: string): never {
    const { oid } = stateOf(this);
    throw new BlobError(`the blob ${message}`, { file: this.#jar?.storage.name, oid });
  }
}

function isIterable(data: unknown): data is Chunks {
  return (
    typeof data === 'object' &&
    data !== null &&
    (Symbol.asyncIterator in data || Symbol.iterator in data)
  );
}

function isWriting(file: BlobFile): boolean {
  return file.mode !== 'r' && file.mode !== 'c';
}

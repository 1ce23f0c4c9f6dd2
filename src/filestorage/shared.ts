// The same data in another thread: the description that `share()` gives holds the index in shared memory and two shared
// numbers, which file is read and up to where. The other thread has its own file handle and reads; it needs no message
// when the storage commits.

import { CorruptedDataError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { Revision, SharedStorage } from '../zodb/storage.ts';
import { type IndexBuffers, IndexMap } from './index-map.ts';
import { type Location, RecordReader } from './reader.ts';
import { scan } from './scan.ts';
import { Source, Window } from './source.ts';

export interface SharedFileStorage extends SharedStorage {
  readonly kind: 'filestorage';
  readonly path: string;
  readonly index: IndexBuffers;
  readonly state: SharedArrayBuffer;
}

const INODE = 0;
const END = 1;

/** What a storage tells other threads while it goes on. */
export class SharedState {
  readonly #numbers = new BigUint64Array(new SharedArrayBuffer(16));

  publish(inode: bigint, end: number): void {
    Atomics.store(this.#numbers, INODE, inode);
    Atomics.store(this.#numbers, END, BigInt(end));
  }

  describe(path: string, index: IndexMap): SharedFileStorage {
    const state = this.#numbers.buffer as SharedArrayBuffer;
    return { kind: 'filestorage', module: import.meta.url, path, index: index.buffers, state };
  }
}

/** Reads what a FileStorage of another thread shares. Loads only. */
export class SharedReader {
  readonly #source: Source;
  readonly #reader: RecordReader;
  readonly #index: IndexMap;
  readonly #state: BigUint64Array;
  // What was committed since the index in shared memory was given up for a larger one.
  #since: IndexMap | undefined;

  constructor(shared: SharedFileStorage) {
    this.#source = new Source(shared.path);
    this.#state = new BigUint64Array(shared.state);
    this.#index = IndexMap.over(shared.index);
    this.#reader = new RecordReader(this.#source, (oid) => this.#newest(oid));
    if (this.#source.inode !== Atomics.load(this.#state, INODE)) {
      this.#source.close();
      throw new CorruptedDataError('the file was replaced while it was being opened', {
        file: shared.path,
      });
    }
  }

  /** As `Storage.load`. */
  load(oid: Oid, before?: Tid): Revision | undefined {
    return this.#reader.load(oid, before);
  }

  /** Where the data of a revision stand, for `readAt`; otherwise as `load`. */
  locate(oid: Oid, before?: Tid): Location | undefined {
    return this.#reader.locate(oid, before);
  }

  /** Fills `target` with the file's bytes from `position` on. */
  readAt(position: number, target: Uint8Array): void {
    this.#source.readInto(position, target);
  }

  close(): void {
    this.#source.close();
  }

  #newest(oid: Oid): number {
    const position = this.#index.consistent(oid);
    if (!this.#index.retired) return position;
    this.#catchUp();
    return this.#since?.get(oid) || position;
  }

  #catchUp(): void {
    const end = Number(Atomics.load(this.#state, END));
    if (this.#since === undefined) {
      this.#since = new IndexMap();
      this.#since.end = this.#index.end;
    }
    if (this.#since.end >= end) return;
    this.#source.refresh();
    scan(new Window(this.#source), this.#since.end, 0n as Tid, this.#since);
  }
}

/** Opens, in another thread, what `FileStorage.share` describes there. @throws StorageError */
export function openShared(shared: SharedFileStorage): SharedReader {
  return new SharedReader(shared);
}

// The same data in another thread: the description that `share()` gives holds the index in shared memory and two shared
// numbers, which file is read and up to where. The other thread has its own file handle and reads; it needs no message
// when the storage commits.

import { type Oid, type Tid, ZERO_TID } from '../zodb/ids.ts';
import type { Revision, SharedReader, SharedStorage } from '../zodb/storage.ts';
import { type IndexBuffers, IndexMap } from './index-map.ts';
import { readContents } from './open.ts';
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

/** Reads what a FileStorage of another thread shares. */
class SharedFileReader implements SharedReader {
  readonly #path: string;
  readonly #state: BigUint64Array;
  #source: Source;
  #reader: RecordReader;
  // The index in shared memory; once that was given up, this thread's own.
  #index: IndexMap;
  // What was committed since the index in shared memory was given up for a larger one.
  #since: IndexMap | undefined;

  constructor({ path, index, state }: SharedFileStorage) {
    this.#path = path;
    this.#state = new BigUint64Array(state);
    this.#index = IndexMap.over(index);
    this.#source = new Source(path);
    this.#reader = this.#makeReader();
  }

  load(oid: Oid, before?: Tid): Revision | undefined {
    this.#follow();
    return this.#reader.load(oid, before);
  }

  locate(oid: Oid, before?: Tid): Location | undefined {
    this.#follow();
    return this.#reader.locate(oid, before);
  }

  readAt(position: number, target: Uint8Array): void {
    this.#source.readInto(position, target);
  }

  close(): void {
    this.#source.close();
  }

  #makeReader(): RecordReader {
    return new RecordReader(this.#source, (oid) => this.#newest(oid));
  }

  // A pack puts another file in the place of the one that is read here: then the index in shared memory is of no use.
  #follow(): void {
    if (this.#source.inode === Atomics.load(this.#state, INODE)) return;
    this.#source.close();
    this.#source = new Source(this.#path);
    this.#index = readContents(this.#source).index;
    this.#since = this.#index;
    this.#reader = this.#makeReader();
  }

  #newest(oid: Oid): number {
    const position = this.#index.consistent(oid);
    if (!this.#index.retired && this.#since === undefined) return position;
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
    scan(new Window(this.#source), this.#since.end, ZERO_TID, this.#since);
  }
}

/** Opens, in another thread, what `FileStorage.share` describes there. @throws StorageError */
export function openShared(shared: SharedFileStorage): Required<SharedReader> {
  return new SharedFileReader(shared);
}

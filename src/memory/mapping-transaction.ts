// A transaction of a storage in memory: its records wait beside what is there until it is finished.

import { joined } from '../pickle/output.ts';
import type { BlobChanges } from '../zodb/blob-changes.ts';
import {
  ConflictError,
  ReadConflictError,
  StorageError,
  StorageTransactionError,
} from '../zodb/errors.ts';
import { formatId, type Oid, type Tid } from '../zodb/ids.ts';
import type { ConflictResolver, RecordData, StorageTransaction } from '../zodb/storage.ts';

export interface StoredRevision {
  readonly tid: Tid;
  readonly data: Uint8Array;
}

/** What a transaction needs of its storage. */
export interface MappingHost {
  readonly name: string;
  readonly resolveConflict: ConflictResolver | undefined;
  newest(oid: Oid): StoredRevision | undefined;
  loadSerial(oid: Oid, tid: Tid): Uint8Array;
  getTid(oid: Oid): Tid;
  blobs(tid: Tid): BlobChanges;
  /** The transaction is over; these records are to be stored. */
  end(records: ReadonlyMap<Oid, Uint8Array> | undefined, onCommit?: (tid: Tid) => void): void;
}

export class MappingTransaction implements StorageTransaction {
  readonly tid: Tid;
  readonly #host: MappingHost;
  readonly #records = new Map<Oid, Uint8Array>();
  readonly #resolved: Oid[] = [];
  #blobs: BlobChanges | undefined;
  #state: 'storing' | 'voted' | 'over' = 'storing';

  constructor(host: MappingHost, tid: Tid) {
    this.tid = tid;
    this.#host = host;
  }

  store(oid: Oid, serial: Tid, given: RecordData): void {
    this.#expect('storing', 'store');
    const data = joined(given instanceof Uint8Array ? [given] : given);
    const file = this.#host.name;
    if (data.length === 0)
      throw new StorageError('a record of no bytes cannot be stored', { file, oid });
    const committed = this.#host.newest(oid);
    if (committed === undefined || committed.tid === serial) {
      this.#put(oid, data);
      return;
    }
    const merged = this.#host.resolveConflict?.({
      oid,
      serial,
      data,
      committed: committed.tid,
      committedData: committed.data.slice(),
      original: () => this.#host.loadSerial(oid, serial),
    });
    if (merged === undefined)
      throw new ConflictError(
        `the object was changed from ${formatId(serial)}, but ${formatId(committed.tid)} is committed`,
        { file, oid, serials: [committed.tid, serial] },
      );
    this.#put(oid, merged);
    this.#resolved.push(oid);
  }

  storeBlob(oid: Oid, serial: Tid, data: RecordData, file: string): void {
    this.store(oid, serial, data);
    this.#blobs ??= this.#host.blobs(this.tid);
    this.#blobs.add(oid, file);
  }

  checkCurrent(oid: Oid, serial: Tid): void {
    this.#expect('storing', 'checkCurrent');
    const committed = this.#host.getTid(oid);
    if (committed !== serial)
      throw new ReadConflictError(
        `the object was read at ${formatId(serial)}, but ${formatId(committed)} is committed`,
        { file: this.#host.name, oid, serials: [committed, serial] },
      );
  }

  vote(): readonly Oid[] {
    this.#expect('storing', 'vote');
    try {
      this.#blobs?.install(false);
    } catch (cause) {
      throw new StorageError(
        `the blobs could not be stored: ${(cause as Error).message}`,
        { file: this.#host.name, tid: this.tid, cause },
        'WRITE',
      );
    }
    this.#state = 'voted';
    return this.#resolved;
  }

  finish(onCommit?: (tid: Tid) => void): Tid {
    this.#expect('voted', 'finish');
    this.#state = 'over';
    this.#host.end(this.#records, onCommit);
    return this.tid;
  }

  abort(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#blobs?.remove();
    this.#host.end(undefined);
  }

  #put(oid: Oid, data: Uint8Array): void {
    this.#records.set(oid, data);
    this.#blobs?.forget(oid);
  }

  #expect(state: 'storing' | 'voted', call: string): void {
    if (this.#state !== state)
      throw new StorageTransactionError(`${call} of a transaction that is ${this.#state}`, {
        file: this.#host.name,
        tid: this.tid,
      });
  }
}

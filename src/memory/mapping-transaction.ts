// A transaction of a storage in memory: its records wait beside what is there until it is finished.

import { joined } from '../pickle/output.ts';
import type { BlobChanges } from '../zodb/blob-changes.ts';
import { type Merge, mergeOf } from '../zodb/conflict.ts';
import {
  ConflictError,
  POSKeyError,
  ReadConflictError,
  StorageError,
  StorageTransactionError,
} from '../zodb/errors.ts';
import { formatId, type Oid, type Tid } from '../zodb/ids.ts';
import type { ConflictResolver, RecordData, StorageTransaction } from '../zodb/storage.ts';
import type { StoredRecord, StoredRevision } from './mapping-data.ts';

/** What a transaction needs of its storage. */
export interface MappingHost {
  readonly name: string;
  readonly resolveConflict: ConflictResolver | undefined;
  newest(oid: Oid): StoredRevision | undefined;
  loadSerial(oid: Oid, tid: Tid): Uint8Array;
  getTid(oid: Oid): Tid;
  blobs(tid: Tid): BlobChanges;
  /** The transaction is over; these records are to be stored. */
  end(records: ReadonlyMap<Oid, StoredRecord> | undefined, onCommit?: (tid: Tid) => void): void;
}

export class MappingTransaction implements StorageTransaction {
  readonly tid: Tid;
  readonly #host: MappingHost;
  readonly #records = new Map<Oid, StoredRecord>();
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
    // An object that ceased to exist has no committed state to merge with.
    const { merged, cause }: Merge =
      committed.data === undefined
        ? { merged: undefined }
        : mergeOf(this.#host.resolveConflict, {
            oid,
            serial,
            data,
            committed: committed.tid,
            committedData: committed.data.slice(),
            original: () => this.#host.loadSerial(oid, serial),
          });
    if (merged === undefined) throw this.#conflict(oid, serial, committed.tid, cause);
    this.#put(oid, merged);
    this.#resolved.push(oid);
  }

  restore(oid: Oid, given: RecordData | undefined, dataTid?: Tid): void {
    this.#expect('storing', 'restore');
    const data = given && joined(given instanceof Uint8Array ? [given] : given);
    if (data?.length === 0)
      throw new StorageError('a record of no bytes cannot be stored', {
        file: this.#host.name,
        oid,
      });
    this.#put(oid, data, dataTid);
  }

  deleteObject(oid: Oid, serial: Tid): void {
    this.#expect('storing', 'deleteObject');
    const committed = this.#host.newest(oid);
    if (committed === undefined) throw new POSKeyError(oid, { file: this.#host.name });
    if (committed.tid !== serial) throw this.#conflict(oid, serial, committed.tid);
    this.#put(oid, undefined);
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

  #conflict(oid: Oid, serial: Tid, committed: Tid, cause?: unknown): ConflictError {
    return new ConflictError(
      `the object was changed from ${formatId(serial)}, but ${formatId(committed)} is committed`,
      { file: this.#host.name, oid, serials: [committed, serial], cause },
    );
  }

  #put(oid: Oid, data: Uint8Array | undefined, dataTid?: Tid): void {
    this.#records.set(oid, { data, dataTid });
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

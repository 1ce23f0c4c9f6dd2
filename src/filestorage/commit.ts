// The two-phase commit. What is on disk, in this order: (1) at vote the whole transaction behind the last one, with the
// status of an unfinished one, so that the file still ends before it; (2) at finish the one byte that makes it complete;
// (3) one fsync for both. Until (2) anything that fails leaves the file as it was.

import { isZodbError } from '../errors.ts';
import { joined } from '../pickle/output.ts';
import { BlobChanges } from '../zodb/blob-changes.ts';
import { type Merge, mergeOf } from '../zodb/conflict.ts';
import {
  CommitOutcomeUnknownError,
  ConflictError,
  FileStorageQuotaError,
  MultipleUndoErrors,
  POSKeyError,
  ReadConflictError,
  StorageError,
  StorageTransactionError,
} from '../zodb/errors.ts';
import { formatId, type Oid, type Tid } from '../zodb/ids.ts';
import type { RecordData, StorageTransaction } from '../zodb/storage.ts';
import { repeatBlob } from './blob-undo.ts';
import type { CommitHost, OnCommit } from './commit-host.ts';
import { STATUS } from './format.ts';
import { recordHolding } from './restore-record.ts';
import type { Texts } from './texts.ts';
import { TransactionWriter } from './transaction-writer.ts';
import { undoTransaction } from './undo.ts';

export type CommitStatus = ' ' | 'p';

export class FileTransaction implements StorageTransaction {
  readonly tid: Tid;
  readonly #host: CommitHost;
  readonly #writer: TransactionWriter;
  readonly #positions = new Map<Oid, number>();
  readonly #resolved: Oid[] = [];
  readonly #status: CommitStatus;
  readonly #blobs: BlobChanges | undefined;
  #state: 'storing' | 'failed' | 'voted' | 'over' = 'storing';

  constructor(host: CommitHost, texts: Texts, tid: Tid, status: CommitStatus = ' ') {
    this.tid = tid;
    this.#status = status;
    this.#host = host;
    this.#blobs = host.blobs && new BlobChanges(host.blobs, tid);
    this.#writer = new TransactionWriter(host, texts, tid);
  }

  store(oid: Oid, serial: Tid, data: RecordData): void {
    this.#expect('storing', 'store');
    const given = data instanceof Uint8Array ? [data] : data;
    const committed = this.#host.reader.serial(oid);
    const pieces =
      committed === undefined || committed === serial
        ? given
        : [this.#resolve(oid, serial, committed, joined(given))];
    this.#checkQuota(oid);
    this.#positions.set(oid, this.#write(oid, pieces));
  }

  restore(oid: Oid, data: RecordData | undefined, dataTid?: Tid): void {
    this.#expect('storing', 'restore');
    const whole =
      data === undefined ? undefined : joined(data instanceof Uint8Array ? [data] : data);
    const back = dataTid === undefined ? 0 : recordHolding(this.#host, oid, whole, dataTid);
    const content = whole === undefined || back !== 0 ? back : [whole];
    this.#positions.set(oid, this.#write(oid, content));
  }

  storeBlob(oid: Oid, serial: Tid, data: RecordData, file: string): void {
    const blobs = this.#blobsToStore(oid);
    this.store(oid, serial, data);
    blobs.add(oid, file);
  }

  restoreBlob(oid: Oid, data: RecordData, file: string, dataTid?: Tid): void {
    const blobs = this.#blobsToStore(oid);
    this.restore(oid, data, dataTid);
    blobs.add(oid, file);
  }

  deleteObject(oid: Oid, serial: Tid): void {
    this.#expect('storing', 'deleteObject');
    const { reader, file } = this.#host;
    const committed = reader.serial(oid);
    if (committed === undefined) throw new POSKeyError(oid, { file });
    if (committed !== serial) throw this.#conflict(oid, serial, committed);
    this.#checkQuota(oid);
    this.#positions.set(oid, this.#write(oid, 0));
  }

  undo(tid: Tid): readonly Oid[] {
    this.#expect('storing', 'undo');
    const done = undoTransaction(this.#host, this.#writer, this.#positions, tid, (oid, undone) => {
      this.#write(oid, undone.data === undefined ? undone.back : [undone.data]);
      const blobs = this.#blobs;
      if (blobs !== undefined)
        this.#try('stored', () => repeatBlob(blobs, oid, undone.back, this.#host.reader));
    });
    if (done instanceof MultipleUndoErrors) {
      // What was written of the undo before must not be committed.
      this.#state = 'failed';
      throw done;
    }
    for (const [oid, position] of done) this.#positions.set(oid, position);
    return [...done.keys()];
  }

  checkCurrent(oid: Oid, serial: Tid): void {
    this.#expect('storing', 'checkCurrent');
    const committed = this.#host.reader.getTid(oid);
    if (committed !== serial)
      throw new ReadConflictError(
        `the object was read at ${formatId(serial)}, but ${formatId(committed)} is committed`,
        { file: this.#host.file, oid, serials: [committed, serial] },
      );
  }

  vote(): readonly Oid[] {
    this.#expect('storing', 'vote');
    this.#try('written', () => {
      this.#blobs?.install(this.#host.fsync);
      this.#writer.write();
    });
    this.#state = 'voted';
    return this.#resolved;
  }

  finish(onCommit?: OnCommit): Tid {
    this.#expect('voted', 'finish');
    const host = this.#host;
    try {
      this.#writer.complete(this.#status === 'p' ? STATUS.packed : STATUS.complete);
    } catch (cause) {
      this.#state = 'over';
      host.refuseWrites();
      host.release();
      throw new CommitOutcomeUnknownError(
        `whether the transaction is on disk cannot be known: ${(cause as Error).message}; reopen the file to see`,
        { file: host.file, position: host.end, tid: this.tid, cause },
      );
    }
    this.#state = 'over';
    try {
      host.publish(this.tid, this.#writer.end, this.#positions, onCommit);
    } finally {
      host.release();
    }
    return this.tid;
  }

  abort(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    if (this.#writer.begun) this.#cutTail();
    this.#host.release();
    this.#blobs?.remove();
  }

  // Writes a record: its data, or the position of the record that has them. Returns where it stands.
  #write(oid: Oid, content: readonly Uint8Array[] | number): number {
    const { position } = this.#writer;
    if (typeof content !== 'number' && content.every((piece) => piece.length === 0))
      throw new StorageError('a record of no bytes cannot be stored', {
        file: this.#host.file,
        oid,
      });
    this.#try('stored', () => {
      if (typeof content === 'number') this.#writer.appendBackPointer(oid, content);
      else this.#writer.appendData(oid, content);
    });
    this.#blobs?.forget(oid);
    return position;
  }

  #blobsToStore(oid: Oid): BlobChanges {
    if (this.#blobs !== undefined) return this.#blobs;
    throw new StorageError('a blob cannot be stored: the storage was opened without blobDir', {
      file: this.#host.file,
      oid,
    });
  }

  #checkQuota(oid: Oid): void {
    const { quota, file } = this.#host;
    if (quota !== undefined && this.#writer.position > quota)
      throw new FileStorageQuotaError(`the file may not grow beyond its quota of ${quota} bytes`, {
        file,
        oid,
        tid: this.tid,
      });
  }

  #conflict(oid: Oid, serial: Tid, committed: Tid, cause?: unknown): ConflictError {
    return new ConflictError(
      `the object was changed from ${formatId(serial)}, but ${formatId(committed)} is committed`,
      { file: this.#host.file, oid, serials: [committed, serial], cause },
    );
  }

  #resolve(oid: Oid, serial: Tid, committed: Tid, data: Uint8Array): Uint8Array {
    const { reader, resolveConflict } = this.#host;
    // An object that ceased to exist has no committed state to merge with.
    const committedData = resolveConflict && reader.dataOrUndefined(oid, committed);
    const { merged, cause }: Merge =
      committedData === undefined
        ? { merged: undefined }
        : mergeOf(resolveConflict, {
            oid,
            committed,
            serial,
            data,
            committedData,
            original: () => reader.loadSerial(oid, serial),
          });
    if (merged === undefined) throw this.#conflict(oid, serial, committed, cause);
    this.#resolved.push(oid);
    return merged;
  }

  // Runs a step that may fail on the disk. Nothing of it is part of the database yet.
  #try(what: string, step: () => void): void {
    try {
      step();
    } catch (cause) {
      this.#state = 'failed';
      this.#cutTail();
      if (isZodbError(cause)) throw cause;
      throw new StorageError(
        `the transaction could not be ${what}: ${(cause as Error).message}`,
        { file: this.#host.file, position: this.#host.end, tid: this.tid, cause },
        'WRITE',
      );
    }
  }

  #cutTail(): void {
    try {
      this.#host.cutTail();
    } catch {
      // The unfinished transaction stays behind the end; the next vote cuts it off, or the next opening.
    }
  }

  #expect(state: 'storing' | 'voted', call: string): void {
    if (this.#state !== state)
      throw new StorageTransactionError(`${call} of a transaction that is ${this.#state}`, {
        file: this.#host.file,
        tid: this.tid,
      });
  }
}

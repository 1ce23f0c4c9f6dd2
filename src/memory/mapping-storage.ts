// A storage in memory, with all revisions kept: for tests, and for data that need not outlive the process.

import {
  ArgumentError,
  ClosedError,
  POSKeyError,
  StorageTransactionError,
} from '../zodb/errors.ts';
import { formatId, type Oid, type Tid, ZERO_TID } from '../zodb/ids.ts';
import type {
  Capabilities,
  ConflictResolver,
  Revision,
  Storage,
  StorageTransaction,
  TidRange,
  TransactionMetadata,
  TransactionRecord,
} from '../zodb/storage.ts';
import { nextTid } from '../zodb/time.ts';
import { MappingTransaction, type StoredRevision } from './mapping-transaction.ts';
import { TemporaryBlobs } from './temporary-blobs.ts';

interface Texts {
  readonly user: Uint8Array;
  readonly description: Uint8Array;
  readonly extension: Uint8Array;
}

interface StoredTransaction extends Texts {
  readonly tid: Tid;
  readonly records: ReadonlyMap<Oid, Uint8Array>;
}

type Listener = (tid: Tid, oids: readonly Oid[]) => void;

/** A storage in memory; what is in it ends with `close`. */
export class MappingStorage implements Storage {
  readonly name: string;
  readonly url: string | undefined = undefined;
  readonly readOnly = false;
  readonly can: Capabilities = {
    write: true,
    undo: false,
    history: false,
    iterate: true,
    pack: false,
    blobs: true,
    share: false,
  };
  readonly dialect = 'python3';
  resolveConflict: ConflictResolver | undefined;
  readonly #revisions = new Map<Oid, StoredRevision[]>();
  readonly #transactions: StoredTransaction[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #blobs = new TemporaryBlobs();
  #highestOid = 0n;
  #bytes = 0;
  #transaction: MappingTransaction | undefined;
  #closed = false;

  /** `name` is what messages call it. */
  constructor(name = 'memory') {
    this.name = name;
  }

  load(oid: Oid, before?: Tid): Revision | undefined {
    const revisions = this.#of(oid);
    let next: Tid | undefined;
    for (let i = revisions.length - 1; i >= 0; i--) {
      const { tid, data } = revisions[i] as StoredRevision;
      if (before === undefined || tid < before) return { data: data.slice(), tid, next };
      next = tid;
    }
    return undefined;
  }

  loadSerial(oid: Oid, tid: Tid): Uint8Array {
    const found = this.#of(oid).find((revision) => revision.tid === tid);
    if (found === undefined)
      throw new POSKeyError(oid, { file: this.name, tid, reason: 'no such revision' });
    return found.data.slice();
  }

  getTid(oid: Oid): Tid {
    return (this.#of(oid).at(-1) as StoredRevision).tid;
  }

  lastTransaction(): Tid {
    this.#check();
    return this.#transactions.at(-1)?.tid ?? ZERO_TID;
  }

  newOid(): Oid {
    this.#check();
    this.#highestOid++;
    return this.#highestOid as Oid;
  }

  size(): number {
    this.#check();
    return this.#bytes;
  }

  length(): number {
    this.#check();
    return this.#revisions.size;
  }

  begin(metadata: TransactionMetadata, tid?: Tid): StorageTransaction {
    this.#check();
    const last = this.lastTransaction();
    if (this.#transaction !== undefined)
      throw new StorageTransactionError('another transaction is in progress', {
        file: this.name,
        tid: this.#transaction.tid,
      });
    if (tid !== undefined && tid <= last)
      throw new ArgumentError(
        `tid ${formatId(tid)} is not later than the last transaction, ${formatId(last)}`,
      );
    const texts = textsOf(metadata);
    const storage = this;
    const transaction = new MappingTransaction(
      {
        name: this.name,
        get resolveConflict() {
          return storage.resolveConflict;
        },
        newest: (oid) => this.#revisions.get(oid)?.at(-1),
        loadSerial: (oid, serial) => this.loadSerial(oid, serial),
        getTid: (oid) => this.getTid(oid),
        blobs: (begun) => this.#blobs.changes(begun),
        end: (records, onCommit) => {
          this.#transaction = undefined;
          if (records !== undefined) this.#commit(texts, transaction.tid, records, onCommit);
        },
      },
      tid ?? nextTid(last),
    );
    this.#transaction = transaction;
    return transaction;
  }

  *iterate(range: TidRange = {}): Generator<TransactionRecord> {
    this.#check();
    for (const transaction of this.#transactions) {
      const { tid, records, ...texts } = transaction;
      if (range.start !== undefined && tid < range.start) continue;
      if (range.stop !== undefined && tid > range.stop) return;
      yield {
        ...texts,
        tid,
        status: ' ',
        position: undefined,
        *records() {
          for (const [oid, data] of records)
            yield { oid, tid, data: data.slice(), dataTid: undefined, position: undefined };
        },
      };
    }
  }

  loadBlob(oid: Oid, tid: Tid): string {
    this.#check();
    return this.#blobs.load(oid, tid, this.name);
  }

  /** A temporary folder of this storage, made now. */
  blobTemporaryFolder(): string {
    this.#check();
    return this.#blobs.folder().temporary;
  }

  onInvalidate(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets everything. */
  close(): void {
    this.#transaction?.abort();
    this.#blobs.close();
    this.#closed = true;
    this.#revisions.clear();
    this.#transactions.length = 0;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #commit(
    texts: Texts,
    tid: Tid,
    records: ReadonlyMap<Oid, Uint8Array>,
    onCommit: ((tid: Tid) => void) | undefined,
  ): void {
    const oids = [...records.keys()];
    const errors: unknown[] = [];
    const calls = [...this.#listeners].map((listener) => () => listener(tid, oids));
    if (onCommit !== undefined) calls.push(() => onCommit(tid));
    for (const call of calls) {
      try {
        call();
      } catch (error) {
        errors.push(error);
      }
    }
    for (const [oid, data] of records) {
      const revisions = this.#revisions.get(oid);
      if (revisions === undefined) this.#revisions.set(oid, [{ tid, data }]);
      else revisions.push({ tid, data });
      if (oid > this.#highestOid) this.#highestOid = oid;
      this.#bytes += data.length;
    }
    this.#transactions.push({ ...texts, tid, records });
    // The transaction is committed whatever listeners do.
    if (errors.length > 0) throw errors[0];
  }

  #of(oid: Oid): StoredRevision[] {
    this.#check();
    const revisions = this.#revisions.get(oid);
    if (revisions === undefined) throw new POSKeyError(oid, { file: this.name });
    return revisions;
  }

  #check(): void {
    if (this.#closed) throw new ClosedError(`${this.name} is closed`);
  }
}

function textsOf(metadata: TransactionMetadata): Texts {
  const bytes = (name: keyof TransactionMetadata): Uint8Array => {
    const text = metadata[name] ?? '';
    if (typeof text === 'string') return new TextEncoder().encode(text);
    if (text instanceof Uint8Array) return text.slice();
    throw new ArgumentError(`the ${name} of a transaction is text or bytes, got ${typeof text}`);
  };
  return {
    user: bytes('user'),
    description: bytes('description'),
    extension: bytes('extension'),
  };
}

// A storage in memory, with all revisions kept: for tests, and for data that need not outlive the process.

import { ArgumentError, ClosedError, StorageTransactionError } from '../zodb/errors.ts';
import { formatId, type Oid, ROOT_OID, type Tid, ZERO_TID } from '../zodb/ids.ts';
import type {
  Capabilities,
  ConflictResolver,
  HistoryEntry,
  Invalidation,
  NextRecord,
  PackOptions,
  PackReport,
  Revision,
  Storage,
  StorageTransaction,
  TidRange,
  TransactionMetadata,
  TransactionRecord,
} from '../zodb/storage.ts';
import { nextTid } from '../zodb/time.ts';
import { MappingData, type StoredRecord, type Texts } from './mapping-data.ts';
import { MappingTransaction } from './mapping-transaction.ts';
import { TemporaryBlobs } from './temporary-blobs.ts';

type Listener = (tid: Tid, oids: readonly Oid[]) => void;

/** A storage in memory; what is in it ends with `close`. */
export class MappingStorage implements Storage {
  readonly name: string;
  readonly url: string | undefined = undefined;
  readonly readOnly = false;
  readonly can: Capabilities = {
    write: true,
    undo: false,
    history: true,
    iterate: true,
    pack: true,
    blobs: true,
    share: false,
  };
  readonly dialect = 'python3';
  resolveConflict: ConflictResolver | undefined;
  readonly #data: MappingData;
  readonly #listeners = new Set<Listener>();
  readonly #blobs = new TemporaryBlobs();
  #highestOid = 0n;
  #bytes = 0;
  #lastTid: Tid = ZERO_TID;
  #transaction: MappingTransaction | undefined;
  #closed = false;

  /** `name` is what messages call it. */
  constructor(name = 'memory') {
    this.name = name;
    this.#data = new MappingData(name);
  }

  load(oid: Oid, before?: Tid): Revision | undefined {
    this.#check();
    return this.#data.load(oid, before);
  }

  loadSerial(oid: Oid, tid: Tid): Uint8Array {
    this.#check();
    return this.#data.loadSerial(oid, tid);
  }

  getTid(oid: Oid): Tid {
    this.#check();
    return this.#data.getTid(oid);
  }

  lastTransaction(): Tid {
    this.#check();
    return this.#lastTid;
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
    return this.#data.count;
  }

  begin(metadata: TransactionMetadata, tid?: Tid, status: ' ' | 'p' = ' '): StorageTransaction {
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
        newest: (oid) => this.#data.newest(oid),
        loadSerial: (oid, serial) => this.loadSerial(oid, serial),
        getTid: (oid) => this.getTid(oid),
        blobs: (begun) => this.#blobs.changes(begun),
        end: (records, onCommit) => {
          this.#transaction = undefined;
          if (records !== undefined)
            this.#commit(texts, transaction.tid, status, records, onCommit);
        },
      },
      tid ?? nextTid(last),
    );
    this.#transaction = transaction;
    return transaction;
  }

  *iterate(range: TidRange = {}): Generator<TransactionRecord> {
    this.#check();
    yield* this.#data.iterate(range.start, range.stop);
  }

  history(oid: Oid, limit = 1): HistoryEntry[] {
    this.#check();
    return this.#data.history(oid, limit);
  }

  recordNext(oid: Oid = ROOT_OID): NextRecord | undefined {
    this.#check();
    return this.#data.recordNext(oid);
  }

  lastInvalidations(count: number): Invalidation[] {
    this.#check();
    const { transactions } = this.#data;
    return transactions
      .slice(Math.max(0, transactions.length - count))
      .map(({ tid, records }) => ({ tid, oids: [...records.keys()] }));
  }

  /** @throws StorageTransactionError while a transaction is in progress, POSKeyError where `strict` finds something */
  pack(options: PackOptions = {}): PackReport {
    this.#check();
    if (this.#transaction !== undefined)
      throw new StorageTransactionError('a transaction is in progress', {
        file: this.name,
        tid: this.#transaction.tid,
      });
    const before = options.before ?? nextTid(this.#lastTid);
    const { report, blobs } = this.#data.pack(before, options);
    for (const [oid, tid] of blobs) this.#blobs.remove(oid, tid);
    if (report.packed) this.#bytes = report.sizeAfter;
    return report;
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
    this.#data.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #commit(
    texts: Texts,
    tid: Tid,
    status: string,
    records: ReadonlyMap<Oid, StoredRecord>,
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
    this.#bytes += this.#data.add(texts, tid, status, records);
    this.#lastTid = tid;
    for (const oid of oids) if (oid > this.#highestOid) this.#highestOid = oid;
    // The transaction is committed whatever listeners do.
    if (errors.length > 0) throw errors[0];
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

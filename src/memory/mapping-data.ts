// What a storage in memory holds: the revisions of each object, and the transactions that wrote them.

import { scanReferences } from '../pickle/index.ts';
import { isBlobRecord } from '../zodb/blob-record.ts';
import { POSKeyError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import type {
  HistoryEntry,
  NextRecord,
  PackOptions,
  PackReport,
  Revision,
  TransactionRecord,
} from '../zodb/storage.ts';

export interface Texts {
  readonly user: Uint8Array;
  readonly description: Uint8Array;
  readonly extension: Uint8Array;
}

/** What a transaction made of an object. */
export interface StoredRecord {
  /** `undefined` where the object ceased to exist. */
  readonly data: Uint8Array | undefined;
  /** The transaction whose data it repeats, where another storage said so. */
  readonly dataTid: Tid | undefined;
}

export interface StoredRevision extends StoredRecord {
  readonly tid: Tid;
}

interface StoredTransaction extends Texts {
  readonly tid: Tid;
  readonly status: string;
  readonly records: ReadonlyMap<Oid, StoredRecord>;
}

/** What a pack did, or would do. */
export interface Packed {
  readonly report: PackReport;
  /** The revisions that were left out and are of blobs. */
  readonly blobs: readonly (readonly [oid: Oid, tid: Tid])[];
}

const DANGLING_KEPT = 100;

export class MappingData {
  readonly #name: string;
  #revisions = new Map<Oid, StoredRevision[]>();
  #transactions: StoredTransaction[] = [];
  // All oids in order, once asked for, as long as there are no others.
  #ordered: Oid[] | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  get transactions(): readonly StoredTransaction[] {
    return this.#transactions;
  }

  /** Number of objects. */
  get count(): number {
    return this.#revisions.size;
  }

  newest(oid: Oid): StoredRevision | undefined {
    return this.#revisions.get(oid)?.at(-1);
  }

  load(oid: Oid, before: Tid | undefined): Revision | undefined {
    const revisions = this.#of(oid);
    let next: Tid | undefined;
    for (let i = revisions.length - 1; i >= 0; i--) {
      const revision = revisions[i] as StoredRevision;
      const { tid } = revision;
      if (before === undefined || tid < before)
        return { data: this.#data(oid, revision), tid, next };
      next = tid;
    }
    return undefined;
  }

  loadSerial(oid: Oid, tid: Tid): Uint8Array {
    const found = this.#of(oid).find((revision) => revision.tid === tid);
    if (found === undefined)
      throw new POSKeyError(oid, { file: this.#name, tid, reason: 'no such revision' });
    return this.#data(oid, found);
  }

  getTid(oid: Oid): Tid {
    const newest = this.#of(oid).at(-1) as StoredRevision;
    this.#data(oid, newest);
    return newest.tid;
  }

  /** The newest `limit` revisions, newest first. */
  history(oid: Oid, limit: number): HistoryEntry[] {
    const entries: HistoryEntry[] = [];
    const revisions = this.#of(oid);
    for (let i = revisions.length - 1; i >= 0 && entries.length < limit; i--) {
      const { tid, data } = revisions[i] as StoredRevision;
      const { user, description, extension } = this.#transaction(tid);
      entries.push({ tid, user, description, extension, size: data?.length ?? 0 });
    }
    return entries;
  }

  /** The object with the smallest oid from `from` on that exists, with the oid of the one after it. */
  recordNext(from: Oid): NextRecord | undefined {
    this.#ordered ??= [...this.#revisions.keys()].sort((a, b) => (a < b ? -1 : 1));
    const ordered = this.#ordered;
    for (let i = firstFrom(ordered, from); i < ordered.length; i++) {
      const oid = ordered[i] as Oid;
      const { data, tid } = this.newest(oid) as StoredRevision;
      if (data !== undefined) return { oid, tid, data: data.slice(), next: ordered[i + 1] };
    }
    return undefined;
  }

  *iterate(start: Tid | undefined, stop: Tid | undefined): Generator<TransactionRecord> {
    for (const { tid, records, ...rest } of this.#transactions) {
      if (start !== undefined && tid < start) continue;
      if (stop !== undefined && tid > stop) return;
      yield {
        ...rest,
        tid,
        position: undefined,
        *records() {
          for (const [oid, { data, dataTid }] of records)
            yield { oid, tid, data: data?.slice(), dataTid, position: undefined };
        },
      };
    }
  }

  /** Adds a transaction, later than all. Returns the bytes of its records. */
  add(texts: Texts, tid: Tid, status: string, records: ReadonlyMap<Oid, StoredRecord>): number {
    let bytes = 0;
    for (const [oid, record] of records) {
      const revisions = this.#revisions.get(oid);
      if (revisions === undefined) {
        this.#revisions.set(oid, [{ tid, ...record }]);
        this.#ordered = undefined;
      } else revisions.push({ tid, ...record });
      bytes += record.data?.length ?? 0;
    }
    this.#transactions.push({ ...texts, tid, status, records });
    return bytes;
  }

  /** Forgets what was not current at the moment `before` or later. @throws POSKeyError */
  pack(before: Tid, options: PackOptions): Packed {
    const kept = new Map<Oid, StoredRevision[]>();
    for (const [oid, revisions] of this.#revisions) {
      const later = revisions.filter(({ tid }) => tid > before);
      const current = revisions.findLast(({ tid }) => tid <= before);
      if (current?.data !== undefined) later.unshift({ ...current, dataTid: undefined });
      if (later.length > 0) kept.set(oid, later);
    }
    const dangling = options.gc === false ? [] : this.#collect(kept, before);
    const first = dangling[0];
    if (options.strict && first !== undefined)
      throw new POSKeyError(first.to, { file: this.#name, reason: 'a kept record refers to it' });
    const sizeBefore = sizeOf(this.#revisions);
    const recordsRemoved = recordsOf(this.#revisions) - recordsOf(kept);
    const blobs = this.#blobsBeside(kept);
    const report: PackReport = {
      sizeBefore,
      sizeAfter: sizeOf(kept),
      objectsBefore: this.#revisions.size,
      objectsAfter: kept.size,
      recordsRemoved,
      blobsRemoved: blobs.length,
      dangling: dangling.slice(0, DANGLING_KEPT),
      danglingCount: dangling.length,
      packed: !options.dryRun && recordsRemoved > 0,
    };
    if (!report.packed) return { report, blobs: [] };
    this.#revisions = kept;
    this.#ordered = undefined;
    this.#transactions = this.#transactions.flatMap((transaction) =>
      this.#packed(transaction, before),
    );
    return { report, blobs };
  }

  clear(): void {
    this.#revisions.clear();
    this.#ordered = undefined;
    this.#transactions = [];
  }

  #blobsBeside(kept: ReadonlyMap<Oid, readonly StoredRevision[]>): [oid: Oid, tid: Tid][] {
    const blobs: [oid: Oid, tid: Tid][] = [];
    for (const [oid, revisions] of this.#revisions) {
      const stays = new Set(kept.get(oid)?.map(({ tid }) => tid));
      for (const { tid, data } of revisions)
        if (!stays.has(tid) && data !== undefined && isBlobRecord(data)) blobs.push([oid, tid]);
    }
    return blobs;
  }

  // Leaves in `kept` what the root, or anything that was written after `before`, leads to.
  #collect(kept: Map<Oid, StoredRevision[]>, before: Tid): { from: Oid; to: Oid }[] {
    const dangling: { from: Oid; to: Oid }[] = [];
    const reached = new Set<Oid>([0n as Oid]);
    for (const [oid, revisions] of kept)
      if (revisions.some(({ tid }) => tid > before)) reached.add(oid);
    // A Set is iterated over what is added meanwhile, too.
    for (const oid of reached)
      for (const { data } of kept.get(oid) ?? [])
        if (data !== undefined)
          scanReferences(data, (to) => {
            if (kept.has(to as Oid)) reached.add(to as Oid);
            else dangling.push({ from: oid, to: to as Oid });
          });
    for (const oid of kept.keys()) if (!reached.has(oid)) kept.delete(oid);
    return dangling;
  }

  #packed(transaction: StoredTransaction, before: Tid): StoredTransaction[] {
    const { tid } = transaction;
    if (tid > before) return [transaction];
    const records = new Map(
      [...transaction.records].filter(([oid]) =>
        this.#revisions.get(oid)?.some((revision) => revision.tid === tid),
      ),
    );
    return records.size === 0 ? [] : [{ ...transaction, status: 'p', records }];
  }

  #transaction(tid: Tid): Texts {
    return this.#transactions.find((transaction) => transaction.tid === tid) as StoredTransaction;
  }

  #data(oid: Oid, { data, tid }: StoredRevision): Uint8Array {
    if (data === undefined)
      throw new POSKeyError(oid, { file: this.#name, tid, reason: 'object no longer exists' });
    return data.slice();
  }

  #of(oid: Oid): StoredRevision[] {
    const revisions = this.#revisions.get(oid);
    if (revisions === undefined) throw new POSKeyError(oid, { file: this.#name });
    return revisions;
  }
}

function firstFrom(ordered: readonly Oid[], oid: Oid): number {
  let start = 0;
  let end = ordered.length;
  while (start < end) {
    const middle = (start + end) >>> 1;
    if ((ordered[middle] as Oid) < oid) start = middle + 1;
    else end = middle;
  }
  return start;
}

function recordsOf(revisions: ReadonlyMap<Oid, readonly StoredRevision[]>): number {
  let count = 0;
  for (const all of revisions.values()) count += all.length;
  return count;
}

function sizeOf(revisions: ReadonlyMap<Oid, readonly StoredRevision[]>): number {
  let size = 0;
  for (const all of revisions.values()) for (const { data } of all) size += data?.length ?? 0;
  return size;
}

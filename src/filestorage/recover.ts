// Recovering: whatever can be read of a damaged file is copied into a new one. Nothing is made up: a record is copied as it
// stands, or left out and named in the report.

import { existsSync, rmSync } from 'node:fs';
import { isZodbError } from '../errors.ts';
import { scanReferences } from '../pickle/scan.ts';
import { ArgumentError, FormatError, StorageError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import { laterThan } from '../zodb/time.ts';
import {
  DATA_HEADER,
  MAGIC_LENGTH,
  MAGICS,
  readU16,
  STATUS,
  TRANSACTION_HEADER,
} from './format.ts';
import { NumberList } from './growing-list.ts';
import {
  type FoundTransaction,
  findTransactions,
  inOrder,
  type SalvageNote,
} from './salvage-find.ts';
import { SalvageProbe } from './salvage-probe.ts';
import { Source } from './source.ts';
import { FileStorage } from './storage.ts';

/** How to recover. */
export interface RecoverOptions {
  /** Whether to keep what is left of transactions whose end is lost. Default: false. */
  readonly partial?: boolean;
  /** Called now and then; returning `false` stops: then there is no new file. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => unknown;
}

/** A record that was left out, of a transaction that was copied. */
export interface LostRecord {
  readonly position: number;
  readonly oid: Oid;
  readonly tid: Tid;
  readonly message: string;
}

/** What was found and what was not. */
export interface RecoverReport {
  readonly transactions: number;
  readonly records: number;
  /** Bytes of the damaged file and of the new one. */
  readonly sizeBefore: number;
  readonly sizeAfter: number;
  /** Parts of the file that are damaged, with what became of them. */
  readonly spans: readonly SalvageNote[];
  readonly spanCount: number;
  /** Transactions that got another tid, since theirs did not fit between those around it. */
  readonly changedTids: readonly {
    readonly position: number;
    readonly from: Tid;
    readonly to: Tid;
  }[];
  readonly lostRecords: readonly LostRecord[];
  readonly lostRecordCount: number;
}

const KEPT = 1000;

/**
 * Copies what can be read of the data file `source` into the new file `target`.
 * @throws StorageError with code FILE_EXISTS, NO_SUCH_FILE, STOPPED or WRITE; FormatError where it is no data file at all
 */
export function recover(
  source: string,
  target: string,
  options: RecoverOptions = {},
): RecoverReport {
  if (typeof source !== 'string' || typeof target !== 'string' || source === '' || target === '')
    throw new ArgumentError('recover takes the paths of a damaged file and of a new one');
  if (existsSync(target))
    throw new StorageError('there is such a file already', { file: target }, 'FILE_EXISTS');
  const input = new Source(source);
  try {
    return new Recovery(input, target, options).run();
  } finally {
    input.close();
  }
}

class Recovery {
  readonly #source: Source;
  readonly #target: string;
  readonly #options: RecoverOptions;
  readonly #probe: SalvageProbe;
  readonly #spans: SalvageNote[] = [];
  #spanCount = 0;
  readonly #changedTids: { position: number; from: Tid; to: Tid }[] = [];
  readonly #lost: LostRecord[] = [];
  #lostCount = 0;
  #records = 0;
  // Of each transaction: the two halves of its tid, and how sure that is; where it said it began, and by how much it was moved.
  readonly #tids = new NumberList();
  readonly #origins = new NumberList();
  readonly #moves = new NumberList();

  constructor(source: Source, target: string, options: RecoverOptions) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
    this.#probe = new SalvageProbe(source);
  }

  run(): RecoverReport {
    const format = this.#format();
    const { partial = false } = this.#options;
    for (const found of findTransactions(this.#probe, partial, (note) => this.#note(note))) {
      this.#tids.push(Number(found.tid >> 32n));
      this.#tids.push(Number(found.tid & 0xffff_ffffn));
      this.#tids.push(found.sureness);
      this.#origins.push(found.origin);
      this.#moves.push(found.position - found.origin);
      this.#progress(found.position, 0);
    }
    const fits = inOrder(this.#tids);
    const storage = this.#create(format);
    let done = false;
    try {
      let index = 0;
      for (const found of findTransactions(this.#probe, partial, () => {})) {
        this.#copy(storage, found, this.#nextTid(index, fits));
        index++;
        this.#progress(found.position, 1);
      }
      const sizeAfter = storage.size();
      storage.close();
      done = true;
      return {
        transactions: index,
        records: this.#records,
        sizeBefore: this.#source.size,
        sizeAfter,
        spans: this.#spans,
        spanCount: this.#spanCount,
        changedTids: this.#changedTids,
        lostRecords: this.#lost,
        lostRecordCount: this.#lostCount,
      };
    } finally {
      if (!done) this.#discard(storage);
    }
  }

  #format(): 'FS30' | 'FS21' {
    const magic = new Uint8Array(MAGIC_LENGTH);
    this.#source.peek(0, magic);
    const text = String.fromCharCode(...magic);
    if (text === MAGICS.python3 || text === MAGICS.python2) return text;
    const first = this.#probe.at(MAGIC_LENGTH);
    if (first === undefined || first.framedEnd === 0)
      throw new FormatError(`not a FileStorage: begins with ${JSON.stringify(text)}`, {
        file: this.#source.file,
        position: 0,
      });
    const message = `the file began with ${JSON.stringify(text)}; taken for one of Python 3`;
    this.#note({ start: 0, end: MAGIC_LENGTH, tid: undefined, message });
    return MAGICS.python3;
  }

  #create(format: 'FS30' | 'FS21'): FileStorage {
    return new FileStorage(this.#target, {
      create: 'new',
      fsync: false,
      format,
      python2: 'write',
    });
  }

  #discard(storage: FileStorage): void {
    storage.close();
    for (const suffix of ['', '.index', '.lock'])
      rmSync(`${this.#target}${suffix}`, { force: true });
  }

  #copy(storage: FileStorage, found: FoundTransaction, next: Tid | undefined): void {
    const tid = this.#tidFor(found, storage.lastTransaction(), next);
    if (tid === undefined) return;
    const status = found.status === STATUS.packed ? 'p' : ' ';
    const transaction = storage.begin(this.#texts(found), tid, status);
    for (const { position, length } of this.#recordsOf(found)) {
      const oid = this.#probe.oid(position) as Oid;
      const data = length > 0 ? this.#data(position + DATA_HEADER, length) : undefined;
      if (data !== undefined) transaction.restore(oid, data);
      else {
        const back = this.#follow(storage, oid, position);
        if (back === undefined) {
          this.#lose(position, oid, tid, 'the record that it repeats is lost');
          continue;
        }
        transaction.restore(oid, back.data, back.tid);
      }
      this.#records++;
    }
    transaction.vote();
    transaction.finish();
  }

  // A tid between the one before and the one after, if its own is not.
  #tidFor(found: FoundTransaction, last: Tid, next: Tid | undefined): Tid | undefined {
    const free = (tid: Tid): boolean => tid > last && (next === undefined || tid < next);
    const own = found.sureness > 1 ? undefined : this.#probe.at(found.position)?.recordTid;
    // Where the records have another tid than the header, a damaged one is rather too high: the range of tids is wide.
    const possible = own !== undefined && own < found.tid ? [own, found.tid] : [found.tid, own];
    const [tid = laterThan(last)] = possible.filter((one) => one !== undefined && free(one));
    if (tid === found.tid) return tid;
    if (!free(tid)) {
      this.#note({
        start: found.position,
        end: found.recordsEnd + 8,
        tid: found.tid,
        message: 'the tid does not fit between those around it, and there is no room for another',
      });
      return undefined;
    }
    if (this.#changedTids.length < KEPT)
      this.#changedTids.push({ position: found.position, from: found.tid, to: tid });
    return tid;
  }

  // The tid of the next transaction after `index` that keeps its own.
  #nextTid(index: number, fits: (index: number) => boolean): Tid | undefined {
    const count = this.#origins.length;
    for (let i = index + 1; i < count; i++)
      if (fits(i))
        return ((BigInt(this.#tids.get(3 * i)) << 32n) | BigInt(this.#tids.get(3 * i + 1))) as Tid;
    return undefined;
  }

  #texts({ position }: FoundTransaction): {
    user: Uint8Array;
    description: Uint8Array;
    extension: Uint8Array;
  } {
    const header = this.#data(position, TRANSACTION_HEADER);
    const user = readU16(header, 17);
    const description = readU16(header, 19);
    const extension = readU16(header, 21);
    const texts = this.#data(position + TRANSACTION_HEADER, user + description + extension);
    return {
      user: texts.subarray(0, user),
      description: texts.subarray(user, user + description),
      extension: texts.subarray(user + description),
    };
  }

  *#recordsOf(found: FoundTransaction): Generator<{ position: number; length: number }> {
    const { tid, origin, recordsEnd } = found;
    for (let position = found.records; position < recordsEnd; ) {
      const record = this.#probe.record(position, found.whole ? undefined : origin, recordsEnd);
      if (found.whole && record !== undefined) {
        yield record;
        position = record.next;
        continue;
      }
      const followed =
        record !== undefined &&
        (record.next === recordsEnd || this.#probe.isHeader(record.next, origin, recordsEnd));
      if (record !== undefined && followed) {
        yield record;
        position = record.next;
        continue;
      }
      const isHeader = this.#probe.isHeader(position, origin, recordsEnd);
      const next = this.#probe.nextHeader(position + 1, recordsEnd, tid, origin);
      // Where its length is wrong, it ended where the next record begins.
      const length = next - position - DATA_HEADER;
      if (isHeader && length > 0 && this.#isPickled(position + DATA_HEADER, length))
        yield { position, length };
      else if (isHeader && length === 8) yield { position, length: 0 };
      else if (record !== undefined && record.next < next) {
        yield record;
        this.#lose(record.next, this.#probe.oid(record.next) as Oid, tid, 'the record is damaged');
      } else this.#lose(position, this.#probe.oid(position) as Oid, tid, 'the record is damaged');
      position = next;
    }
  }

  // What the record at `position` points back to: the data, and which transaction's record that is. Where that record is
  // damaged it may have been mended.
  #follow(
    storage: FileStorage,
    oid: Oid,
    position: number,
  ): { data: Uint8Array | undefined; tid?: Tid } | undefined {
    let tid: Tid | undefined;
    for (let at = position; ; ) {
      const back = this.#probe.long(at + DATA_HEADER);
      if (back === 0) return tid === undefined ? { data: undefined } : { data: undefined, tid };
      const target = this.#moved(back);
      if (target < 0 || target >= at || this.#probe.oid(target) !== oid) return undefined;
      const written = this.#tidAt(target);
      tid ??= written;
      const record = this.#probe.record(target, undefined, this.#source.size);
      if (record === undefined || !this.#isSound(record)) {
        const data = mended(storage, oid, written);
        if (data !== undefined) return { data, tid };
      }
      if (record === undefined) return undefined;
      if (record.length > 0) return { data: this.#data(target + DATA_HEADER, record.length), tid };
      at = target;
    }
  }

  #isSound({ position, length }: { position: number; length: number }): boolean {
    return length === 0 || this.#isPickled(position + DATA_HEADER, length);
  }

  #tidAt(position: number): Tid {
    return this.#probe.oid(position + 8) as Tid;
  }

  // Where that is now which stood at `position` when it was written.
  #moved(position: number): number {
    let start = 0;
    let end = this.#origins.length;
    while (start < end) {
      const middle = (start + end) >>> 1;
      if (this.#origins.get(middle) <= position) start = middle + 1;
      else end = middle;
    }
    return start === 0 ? position : position + this.#moves.get(start - 1);
  }

  #isPickled(position: number, length: number): boolean {
    try {
      scanReferences(this.#data(position, length), () => {});
      return true;
    } catch {
      return false;
    }
  }

  #data(position: number, length: number): Uint8Array {
    const data = new Uint8Array(length);
    this.#source.readInto(position, data);
    return data;
  }

  #note(note: SalvageNote): void {
    this.#spanCount++;
    if (this.#spans.length < KEPT) this.#spans.push(note);
  }

  #lose(position: number, oid: Oid, tid: Tid, message: string): void {
    this.#lostCount++;
    if (this.#lost.length < KEPT) this.#lost.push({ position, oid, tid, message });
  }

  #progress(position: number, half: number): void {
    const { onProgress } = this.#options;
    const total = 2 * this.#source.size;
    if (onProgress?.({ done: position + half * this.#source.size, total }) === false)
      throw new StorageError('recovering was stopped', { file: this.#source.file }, 'STOPPED');
  }
}

function mended(storage: FileStorage, oid: Oid, tid: Tid): Uint8Array | undefined {
  try {
    return storage.loadSerial(oid, tid);
  } catch (error) {
    if (isZodbError(error, 'POS_KEY')) return undefined;
    throw error;
  }
}

// Is there a transaction at this place of a damaged file? A transaction says its length in its header and behind its records,
// and each record says where the transaction began; so one wrong field can be told from the others.

import { readU32, readU64 } from '../zodb/bytes.ts';
import type { Tid } from '../zodb/ids.ts';
import { DATA_HEADER, readLong, readU16, STATUS, TRANSACTION_HEADER } from './format.ts';
import { type Source, Window } from './source.ts';

/** What stands at `position`, as far as it can be told. */
export interface Probe {
  readonly position: number;
  readonly tid: Tid;
  readonly status: number;
  /** Where the records begin and, with the last that fits to the ones before, end. */
  readonly records: number;
  readonly recordsEnd: number;
  readonly count: number;
  /** Where the records say that the transaction began: elsewhere, if bytes before it are missing or too many. */
  readonly origin: number;
  /** The tid of all of its records, if it is one. */
  readonly recordTid: Tid | undefined;
  /** Whether one of its records has the tid of the header. */
  readonly confirmed: boolean;
  /** Whether the length in the header, and the one behind the records, lead to `recordsEnd`. */
  readonly headerFits: boolean;
  readonly trailerFits: boolean;
  /** Where it ends by its header, if the length is there once more; 0 if not. */
  readonly framedEnd: number;
}

/** A record whose header is as it should be. */
export interface ProbedRecord {
  readonly position: number;
  readonly length: number;
  readonly next: number;
}

export class SalvageProbe {
  readonly source: Source;
  readonly #window: Window;
  readonly #ahead: Window;

  constructor(source: Source) {
    this.source = source;
    this.#window = new Window(source, 256 * 1024);
    this.#ahead = new Window(source, 4096);
  }

  /** The transaction at `position`; `undefined` if the file ends before it could. */
  at(position: number): Probe | undefined {
    const { size } = this.source;
    const at = this.#window.at(position, TRANSACTION_HEADER);
    if (at < 0) return undefined;
    const { bytes } = this.#window;
    const tid = readU64(bytes, at) as Tid;
    const length = readLong(bytes, at + 8);
    const status = bytes[at + 16] as number;
    const texts = readU16(bytes, at + 17) + readU16(bytes, at + 19) + readU16(bytes, at + 21);
    const records = position + TRANSACTION_HEADER + texts;
    if (records + 8 > size) return undefined;
    const framed = length >= records - position && this.long(position + length) === length;
    let origin = position;
    let recordTid: Tid | undefined;
    let count = 0;
    let confirmed = false;
    let end = records;
    while (!(framed && end === position + length)) {
      const record = this.record(end, count === 0 ? undefined : origin, size - 8);
      if (record === undefined) break;
      const header = this.#window.at(end, DATA_HEADER);
      const tidOf = readU64(this.#window.bytes, header + 8) as Tid;
      if (count === 0) origin = readLong(this.#window.bytes, header + 24);
      confirmed ||= tidOf === tid;
      recordTid = count === 0 || recordTid === tidOf ? tidOf : undefined;
      count++;
      end = record.next;
    }
    return {
      position,
      tid,
      status,
      records,
      recordsEnd: end,
      count,
      origin,
      recordTid,
      confirmed,
      headerFits: length === end - position,
      trailerFits: this.long(end) === end - position,
      framedEnd: framed ? position + length : 0,
    };
  }

  /** The record at `position` of a transaction that began at `origin` (anywhere, if it is not known) and ends before `end`. */
  record(position: number, origin: number | undefined, end: number): ProbedRecord | undefined {
    if (!this.isHeader(position, origin, end)) return undefined;
    const at = this.#window.at(position, DATA_HEADER);
    const length = readLong(this.#window.bytes, at + 34);
    const next = position + DATA_HEADER + (length || 8);
    return next <= end ? { position, length, next } : undefined;
  }

  /** Whether a record begins at `position`, however long it says to be. */
  isHeader(position: number, origin: number | undefined, end: number): boolean {
    if (position + DATA_HEADER + 1 > end) return false;
    const at = this.#window.at(position, DATA_HEADER);
    if (at < 0 || readU16(this.#window.bytes, at + 32) !== 0) return false;
    return origin === undefined || readLong(this.#window.bytes, at + 24) === origin;
  }

  /** The oid of a record. */
  oid(position: number): bigint {
    const at = this.#window.at(position, 8);
    return at < 0 ? 0n : readU64(this.#window.bytes, at);
  }

  /** The position of the next record header of this transaction after `position` and before `end`; `end` if there is none. */
  nextHeader(position: number, end: number, tid: Tid, origin: number): number {
    const tidHigh = Number(tid >> 32n);
    const tidLow = Number(tid & 0xffff_ffffn);
    for (let p = position; p + DATA_HEADER < end; ) {
      const length = Math.min(64 * 1024, end - p);
      const at = this.#window.at(p, length);
      if (at < 0) return end;
      const { bytes } = this.#window;
      const stop = at + length - DATA_HEADER;
      for (let i = at; i < stop; i++)
        if (
          readU32(bytes, i + 12) === tidLow &&
          readU32(bytes, i + 8) === tidHigh &&
          readLong(bytes, i + 24) === origin &&
          readU16(bytes, i + 32) === 0
        )
          return p + i - at;
      p += Math.max(1, length - DATA_HEADER);
    }
    return end;
  }

  /** The first place from `position` on that looks like a transaction: header and trailing length agree. Size if none. */
  nextFrame(position: number): number {
    const { size } = this.source;
    for (let p = position; p + TRANSACTION_HEADER + 8 <= size; ) {
      const length = Math.min(64 * 1024, size - p);
      const at = this.#window.at(p, length);
      if (at < 0) return size;
      const stop = at + length - TRANSACTION_HEADER;
      for (let i = at; i <= stop; i++) {
        const status = this.#window.bytes[i + 16];
        if (status !== STATUS.complete && status !== STATUS.packed && status !== STATUS.undone)
          continue;
        const framed = readLong(this.#window.bytes, i + 8);
        const start = p + i - at;
        if (framed < TRANSACTION_HEADER || start + framed + 8 > size) continue;
        if (this.long(start + framed) === framed) return start;
      }
      p += Math.max(1, length - TRANSACTION_HEADER + 1);
    }
    return size;
  }

  /** The number of 8 bytes at `position`, -1 beyond the file. */
  long(position: number): number {
    const at = position < 0 ? -1 : this.#ahead.at(position, 8);
    return at < 0 ? -1 : readLong(this.#ahead.bytes, at);
  }
}

// Walking over the transactions and records of a data file from front to back, for packing: every field is checked, and
// nothing is allocated for a record, of which there may be 10^8.

import { readU32 } from '../zodb/bytes.ts';
import { CorruptedDataError } from '../zodb/errors.ts';
import {
  DATA_HEADER,
  MAGIC_LENGTH,
  readLong,
  readU16,
  SMALLEST_TRANSACTION,
  STATUS,
  TRANSACTION_HEADER,
} from './format.ts';
import { type Source, Window } from './source.ts';

const WINDOW = 128 * 1024;
const ELSEWHERE = 16 * 1024;

/**
 * A place in a file, which `nextTransaction` and `nextRecord` move on. Its fields say what stands there.
 * Both throw CorruptedDataError where the file contradicts itself.
 */
export class RecordWalk {
  readonly source: Source;
  /** Of the transaction: where it begins, and its header. */
  transaction = 0;
  tidHigh = 0;
  tidLow = 0;
  status = 0;
  headerLength = 0;
  /** Of the record: where it begins, and its header. `back` is its back pointer, 0 where it has data or is empty. */
  position = 0;
  oidHigh = 0;
  oidLow = 0;
  previous = 0;
  length = 0;
  back = 0;
  /** Of its data, after `locate`: where they stand, behind its back pointers, and how many bytes they are. */
  dataPosition = 0;
  dataLength = 0;
  /** What `at` found. */
  bytes: Uint8Array;
  readonly #window: Window;
  // For records that others point to: looking at them must not move the window away.
  readonly #elsewhere: Window;
  #nextTransaction: number;
  #nextRecord = 0;
  #recordsEnd = 0;

  constructor(source: Source, start: number = MAGIC_LENGTH) {
    this.source = source;
    this.#window = new Window(source, WINDOW);
    this.#elsewhere = new Window(source, ELSEWHERE);
    this.bytes = this.#window.bytes;
    this.#nextTransaction = start;
  }

  /** Where the transaction ends and the next begins. */
  get transactionEnd(): number {
    return this.#nextTransaction;
  }

  /** Moves to the next transaction before `end`; false where there is none. One undone in place shows no records. */
  nextTransaction(end: number): boolean {
    const position = this.#nextTransaction;
    if (position >= end) return false;
    const at =
      position + SMALLEST_TRANSACTION > end ? -1 : this.#window.at(position, TRANSACTION_HEADER);
    if (at < 0) this.#fail(position, 'the file ends within a transaction header');
    const { bytes } = this.#window;
    const high = readU32(bytes, at);
    const low = readU32(bytes, at + 4);
    const length = readLong(bytes, at + 8);
    const status = bytes[at + 16] as number;
    const header =
      TRANSACTION_HEADER +
      readU16(bytes, at + 17) +
      readU16(bytes, at + 19) +
      readU16(bytes, at + 21);
    if (high < this.tidHigh || (high === this.tidHigh && low <= this.tidLow))
      this.#fail(position, 'a transaction that is not later than the one before');
    if (status !== STATUS.complete && status !== STATUS.packed && status !== STATUS.undone)
      this.#fail(position, `a transaction of the unknown status ${status}`);
    if (length < header || position + length + 8 > end)
      this.#fail(position, `a transaction of ${length} bytes`);
    this.transaction = position;
    this.tidHigh = high;
    this.tidLow = low;
    this.status = status;
    this.headerLength = header;
    this.#recordsEnd = position + length;
    this.#nextRecord = status === STATUS.undone ? this.#recordsEnd : position + header;
    this.#nextTransaction = position + length + 8;
    return true;
  }

  /** Moves to the next record of the transaction; false where there is none. */
  nextRecord(): boolean {
    const position = this.#nextRecord;
    const end = this.#recordsEnd;
    if (position >= end) {
      this.#checkTrailer();
      return false;
    }
    if (position + DATA_HEADER + 1 > end)
      this.#fail(position, 'a data record that goes beyond its transaction');
    const at = this.#window.at(position, Math.min(DATA_HEADER + 8, end - position));
    if (at < 0) this.#fail(position, 'the file ends within a data record');
    const { bytes } = this.#window;
    const length = readLong(bytes, at + 34);
    const next = position + DATA_HEADER + (length || 8);
    if (next > end) this.#fail(position, 'a data record that goes beyond its transaction');
    if (readU16(bytes, at + 32) !== 0)
      this.#fail(position, 'a data record of a version; versions are not supported');
    if (readLong(bytes, at + 24) !== this.transaction)
      this.#fail(position, 'a data record that does not belong to its transaction');
    this.position = position;
    this.oidHigh = readU32(bytes, at);
    this.oidLow = readU32(bytes, at + 4);
    this.previous = readLong(bytes, at + 16);
    this.length = length;
    this.back = length === 0 ? readLong(bytes, at + DATA_HEADER) : 0;
    if (this.previous >= position)
      this.#fail(position, 'a pointer to the previous record that points forward');
    if (this.back >= position) this.#fail(position, 'a back pointer that points forward');
    this.#nextRecord = next;
    return true;
  }

  /** Moves to a record of the object `oidHigh`, `oidLow` that stands anywhere in the file; the walk cannot go on then. */
  moveTo(position: number, oidHigh: number, oidLow: number): void {
    this.position = position;
    this.oidHigh = oidHigh;
    this.oidLow = oidLow;
    this.transaction = Number.POSITIVE_INFINITY;
    this.length = 0;
    this.back = position;
  }

  /** Looks for the data of the record; false where the object ceased to exist. */
  locate(): boolean {
    let { position, length, back } = this;
    while (length === 0) {
      if (back === 0) return false;
      position = back;
      const at = this.#elsewhere.at(position, DATA_HEADER + 8);
      const { bytes } = this.#elsewhere;
      if (at < 0 || readU32(bytes, at) !== this.oidHigh || readU32(bytes, at + 4) !== this.oidLow)
        this.#fail(
          this.position,
          `a back pointer to ${position}, where no record of the object is`,
        );
      length = readLong(bytes, at + 34);
      back = length === 0 ? readLong(bytes, at + DATA_HEADER) : 0;
      if (back >= position) this.#fail(position, 'a back pointer that points forward');
    }
    this.dataPosition = position + DATA_HEADER;
    this.dataLength = length;
    return true;
  }

  /** Brings bytes of the file into `bytes`, until the walk goes on; returns where they begin there. */
  at(position: number, length: number): number {
    const window = position >= this.transaction ? this.#window : this.#elsewhere;
    const at = window.at(position, length);
    if (at < 0) this.#fail(position, `the file ends within ${length} bytes`);
    this.bytes = window.bytes;
    return at;
  }

  #checkTrailer(): void {
    const at = this.#window.at(this.#recordsEnd, 8);
    if (at < 0 || readLong(this.#window.bytes, at) !== this.#recordsEnd - this.transaction)
      this.#fail(
        this.#recordsEnd,
        'the length after the transaction differs from the one in its header',
      );
  }

  #fail(position: number, message: string): never {
    throw new CorruptedDataError(message, { file: this.source.file, position });
  }
}

// Reading single revisions: from the newest record of an object, which the index names, along `previous` to the one
// wanted, and along back pointers to the data. Used by the storage itself and by other threads, over the same map.

import { isZodbError } from '../errors.ts';
import { CorruptedDataError, POSKeyError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { Revision } from '../zodb/storage.ts';
import { DATA_HEADER, readLong, readU16 } from './format.ts';
import type { Source } from './source.ts';

/** Where the data of a revision stand in the file. */
export interface Location {
  readonly position: number;
  readonly length: number;
  readonly tid: Tid;
  readonly next: Tid | undefined;
}

/** What the header of a record says, and its back pointer. */
export interface RecordAt {
  readonly position: number;
  readonly tid: Tid;
  /** The position of the previous record of the object, 0 for none. */
  readonly previous: number;
  /** The position of the transaction. */
  readonly transaction: number;
  /** 0 where the data are those of the record at `back`. */
  readonly length: number;
  /** 0 where there are data, or where the object ceased to exist. */
  readonly back: number;
}

// One read gets the header and, of most records, all of the data.
const PEEK = 4096;

/** Reads records of the file `source`; `newest` gives the position of an object's newest record, 0 for none. */
export class RecordReader {
  readonly #source: Source;
  readonly #newest: (oid: Oid) => number;
  readonly #peeked: Uint8Array = new Uint8Array(PEEK);
  readonly #view: DataView = new DataView(this.#peeked.buffer);
  #peekedAt = -1;
  #peekedLength = 0;

  constructor(source: Source, newest: (oid: Oid) => number) {
    this.#source = source;
    this.#newest = newest;
  }

  /**
   * The newest revision older than `before`; `undefined` if the object is younger.
   * @throws POSKeyError, CorruptedDataError
   */
  load(oid: Oid, before: Tid | undefined): Revision | undefined {
    const location = this.locate(oid, before);
    if (location === undefined) return undefined;
    return { data: this.#data(location), tid: location.tid, next: location.next };
  }

  /** The revision that exactly `tid` wrote. @throws POSKeyError, CorruptedDataError */
  loadSerial(oid: Oid, tid: Tid): Uint8Array {
    let position = this.#first(oid);
    for (;;) {
      const found = this.#header(oid, position);
      if (found === tid) return this.#data(this.#follow(oid, position, tid, undefined));
      position = found < tid ? 0 : this.#previous(oid, position);
      if (position === 0) this.#missing(oid, 'no such revision', tid);
    }
  }

  /** The tid of the newest revision. @throws POSKeyError also where the object ceased to exist */
  getTid(oid: Oid): Tid {
    const position = this.#first(oid);
    const tid = this.#header(oid, position);
    if (this.#length() === 0 && this.#backPointer() === 0)
      this.#missing(oid, 'no longer exists', tid);
    return tid;
  }

  /** The tid of the newest record, whether or not the object exists; `undefined` where there is none. */
  serial(oid: Oid): Tid | undefined {
    const position = this.#newest(oid);
    return position === 0 ? undefined : this.#header(oid, position);
  }

  /** The newest revision; `undefined` where the object has ceased to exist. */
  existing(oid: Oid): Revision | undefined {
    try {
      return this.load(oid, undefined);
    } catch (error) {
      if (isZodbError(error, 'POS_KEY')) return undefined;
      throw error;
    }
  }

  /** As `loadSerial`, but `undefined` where the object had ceased to exist. */
  dataOrUndefined(oid: Oid, tid: Tid): Uint8Array | undefined {
    try {
      return this.loadSerial(oid, tid);
    } catch (error) {
      if (isZodbError(error, 'POS_KEY')) return undefined;
      throw error;
    }
  }

  /** Where the data of the newest revision older than `before` stand. @throws POSKeyError, CorruptedDataError */
  locate(oid: Oid, before: Tid | undefined): Location | undefined {
    let position = this.#first(oid);
    let next: Tid | undefined;
    for (;;) {
      const tid = this.#header(oid, position);
      if (before === undefined || tid < before) return this.#follow(oid, position, tid, next);
      next = tid;
      position = this.#previous(oid, position);
      if (position === 0) return undefined;
    }
  }

  /** All records of the object, newest first. @throws POSKeyError, CorruptedDataError */
  *revisions(oid: Oid): Generator<RecordAt> {
    for (let position = this.#first(oid); position !== 0; ) {
      const record = this.recordAt(oid, position);
      yield record;
      position = record.previous;
    }
  }

  /** The record at `position`, which must be one of `oid`. @throws CorruptedDataError */
  recordAt(oid: Oid, position: number): RecordAt {
    const tid = this.#header(oid, position);
    const length = this.#length();
    return {
      position,
      tid,
      previous: this.#previous(oid, position),
      transaction: readLong(this.#peeked, 24),
      length,
      back: length === 0 ? this.#backPointer() : 0,
    };
  }

  /** The data of the record of `oid` at `position`, followed through back pointers. @throws POSKeyError, CorruptedDataError */
  dataAt(oid: Oid, position: number): Uint8Array {
    const tid = this.#header(oid, position);
    return this.#data(this.#follow(oid, position, tid, undefined));
  }

  #first(oid: Oid): number {
    const position = this.#newest(oid);
    if (position === 0) this.#missing(oid);
    return position;
  }

  // Where the data of the record at `position`, whose header was just read, stand.
  #follow(oid: Oid, position: number, tid: Tid, next: Tid | undefined): Location {
    while (this.#length() === 0) {
      const back = this.#backPointer();
      if (back === 0) this.#missing(oid, 'did not exist (its creation was undone)', tid);
      if (back >= position) this.#corrupted('a back pointer that points forward', oid, position);
      position = back;
      this.#header(oid, position);
    }
    return { position: position + DATA_HEADER, length: this.#length(), tid, next };
  }

  #data({ position, length }: Location): Uint8Array {
    if (position + length > this.#source.size && position + length > this.#source.refresh())
      this.#corrupted(`data of ${length} bytes go beyond the end of the file`, undefined, position);
    // Memory that is about to be overwritten need not be cleared first.
    const data =
      length < PEEK
        ? new Uint8Array(length)
        : new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
    const have = Math.min(length, this.#peekedLength - DATA_HEADER);
    data.set(this.#peeked.subarray(DATA_HEADER, DATA_HEADER + have));
    if (have < length) this.#source.readInto(position + have, data.subarray(have));
    return data;
  }

  // Reads the header at `position` into `#peeked`, and gives its tid.
  #header(oid: Oid, position: number): Tid {
    this.#peekedAt = position;
    this.#peekedLength = this.#source.peek(position, this.#peeked);
    if (this.#peekedLength < DATA_HEADER + 1)
      this.#corrupted('the file ends within a data record', oid, position);
    if (this.#view.getBigUint64(0) !== oid)
      this.#corrupted('not the record of this object', oid, position);
    if (readU16(this.#peeked, 32) !== 0)
      this.#corrupted('a record of a version; versions are not supported', oid, position);
    return this.#view.getBigUint64(8) as Tid;
  }

  #length(): number {
    return readLong(this.#peeked, 34);
  }

  #backPointer(): number {
    if (this.#peekedLength < DATA_HEADER + 8)
      this.#corrupted('the file ends within a back pointer', undefined, this.#peekedAt);
    return readLong(this.#peeked, DATA_HEADER);
  }

  #previous(oid: Oid, position: number): number {
    const previous = readLong(this.#peeked, 16);
    if (previous >= position)
      this.#corrupted('a pointer to the previous record that points forward', oid, position);
    return previous;
  }

  #missing(oid: Oid, reason?: string, tid?: Tid): never {
    throw new POSKeyError(oid, {
      file: this.#source.file,
      ...(tid === undefined ? {} : { tid }),
      ...(reason === undefined ? {} : { reason: `object ${reason}` }),
    });
  }

  #corrupted(message: string, oid: Oid | undefined, position: number): never {
    throw new CorruptedDataError(message, { file: this.#source.file, oid, position });
  }
}

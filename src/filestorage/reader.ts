// Reading single revisions: from the newest record of an object, which the index names, along `previous` to the one
// wanted, and along back pointers to the data. Used by the storage itself and by other threads, over the same map.

import { isZodbError } from '../errors.ts';
import { CorruptedDataError, POSKeyError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { Revision } from '../zodb/storage.ts';
import { Arena } from './arena.ts';
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

// One read gets the header and, of most records, all of the data. Who reads one record after the other gets more at once.
const PEEK = 4096;
const MOST = 16 * PEEK;
/** A header and a back pointer. */
const SHORTEST = DATA_HEADER + 8;

/** Reads records of the file `source`; `newest` gives the position of an object's newest record, 0 for none. */
export class RecordReader {
  readonly #source: Source;
  readonly #newest: (oid: Oid) => number;
  readonly #arena = new Arena();
  readonly #peeked: Uint8Array = new Uint8Array(MOST);
  readonly #view: DataView = new DataView(this.#peeked.buffer);
  /** The part of the file in `#peeked`, up to where its bytes may be used again. */
  #start = 0;
  #settled = 0;
  /** Where in `#peeked` the record is whose header was read last, and where its bytes there end. */
  #at = 0;
  #end = 0;

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
      transaction: readLong(this.#peeked, this.#at + 24),
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
    const from = this.#at + DATA_HEADER;
    if (from + length <= this.#end) return this.#arena.copy(this.#peeked, from, from + length);
    if (position + length > this.#source.size && position + length > this.#source.refresh())
      this.#corrupted(`data of ${length} bytes go beyond the end of the file`, undefined, position);
    // Memory that is about to be overwritten need not be cleared first.
    const data =
      length < PEEK
        ? new Uint8Array(length)
        : new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
    const have = this.#end - from;
    data.set(this.#peeked.subarray(from, this.#end));
    this.#source.readInto(position + have, data.subarray(have));
    return data;
  }

  // Reads the header at `position` into `#peeked`, and gives its tid.
  #header(oid: Oid, position: number): Tid {
    this.#peek(position);
    const at = this.#at;
    if (this.#end - at < DATA_HEADER + 1)
      this.#corrupted('the file ends within a data record', oid, position);
    if (this.#view.getBigUint64(at) !== oid)
      this.#corrupted('not the record of this object', oid, position);
    if (readU16(this.#peeked, at + 32) !== 0)
      this.#corrupted('a record of a version; versions are not supported', oid, position);
    return this.#view.getBigUint64(at + 8) as Tid;
  }

  #peek(position: number): void {
    const start = this.#start;
    if (position >= start && position + SHORTEST <= this.#settled) {
      this.#at = position - start;
      this.#end = this.#settled - start;
      if (this.#at + DATA_HEADER + this.#length() <= this.#end) return;
    }
    const goesOn = position > start && position < start + 2 * MOST;
    const size = goesOn ? MOST : PEEK;
    this.#settled = 0;
    this.#end = this.#source.peek(position, this.#peeked.subarray(0, size));
    this.#start = position;
    this.#at = 0;
    this.#settled = Math.min(position + this.#end, this.#source.settled);
  }

  #length(): number {
    return readLong(this.#peeked, this.#at + 34);
  }

  #backPointer(): number {
    if (this.#end - this.#at < SHORTEST)
      this.#corrupted('the file ends within a back pointer', undefined, this.#start + this.#at);
    return readLong(this.#peeked, this.#at + DATA_HEADER);
  }

  #previous(oid: Oid, position: number): number {
    const previous = readLong(this.#peeked, this.#at + 16);
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

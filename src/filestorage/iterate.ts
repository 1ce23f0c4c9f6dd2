// Walking over transactions in file order, with a window of its own over the file. A transaction's records are read when
// they are asked for.

import { readU32, readU64 } from '../zodb/bytes.ts';
import { CorruptedDataError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { DataRecord, TidRange, TransactionRecord } from '../zodb/storage.ts';
import { Arena } from './arena.ts';
import {
  DATA_HEADER,
  type DataHeader,
  headerLength,
  MAGIC_LENGTH,
  readDataHeader,
  readLong,
  readTransactionHeader,
  STATUS,
  TRANSACTION_HEADER,
} from './format.ts';
import { type Source, Window } from './source.ts';

/**
 * The transactions of `source` between the positions `from` and `end` whose tids lie in `range`.
 * @throws CorruptedDataError at a record that contradicts itself
 */
export function* iterate(
  source: Source,
  end: number,
  range: TidRange,
  from: number = MAGIC_LENGTH,
): Generator<FileTransactionRecord> {
  // A pack may put another file in the place of this one meanwhile.
  const release = source.hold();
  try {
    const window = new Window(source);
    const arena = new Arena();
    let position = from;
    while (position < end) {
      const transaction = new FileTransactionRecord(window, position, end, arena);
      position = transaction.end;
      if (transaction.status === 'u') continue;
      if (range.start !== undefined && transaction.tid < range.start) continue;
      if (range.stop !== undefined && transaction.tid > range.stop) return;
      yield transaction;
    }
  } finally {
    release();
  }
}

/** A transaction of a FileStorage. */
export class FileTransactionRecord implements TransactionRecord {
  readonly tid: Tid;
  readonly status: string;
  readonly user: Uint8Array;
  readonly description: Uint8Array;
  readonly extension: Uint8Array;
  readonly position: number;
  /** Where the next transaction begins. */
  readonly end: number;
  readonly #file: Window;
  readonly #records: number;
  readonly #arena: Arena;
  readonly #tidHigh: number;
  readonly #tidLow: number;

  constructor(file: Window, position: number, fileEnd: number, arena: Arena = new Arena()) {
    const at = file.at(position, TRANSACTION_HEADER);
    if (at < 0) fail(file, position, 'the file ends within a transaction header');
    const header = readTransactionHeader(file.bytes, at);
    const texts = headerLength(header);
    if (header.length < texts || position + header.length + 8 > fileEnd)
      fail(file, position, `a transaction of ${header.length} bytes`);
    const body = file.at(position, texts);
    const text = (start: number, length: number): Uint8Array =>
      arena.copy(file.bytes, body + start, body + start + length);
    this.tid = header.tid;
    this.status = String.fromCharCode(header.status);
    this.user = text(TRANSACTION_HEADER, header.userLength);
    const description = TRANSACTION_HEADER + header.userLength;
    this.description = text(description, header.descriptionLength);
    this.extension = text(description + header.descriptionLength, header.extensionLength);
    this.#arena = arena;
    this.#tidHigh = Number(header.tid >> 32n);
    this.#tidLow = Number(header.tid & 0xffff_ffffn);
    this.position = position;
    this.end = position + header.length + 8;
    this.#file = file;
    this.#records = position + texts;
    if (header.status === STATUS.undone) this.#records = this.end - 8;
  }

  *records(): Generator<DataRecord> {
    const file = this.#file;
    const end = this.end - 8;
    for (let position = this.#records; position < end; ) {
      const at = file.at(position, DATA_HEADER);
      if (at < 0) fail(file, position, 'the file ends within a data record');
      const length = this.#lengthAt(at, position, end);
      const oid = readU64(file.bytes, at) as Oid;
      const tid = this.#tidAt(at + 8);
      if (length === 0) yield this.#backPointer(oid, tid, position);
      else {
        const data = dataAt(file, this.#arena, position + DATA_HEADER, length);
        yield { oid, tid, data, dataTid: undefined, position };
      }
      position += DATA_HEADER + (length || 8);
    }
  }

  /** The objects that it wrote, without reading data. */
  *oids(): Generator<Oid> {
    for (const [header] of this.headers()) yield header.oid;
  }

  /** The headers of its records, and where they stand. @throws CorruptedDataError */
  *headers(): Generator<readonly [header: DataHeader, position: number]> {
    const end = this.end - 8;
    let position = this.#records;
    while (position < end) {
      const header = dataHeaderAt(this.#file, position);
      const next = position + DATA_HEADER + (header.length || 8);
      if (next > end || header.transaction !== this.position)
        fail(this.#file, position, 'a data record that goes beyond its transaction');
      yield [header, position];
      position = next;
    }
  }

  // The length of the data of the record at `position`, whose header is in the window at `at`.
  #lengthAt(at: number, position: number, end: number): number {
    const { bytes } = this.#file;
    const length = readLong(bytes, at + 34);
    const next = position + DATA_HEADER + (length || 8);
    if (bytes[at + 32] !== 0 || bytes[at + 33] !== 0)
      fail(this.#file, position, 'a data record of a version; versions are not supported');
    if (next > end || readLong(bytes, at + 24) !== this.position)
      fail(this.#file, position, 'a data record that goes beyond its transaction');
    return length;
  }

  // Nearly every record has the tid of its transaction: then no bigint needs to be made.
  #tidAt(at: number): Tid {
    const { bytes } = this.#file;
    const same = readU32(bytes, at + 4) === this.#tidLow && readU32(bytes, at) === this.#tidHigh;
    return same ? this.tid : (readU64(bytes, at) as Tid);
  }

  #backPointer(oid: Oid, tid: Tid, position: number): DataRecord {
    const found = backPointerAt(this.#file, oid, position);
    if (found === 0) return { oid, tid, data: undefined, dataTid: undefined, position };
    const dataTid = dataHeaderAt(this.#file, found).tid;
    let target = found;
    let header = dataHeaderAt(this.#file, target);
    while (header.length === 0) {
      target = backPointerAt(this.#file, oid, target);
      if (target === 0) return { oid, tid, data: undefined, dataTid, position };
      header = dataHeaderAt(this.#file, target);
    }
    const data = dataAt(this.#file, this.#arena, target + DATA_HEADER, header.length);
    return { oid, tid, data, dataTid, position };
  }
}

function dataAt(file: Window, arena: Arena, position: number, length: number): Uint8Array {
  const at = length <= file.bytes.length ? file.at(position, length) : -1;
  if (at >= 0) return arena.copy(file.bytes, at, at + length);
  if (position + length > file.source.size)
    fail(file, position, `data of ${length} bytes go beyond the end of the file`);
  const data = new Uint8Array(length);
  file.source.readInto(position, data);
  return data;
}

function dataHeaderAt(file: Window, position: number): DataHeader {
  const at = file.at(position, DATA_HEADER);
  if (at < 0) fail(file, position, 'the file ends within a data record');
  const header = readDataHeader(file.bytes, at);
  if (header.versionLength !== 0)
    fail(file, position, 'a data record of a version; versions are not supported');
  return header;
}

// The position that the record at `position` points back to, checked to be an earlier record of the same oid.
function backPointerAt(file: Window, oid: Oid, position: number): number {
  const at = file.at(position + DATA_HEADER, 8);
  if (at < 0) fail(file, position, 'the file ends within a back pointer');
  const target = readLong(file.bytes, at);
  if (target === 0) return 0;
  if (target >= position) fail(file, position, 'a back pointer that points forward');
  const header = file.at(target, DATA_HEADER);
  if (header < 0 || readU64(file.bytes, header) !== oid)
    fail(file, position, `a back pointer to ${target}, where no record of the object is`);
  return target;
}

function fail(file: Window, position: number, message: string): never {
  throw new CorruptedDataError(message, { file: file.source.file, position });
}

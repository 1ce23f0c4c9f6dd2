// Walking over transactions in file order, with a window of its own over the file. A transaction's records are read when
// they are asked for.

import { readU64 } from '../zodb/bytes.ts';
import { CorruptedDataError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { DataRecord, TidRange, TransactionRecord } from '../zodb/storage.ts';
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
    let position = from;
    while (position < end) {
      const transaction = new FileTransactionRecord(window, position, end);
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

  constructor(file: Window, position: number, fileEnd: number) {
    const at = file.at(position, TRANSACTION_HEADER);
    if (at < 0) fail(file, position, 'the file ends within a transaction header');
    const header = readTransactionHeader(file.bytes, at);
    const texts = headerLength(header);
    if (header.length < texts || position + header.length + 8 > fileEnd)
      fail(file, position, `a transaction of ${header.length} bytes`);
    const body = file.at(position, texts);
    const text = (start: number, length: number): Uint8Array =>
      new Uint8Array(file.bytes.subarray(body + start, body + start + length));
    this.tid = header.tid;
    this.status = String.fromCharCode(header.status);
    this.user = text(TRANSACTION_HEADER, header.userLength);
    const description = TRANSACTION_HEADER + header.userLength;
    this.description = text(description, header.descriptionLength);
    this.extension = text(description + header.descriptionLength, header.extensionLength);
    this.position = position;
    this.end = position + header.length + 8;
    this.#file = file;
    this.#records = position + texts;
    if (header.status === STATUS.undone) this.#records = this.end - 8;
  }

  *records(): Generator<DataRecord> {
    for (const [header, position] of this.headers())
      if (header.length === 0) yield this.#backPointer(header, position);
      else
        yield {
          oid: header.oid,
          tid: header.tid,
          data: this.#data(position + DATA_HEADER, header.length),
          dataTid: undefined,
          position,
        };
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

  #backPointer({ oid, tid }: DataHeader, position: number): DataRecord {
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
    return { oid, tid, data: this.#data(target + DATA_HEADER, header.length), dataTid, position };
  }

  #data(position: number, length: number): Uint8Array {
    const data = new Uint8Array(length);
    const at = length <= this.#file.bytes.length ? this.#file.at(position, length) : -1;
    if (at < 0) this.#file.source.readInto(position, data);
    else data.set(this.#file.bytes.subarray(at, at + length));
    return data;
  }
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

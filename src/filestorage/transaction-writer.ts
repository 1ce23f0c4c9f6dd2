// Writing one transaction behind the last one. Its header says that it is unfinished until `complete` changes that one
// byte, so that the file ends before it for everyone else, and after a crash.

import type { Oid, Tid } from '../zodb/ids.ts';
import type { CommitHost } from './commit-host.ts';
import {
  DATA_HEADER,
  STATUS,
  TRANSACTION_HEADER,
  writeDataHeader,
  writeLong,
  writeTransactionHeader,
} from './format.ts';
import { Spool } from './spool.ts';
import type { Texts } from './texts.ts';

const TOGETHER = 64 * 1024;
/** The length of a transaction whose end is not known yet. */
const ENDLESS = 2 ** 52;

export class TransactionWriter {
  readonly #host: CommitHost;
  readonly #tid: Tid;
  readonly #texts: Texts;
  readonly #headerLength: number;
  readonly #spool = new Spool((piece, offset) => this.#writeAhead(piece, offset));
  /** Records of a large transaction are in the file already, behind a header that says it is unfinished. */
  #ahead = false;
  #written = false;

  constructor(host: CommitHost, texts: Texts, tid: Tid) {
    this.#host = host;
    this.#tid = tid;
    this.#texts = texts;
    this.#headerLength =
      TRANSACTION_HEADER + texts.user.length + texts.description.length + texts.extension.length;
  }

  /** Where the next record will stand. */
  get position(): number {
    return this.#host.end + this.#headerLength + this.#spool.length;
  }

  /** Where the transaction ends, its trailing length included. */
  get end(): number {
    return this.position + 8;
  }

  /** Whether anything of the transaction may be in the file. */
  get begun(): boolean {
    return this.#ahead || this.#written;
  }

  /** Adds a record with the data that `pieces` make. Throws what the system says. */
  appendData(oid: Oid, pieces: readonly Uint8Array[]): void {
    let length = 0;
    for (const piece of pieces) length += piece.length;
    this.#spool.append(this.#dataHeader(oid, length, DATA_HEADER));
    for (const piece of pieces) this.#spool.append(piece);
  }

  /** Adds a record that repeats the data of the one at `back`; 0: the object ceases to exist. Throws what the system says. */
  appendBackPointer(oid: Oid, back: number): void {
    const record = this.#dataHeader(oid, 0, DATA_HEADER + 8);
    writeLong(record, back, DATA_HEADER);
    this.#spool.append(record);
  }

  /** Fills `target` with bytes that were appended, from `position` in the file on. @throws StorageError */
  read(position: number, target: Uint8Array): void {
    const missing = this.#spool.read(position - this.#host.end - this.#headerLength, target);
    if (missing > 0) this.#host.source.readInto(position, target.subarray(0, missing));
  }

  /** Writes the transaction as an unfinished one. Throws what the system says. */
  write(): void {
    const length = this.#headerLength + this.#spool.length;
    this.#written = true;
    const records = this.#spool.whole;
    if (records !== undefined) this.#writeWhole(records, length);
    else this.#writeEnd(length);
  }

  /** Makes the written transaction a complete one, packed or not. Throws what the system says. */
  complete(status: number): void {
    this.#host.writer.write(Uint8Array.of(status), this.#host.end + 16);
    if (this.#host.fsync) this.#host.writer.sync();
  }

  #dataHeader(oid: Oid, length: number, size: number): Uint8Array {
    const record = new Uint8Array(size);
    const { end } = this.#host;
    const previous = this.#host.newest(oid);
    writeDataHeader(
      record,
      { oid, tid: this.#tid, previous, transaction: end, versionLength: 0, length },
      0,
    );
    return record;
  }

  // A transaction that is in memory goes to the system in one call, unless it is so long that joining it costs more.
  #writeWhole(records: Uint8Array, length: number): void {
    const { writer, end } = this.#host;
    this.#host.prepareTail();
    const together = length <= TOGETHER;
    const bytes = new Uint8Array(together ? length + 8 : this.#headerLength);
    this.#writeHeader(bytes, length);
    if (together) {
      bytes.set(records, this.#headerLength);
      writeLong(bytes, length, length);
    }
    writer.write(bytes, end);
    if (together) return;
    writer.write(records, end + this.#headerLength);
    this.#writeTrailer(length);
  }

  // Records that memory has no room for are written where they belong. Whoever reads the file meanwhile, or after a crash,
  // finds a transaction that is unfinished and longer than the file.
  #writeAhead(piece: Uint8Array, offset: number): void {
    const { writer, end } = this.#host;
    if (!this.#ahead) {
      this.#host.prepareTail();
      const header = new Uint8Array(this.#headerLength);
      this.#writeHeader(header, ENDLESS);
      writer.write(header, end);
      this.#ahead = true;
    }
    writer.write(piece, end + this.#headerLength + offset);
  }

  #writeEnd(length: number): void {
    this.#spool.flush();
    this.#writeTrailer(length);
    const header = new Uint8Array(this.#headerLength);
    this.#writeHeader(header, length);
    this.#host.writer.write(header, this.#host.end);
  }

  #writeTrailer(length: number): void {
    const trailer = new Uint8Array(8);
    writeLong(trailer, length, 0);
    this.#host.writer.write(trailer, this.#host.end + length);
  }

  #writeHeader(bytes: Uint8Array, length: number): void {
    const { user, description, extension } = this.#texts;
    writeTransactionHeader(
      bytes,
      {
        tid: this.#tid,
        length,
        status: STATUS.checkpoint,
        userLength: user.length,
        descriptionLength: description.length,
        extensionLength: extension.length,
      },
      0,
    );
    bytes.set(user, TRANSACTION_HEADER);
    bytes.set(description, TRANSACTION_HEADER + user.length);
    bytes.set(extension, TRANSACTION_HEADER + user.length + description.length);
  }
}

// The bytes of a FileStorage file: a magic of 4 bytes, then transaction records back to back. A transaction record is a
// header, the text fields, data records, and its length once more, so that the file can be walked from either end:
//
//   tid 8 | length 8 | status 1 | user, description, extension lengths 2 each | the three texts | data records | length 8
//
// `length` counts all but the trailing 8 bytes. A data record is a header and either data or a back pointer:
//
//   oid 8 | tid 8 | previous record of the oid 8 | its transaction 8 | version length 2 (always 0) | data length 8
//
// Data length 0 means that 8 bytes follow which say where the data are: the position of an earlier record of the oid, or
// zero where the object ceased to exist. Positions are absolute; every number is big-endian and unsigned.

import { readU32, readU64, writeU32, writeU64 } from '../zodb/bytes.ts';
import type { Oid, Tid } from '../zodb/ids.ts';

/** What stands at position 0: written by Python 3 (also ours), by Python 2, and by Zope before 2000. */
export const MAGICS = { python3: 'FS30', python2: 'FS21', versions: 'FS20' } as const;

export const MAGIC_LENGTH = 4;
export const TRANSACTION_HEADER = 23;
export const DATA_HEADER = 42;
/** The smallest distance between the starts of two transactions: a header and the trailing length. */
export const SMALLEST_TRANSACTION: number = TRANSACTION_HEADER + 8;

export const STATUS = {
  complete: 0x20,
  packed: 0x70,
  /** Voted, but not finished: the file ends before it. */
  checkpoint: 0x63,
  /** Undone in place by a ZODB of long ago: skipped. */
  undone: 0x75,
} as const;

/** A field of 8 bytes as a number; inexact from 2^53 on, where no file reaches. */
export function readLong(bytes: Uint8Array, offset: number): number {
  return readU32(bytes, offset) * 0x1_0000_0000 + readU32(bytes, offset + 4);
}

/** Writes a number below 2^53 as 8 bytes. */
export function writeLong(bytes: Uint8Array, value: number, offset: number): void {
  writeU32(bytes, Math.floor(value / 0x1_0000_0000), offset);
  writeU32(bytes, value >>> 0, offset + 4);
}

export interface TransactionHeader {
  readonly tid: Tid;
  /** Bytes of the record without the trailing length. */
  readonly length: number;
  /** One of STATUS, or damage. */
  readonly status: number;
  readonly userLength: number;
  readonly descriptionLength: number;
  readonly extensionLength: number;
}

export function readTransactionHeader(bytes: Uint8Array, offset: number): TransactionHeader {
  return {
    tid: readU64(bytes, offset) as Tid,
    length: readLong(bytes, offset + 8),
    status: bytes[offset + 16] as number,
    userLength: readU16(bytes, offset + 17),
    descriptionLength: readU16(bytes, offset + 19),
    extensionLength: readU16(bytes, offset + 21),
  };
}

export function writeTransactionHeader(
  bytes: Uint8Array,
  header: TransactionHeader,
  offset: number,
): void {
  writeU64(bytes, header.tid, offset);
  writeLong(bytes, header.length, offset + 8);
  bytes[offset + 16] = header.status;
  writeU16(bytes, header.userLength, offset + 17);
  writeU16(bytes, header.descriptionLength, offset + 19);
  writeU16(bytes, header.extensionLength, offset + 21);
}

/** Where the data records begin, counted from the start of the transaction. */
export function headerLength(header: TransactionHeader): number {
  return TRANSACTION_HEADER + header.userLength + header.descriptionLength + header.extensionLength;
}

export interface DataHeader {
  readonly oid: Oid;
  readonly tid: Tid;
  /** Position of the previous record of this oid, 0 if there is none. */
  readonly previous: number;
  /** Position of the transaction that this record stands in. */
  readonly transaction: number;
  readonly versionLength: number;
  /** 0: a back pointer follows instead of data. */
  readonly length: number;
}

export function readDataHeader(bytes: Uint8Array, offset: number): DataHeader {
  return {
    oid: readU64(bytes, offset) as Oid,
    tid: readU64(bytes, offset + 8) as Tid,
    previous: readLong(bytes, offset + 16),
    transaction: readLong(bytes, offset + 24),
    versionLength: readU16(bytes, offset + 32),
    length: readLong(bytes, offset + 34),
  };
}

export function writeDataHeader(bytes: Uint8Array, header: DataHeader, offset: number): void {
  writeU64(bytes, header.oid, offset);
  writeU64(bytes, header.tid, offset + 8);
  writeLong(bytes, header.previous, offset + 16);
  writeLong(bytes, header.transaction, offset + 24);
  writeU16(bytes, header.versionLength, offset + 32);
  writeLong(bytes, header.length, offset + 34);
}

export function readU16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
}

function writeU16(bytes: Uint8Array, value: number, offset: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

// Opening without trust: a walk over the transactions of the file that builds the index, and tells a torn end, which is
// what a crash leaves and is not part of the database, from damage, which is an error. Rules and order are Python's.

import { readU32, readU64 } from '../zodb/bytes.ts';
import { CorruptedDataError } from '../zodb/errors.ts';
import { formatId, type Tid } from '../zodb/ids.ts';
import type { Finding } from '../zodb/storage.ts';
import {
  DATA_HEADER,
  readLong,
  readTransactionHeader,
  readU16,
  SMALLEST_TRANSACTION,
  STATUS,
  TRANSACTION_HEADER,
} from './format.ts';
import type { IndexMap } from './index-map.ts';
import type { Window } from './source.ts';

/** What stands behind the last good transaction. */
export type Tail =
  /** The first bytes of a header. */
  | 'torn header'
  /** A record that the file does not hold to its end. */
  | 'incomplete transaction'
  /** A transaction that was voted, but not finished. */
  | 'unfinished transaction'
  /** Bytes that were never a transaction. */
  | 'junk';

export interface ScanResult {
  /** Where the last good transaction ends. */
  readonly end: number;
  readonly lastTid: Tid;
  readonly tail: Tail | undefined;
  /** Whether a complete transaction stands behind the tail: then it is no end, but damage. */
  readonly followed: boolean;
  readonly findings: readonly Finding[];
}

const FINDINGS_KEPT = 1000;
/** What a record of a version has behind its header: two positions, then the name of the version. */
const VERSION_POINTERS = 16;
/** Other objects can be read; asking for this one is an error. */
export const VERSION_FOUND = 'a data record of a version; versions are not supported';

/**
 * Reads the transactions from `start` on and puts the position of each record into `index`. `lastTid` is the tid of the
 * transaction before, `size` where the file ends.
 * @throws CorruptedDataError where the file contradicts itself before its end
 */
export function scan(
  file: Window,
  start: number,
  lastTid: Tid,
  index: IndexMap,
  size: number = file.source.size,
): ScanResult {
  const findings: Finding[] = [];
  const reserve = (position: number): void =>
    reserveFor(index, (position - start) / (size - start));
  const found = (position: number, message: string): void => {
    if (findings.length < FINDINGS_KEPT) findings.push({ position, message, damage: true });
  };
  let tid = lastTid;
  let position = start;
  let tail: Tail | undefined;
  while (position < size) {
    const at = file.at(position, TRANSACTION_HEADER);
    if (at < 0) {
      tail = 'torn header';
      break;
    }
    const bytes = file.bytes;
    const nextTid = readU64(bytes, at) as Tid;
    const length = readLong(bytes, at + 8);
    const status = bytes[at + 16] as number;
    const header =
      TRANSACTION_HEADER +
      readU16(bytes, at + 17) +
      readU16(bytes, at + 19) +
      readU16(bytes, at + 21);
    if (position + length + 8 > size || status === STATUS.checkpoint) {
      tail = status === STATUS.checkpoint ? 'unfinished transaction' : 'incomplete transaction';
      break;
    }
    if (length < header) {
      if (!isJunk(file, position))
        fail(file, position, `a transaction of ${length} bytes, shorter than its header`);
      tail = 'junk';
      break;
    }
    if (nextTid <= tid)
      found(position, `tid ${formatId(nextTid)} does not follow ${formatId(tid)}`);
    const end = position + length;
    if (status !== STATUS.undone) {
      if (status !== STATUS.complete && status !== STATUS.packed)
        found(position, `unknown status byte ${status}`);
      scanRecords(file, position, position + header, end, status, index, reserve, found);
    }
    const trailer = file.at(end, 8);
    if (trailer < 0 || readLong(file.bytes, trailer) !== length)
      fail(file, end, 'the length after the transaction differs from the one in its header');
    tid = nextTid;
    position = end + 8;
    index.end = position;
  }
  index.end = position;
  index.trim();
  const followed = tail !== undefined && endsInTransaction(file, position, tid);
  if (tail !== undefined) {
    const what = followed ? 'although complete transactions follow' : 'which is not read';
    found(position, `${tail} of ${size - position} bytes, ${what}`);
  }
  return { end: position, lastTid: tid, tail, followed, findings };
}

// Where a part of the file has filled the index, the rest will need as much for its length: moving everything once is
// better than many times. Not beyond all bounds, since objects may also have many records.
function reserveFor(index: IndexMap, done: number): void {
  if (done > 0.001) index.reserve(Math.min(index.count / done, index.count * 16) * 1.02);
}

function scanRecords(
  file: Window,
  transaction: number,
  start: number,
  end: number,
  status: number,
  index: IndexMap,
  reserve: (position: number) => void,
  found: (position: number, message: string) => void,
): void {
  let position = start;
  while (position < end) {
    const at = file.at(position, DATA_HEADER);
    if (at < 0 || position + DATA_HEADER > end)
      fail(file, position, 'a data record that goes beyond its transaction');
    const bytes = file.bytes;
    const previous = readLong(bytes, at + 16);
    const version = readU16(bytes, at + 32);
    if (readLong(bytes, at + 24) !== transaction)
      fail(
        file,
        position,
        `a data record that does not belong to its transaction (${transaction})`,
      );
    const data = readLong(bytes, at + 34) || 8;
    const next = position + DATA_HEADER + (version === 0 ? 0 : VERSION_POINTERS + version) + data;
    if (version !== 0 && next <= end) found(position, VERSION_FOUND);
    if (next > end) fail(file, position, 'a data record that goes beyond its transaction');
    if (index.full) reserve(position);
    const known = index.put(readU32(bytes, at), readU32(bytes, at + 4), position);
    if (known !== previous && !explained(file, known, previous, transaction, status))
      found(position, `previous record of the object said to be at ${previous}`);
    position = next;
  }
}

// Whether a record may say that `previous` precedes it, although the index says `known`.
function explained(
  file: Window,
  known: number,
  previous: number,
  transaction: number,
  status: number,
): boolean {
  // Packing keeps two revisions of an object at times, and gives none of them a previous one.
  if (previous === 0 && status === STATUS.packed) return true;
  // Records of one oid in one transaction carry the same `previous`.
  return known >= transaction && previousAt(file, known) === previous;
}

function previousAt(file: Window, position: number): number {
  const at = file.at(position, DATA_HEADER);
  return at < 0 ? -1 : readLong(file.bytes, at + 16);
}

// Whether the file's last 8 bytes rule out that a transaction ends there: then what begins at `position` is no damaged
// transaction, but bytes that something else left behind.
function isJunk(file: Window, position: number): boolean {
  const at = file.at(file.source.size - 8, 8);
  const length = readLong(file.bytes, at);
  return file.source.size - length < position || length < TRANSACTION_HEADER;
}

// Whether the file's last 8 bytes lead to a complete transaction after `end`.
function endsInTransaction(file: Window, end: number, lastTid: Tid): boolean {
  const size = file.source.size;
  if (size < end + SMALLEST_TRANSACTION) return false;
  const trailer = file.at(size - 8, 8);
  if (trailer < 0) return false;
  const length = readLong(file.bytes, trailer);
  const start = size - 8 - length;
  if (length < TRANSACTION_HEADER || start <= end) return false;
  const at = file.at(start, TRANSACTION_HEADER);
  if (at < 0) return false;
  const header = readTransactionHeader(file.bytes, at);
  const complete = header.status === STATUS.complete || header.status === STATUS.packed;
  return complete && header.length === length && header.tid > lastTid;
}

function fail(file: Window, position: number, message: string): never {
  throw new CorruptedDataError(message, { file: file.source.file, position });
}

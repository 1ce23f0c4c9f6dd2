// The bytes of the `.index` file beside a data file: a sequence of pickles. First the position up to which the index
// covers the data file; then, for each prefix of 6 bytes that oids share, a pair of that prefix and one string, which
// holds the n oid endings of 2 bytes in ascending order and then their n positions of 6 bytes; then None.
//
// Python 3 writes strings as bytes opcodes, Python 2 as `str`; both may memoise or mark. Whatever else a pickle can say
// has no place here, unless the file is of an old form (index-file-old.ts), and makes it unreadable: that costs a scan of
// the data file and nothing more.

import { readU32, writeU32 } from '../zodb/bytes.ts';
import { FormatError } from '../zodb/errors.ts';
import { readU16 } from './format.ts';
import { type BucketAt, checkEntries, type IndexInput, SMALLEST_BUCKET } from './index-buckets.ts';
import { readOldIndexFile } from './index-file-old.ts';
import { IndexMap } from './index-map.ts';

const PREFIX = 6;
const SUFFIX = 2;
const ENTRY = 8;
const TWO_32 = 0x1_0000_0000;

/** Strings from this length on are not read before they are needed; others come with what follows them. */
const LONG = 32 * 1024;
const PIECE = 64 * 1024;
/** What stands between two strings is shorter. */
const BETWEEN = 64;

export interface IndexFile {
  readonly index: IndexMap;
  /** Whether it is of the form that is written today. */
  readonly present: boolean;
}

/**
 * Reads an index file. Its `end` is the position it covers. Where most of the file are buckets worth keeping, they become
 * part of the map as they stand; they are looked at, and those of an IndexInput read, when they are needed.
 * @throws FormatError, CorruptedDataError, PickleError
 */
export function readIndexFile(file: Uint8Array | IndexInput): IndexFile {
  const input = file instanceof Uint8Array ? wholly(file) : file;
  const { bytes } = input;
  const reader = new IndexReader(input, file instanceof Uint8Array);
  const end = reader.integer();
  if (end === undefined) {
    input.fill(0, bytes.length);
    input.close();
    return { index: readOldIndexFile(bytes, putPairs), present: false };
  }
  const buckets: BucketAt[] = [];
  const others: BucketAt[] = [];
  let kept = 0;
  let last = -1;
  for (let pair = reader.pair(); pair !== undefined; pair = reader.pair()) {
    if (pair.prefix <= last) throw new FormatError('an index file whose oids are not in order');
    last = pair.prefix;
    if (pair.count >= SMALLEST_BUCKET) {
      buckets.push(pair);
      kept += pair.count * ENTRY;
    } else others.push(pair);
  }
  const worth = kept > bytes.length / 2;
  const index = worth
    ? IndexMap.ofFile(input, buckets, end)
    : new IndexMap(Math.floor(bytes.length / ENTRY / 2));
  for (const bucket of worth ? others : [...buckets, ...others]) {
    const { start, count, read } = bucket;
    if (!read) input.fill(start, start + count * ENTRY);
    checkEntries(bytes, start, count, end);
    putBucket(index, bytes, bucket);
  }
  if (!worth) input.close();
  index.end = end;
  return { index, present: true };
}

function wholly(bytes: Uint8Array): IndexInput {
  return { bytes, fill: () => undefined, close: () => undefined };
}

function putBucket(
  index: IndexMap,
  bytes: Uint8Array,
  { prefix, start, count }: Omit<BucketAt, 'read'>,
): void {
  const high = Math.floor(prefix / 0x1_0000);
  const middle = (prefix % 0x1_0000) * 0x1_0000;
  let at = start + count * SUFFIX;
  for (let i = 0; i < count; i++, at += PREFIX)
    index.put(
      high,
      middle + readU16(bytes, start + i * SUFFIX),
      readU16(bytes, at) * TWO_32 + readU32(bytes, at + SUFFIX),
    );
}

function putPairs(index: IndexMap, prefix: Uint8Array, entries: Uint8Array): void {
  const count = entries.length / ENTRY;
  if (!Number.isInteger(count) || prefix.length !== PREFIX)
    throw new FormatError('not an index file');
  checkEntries(entries, 0, count, index.end);
  putBucket(index, entries, { prefix: readPrefix(prefix, 0), start: 0, count });
}

function readPrefix(bytes: Uint8Array, offset: number): number {
  return readU32(bytes, offset) * 0x1_0000 + readU16(bytes, offset + 4);
}

/** The opcodes of strings below 256 bytes, and of others. */
const STRINGS = { python3: [0x43, 0x42], python2: [0x55, 0x54] } as const;

/**
 * The bytes of an index file that covers the data file up to `index.end`, in pieces, as that Python writes them. Pieces are
 * valid until the next one is asked for.
 */
export function* writeIndexFile(
  index: IndexMap,
  dialect: keyof typeof STRINGS = 'python3',
): Generator<Uint8Array> {
  yield pickled(writeInteger(index.end));
  for (const [prefix, entries] of index.entries()) {
    yield beforeEntries(prefix, entries.length, STRINGS[dialect]);
    yield entries;
    yield AFTER_ENTRIES;
  }
  yield pickled(Uint8Array.of(0x4e));
}

// The part of a pair up to its entries; they are not copied.
function beforeEntries(
  prefix: number,
  length: number,
  [short, long]: readonly [number, number],
): Uint8Array {
  const bytes = new Uint8Array(4 + PREFIX + (length < 256 ? 2 : 5));
  bytes[0] = 0x80;
  bytes[1] = 3;
  bytes[2] = short;
  bytes[3] = PREFIX;
  writeU16(bytes, Math.floor(prefix / TWO_32), 4);
  writeU32(bytes, prefix % TWO_32, 6);
  if (length < 256) {
    bytes[10] = short;
    bytes[11] = length;
  } else {
    bytes[10] = long;
    bytes.set(little(length, 4), 11);
  }
  return bytes;
}

const AFTER_ENTRIES = Uint8Array.of(0x86, 0x2e);

function writeInteger(value: number): Uint8Array {
  if (value < 0x100) return Uint8Array.of(0x4b, value);
  if (value < 0x1_0000) return Uint8Array.of(0x4d, value, value >>> 8);
  if (value < 0x8000_0000) return Uint8Array.of(0x4a, ...little(value, 4));
  const bytes = little(value, 4);
  for (let rest = Math.floor(value / TWO_32); rest > 0; rest >>>= 8) bytes.push(rest & 0xff);
  if ((bytes[bytes.length - 1] as number) >= 0x80) bytes.push(0);
  return Uint8Array.of(0x8a, bytes.length, ...bytes);
}

function little(value: number, length: number): number[] {
  return Array.from({ length }, (_, i) => (value >>> (8 * i)) & 0xff);
}

function pickled(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 3);
  bytes.set([0x80, 3]);
  bytes.set(body, 2);
  bytes[bytes.length - 1] = 0x2e;
  return bytes;
}

function writeU16(bytes: Uint8Array, value: number, offset: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

// A walk over the few opcodes that index files are made of.
class IndexReader {
  readonly #input: IndexInput;
  readonly #bytes: Uint8Array;
  #at = 0;
  #stringStart = 0;
  // What stands before this was read, but for long strings.
  #filled: number;
  #stringRead = true;

  constructor(input: IndexInput, filled: boolean) {
    this.#input = input;
    this.#bytes = input.bytes;
    this.#filled = filled ? this.#bytes.length : 0;
  }

  // Has the next `length` bytes read.
  #ready(length: number): void {
    if (this.#at + length <= this.#filled) return;
    const end = Math.min(this.#bytes.length, this.#at + length + PIECE);
    this.#input.fill(Math.max(this.#at, this.#filled), end);
    this.#filled = end;
  }

  #fail(): never {
    throw new FormatError('not an index file', { position: this.#at });
  }

  /** A pickle of one integer; `undefined` for one of something else. */
  integer(): number | undefined {
    this.#protocol();
    const value = this.#integerOf(this.#byte());
    if (value !== undefined && this.#byte() !== 0x2e) this.#fail();
    return value;
  }

  /** A pickle of a pair, or `undefined` for the one that ends the file. */
  pair(): BucketAt | undefined {
    this.#protocol();
    let opcode = this.#byte();
    if (opcode === 0x4e || this.#integerOf(opcode) === 0) return undefined;
    const marked = opcode === 0x28;
    if (marked) opcode = this.#byte();
    if (this.#string(opcode) !== PREFIX) this.#fail();
    const prefix = readPrefix(this.#bytes, this.#stringStart);
    const count = this.#string(this.#byte()) / ENTRY;
    const start = this.#stringStart;
    const read = this.#stringRead;
    if (!Number.isInteger(count) || this.#byte() !== (marked ? 0x74 : 0x86)) this.#fail();
    this.#skipPut();
    if (this.#byte() !== 0x2e) this.#fail();
    return { prefix, start, count, read };
  }

  #protocol(): void {
    this.#ready(BETWEEN);
    if (this.#bytes[this.#at] === 0x80) this.#at += 2;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    return byte ?? this.#fail();
  }

  #integerOf(opcode: number): number | undefined {
    if (opcode === 0x4b) return this.#little(1);
    if (opcode === 0x4d) return this.#little(2);
    if (opcode === 0x4a) return this.#little(4);
    if (opcode === 0x8a) return this.#little(this.#byte());
    if (opcode === 0x49 || opcode === 0x4c) return this.#decimal();
    return undefined;
  }

  #little(length: number): number {
    let value = 0;
    for (let i = 0; i < length; i++) value += this.#byte() * 2 ** (8 * i);
    if (value > Number.MAX_SAFE_INTEGER) this.#fail();
    return value;
  }

  #decimal(): number {
    let text = '';
    for (let byte = this.#byte(); byte !== 0x0a; byte = this.#byte()) {
      if (text.length > 20) this.#fail();
      text += String.fromCharCode(byte);
    }
    const value = Number(text.replace(/L$/, ''));
    return Number.isSafeInteger(value) ? value : this.#fail();
  }

  // The length of a string, which begins at `#stringStart`.
  #string(opcode: number): number {
    const short = opcode === 0x43 || opcode === 0x55;
    if (!short && opcode !== 0x42 && opcode !== 0x54 && opcode !== 0x58) this.#fail();
    const length = this.#little(short ? 1 : 4);
    this.#stringStart = this.#at;
    if (this.#at + length > this.#bytes.length) this.#fail();
    if (length < LONG) this.#ready(length + BETWEEN);
    this.#stringRead = this.#at + length <= this.#filled;
    this.#at += length;
    this.#ready(BETWEEN);
    this.#skipPut();
    return length;
  }

  #skipPut(): void {
    const opcode = this.#bytes[this.#at];
    if (opcode === 0x71) this.#at += 2;
    else if (opcode === 0x72) this.#at += 5;
  }
}

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
import { readOldIndexFile } from './index-file-old.ts';
import { IndexMap } from './index-map.ts';

const PREFIX = 6;
const SUFFIX = 2;
const ENTRY = 8;

/** Reads an index file. Its `end` is the position it covers. @throws FormatError, PickleError */
export function readIndexFile(bytes: Uint8Array): IndexMap {
  const reader = new IndexReader(bytes);
  const end = reader.integer();
  if (end === undefined) return readOldIndexFile(bytes, putPairs);
  const index = new IndexMap(Math.floor(bytes.length / ENTRY));
  index.end = end;
  for (let pair = reader.pair(); pair !== undefined; pair = reader.pair()) {
    putPairs(index, pair.prefix, pair.entries);
  }
  return index;
}

function putPairs(index: IndexMap, prefix: Uint8Array, entries: Uint8Array): void {
  const count = entries.length / ENTRY;
  if (!Number.isInteger(count) || prefix.length !== PREFIX)
    throw new FormatError('not an index file');
  const high = readU32(prefix, 0);
  const middle = readU16(prefix, 4);
  for (let i = 0; i < count; i++) {
    const at = count * SUFFIX + i * PREFIX;
    index.put(
      high,
      ((middle << 16) | readU16(entries, i * SUFFIX)) >>> 0,
      readU16(entries, at) * 0x1_0000_0000 + readU32(entries, at + SUFFIX),
    );
  }
}

/** The opcodes of strings below 256 bytes, and of others. */
const STRINGS = { python3: [0x43, 0x42], python2: [0x55, 0x54] } as const;

/** The bytes of an index file that covers the data file up to `index.end`, in pieces, as that Python writes them. */
export function* writeIndexFile(
  index: IndexMap,
  dialect: keyof typeof STRINGS = 'python3',
): Generator<Uint8Array> {
  yield pickled(writeInteger(index.end));
  const oids = sortedOids(index);
  for (let start = 0; start < oids.length; ) {
    const prefix = (oids[start] as bigint) >> 16n;
    let stop = start + 1;
    while (stop < oids.length && (oids[stop] as bigint) >> 16n === prefix) stop++;
    yield pickled(writePair(index, oids.subarray(start, stop), STRINGS[dialect]));
    start = stop;
  }
  yield pickled(Uint8Array.of(0x4e));
}

function sortedOids(index: IndexMap): BigUint64Array {
  const oids = new BigUint64Array(index.count);
  let i = 0;
  index.forEach((high, low) => {
    oids[i++] = (BigInt(high) << 32n) | BigInt(low);
  });
  return oids.sort();
}

function writePair(
  index: IndexMap,
  oids: BigUint64Array,
  [short, long]: readonly [number, number],
): Uint8Array {
  const length = oids.length * ENTRY;
  const opcode = length < 256 ? 2 : 5;
  const bytes = new Uint8Array(2 + PREFIX + opcode + length + 1);
  bytes.set([short, PREFIX]);
  const first = oids[0] as bigint;
  writeU16(bytes, Number(first >> 48n), 2);
  writeU32(bytes, Number((first >> 16n) & 0xffff_ffffn), 4);
  const blob = 2 + PREFIX + opcode;
  bytes[2 + PREFIX] = length < 256 ? short : long;
  if (length < 256) bytes[3 + PREFIX] = length;
  else bytes.set([length, length >>> 8, length >>> 16, length >>> 24], 3 + PREFIX);
  oids.forEach((oid, i) => {
    const high = Number(oid >> 32n);
    const low = Number(oid & 0xffff_ffffn);
    const position = index.find(high, low);
    writeU16(bytes, low & 0xffff, blob + i * SUFFIX);
    const at = blob + oids.length * SUFFIX + i * PREFIX;
    writeU16(bytes, Math.floor(position / 0x1_0000_0000), at);
    writeU32(bytes, position >>> 0, at + SUFFIX);
  });
  bytes[bytes.length - 1] = 0x86;
  return bytes;
}

function writeInteger(value: number): Uint8Array {
  if (value < 0x100) return Uint8Array.of(0x4b, value);
  if (value < 0x1_0000) return Uint8Array.of(0x4d, value, value >>> 8);
  const little = [value, value >>> 8, value >>> 16, value >>> 24].map((byte) => byte & 0xff);
  if (value < 0x8000_0000) return Uint8Array.of(0x4a, ...little);
  for (let rest = Math.floor(value / 0x1_0000_0000); rest > 0; rest >>>= 8)
    little.push(rest & 0xff);
  if ((little[little.length - 1] as number) >= 0x80) little.push(0);
  return Uint8Array.of(0x8a, little.length, ...little);
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
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
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
  pair(): { prefix: Uint8Array; entries: Uint8Array } | undefined {
    this.#protocol();
    let opcode = this.#byte();
    if (opcode === 0x4e || this.#integerOf(opcode) === 0) return undefined;
    const marked = opcode === 0x28;
    if (marked) opcode = this.#byte();
    const prefix = this.#string(opcode);
    const entries = this.#string(this.#byte());
    if (this.#byte() !== (marked ? 0x74 : 0x86)) this.#fail();
    this.#skipPut();
    if (this.#byte() !== 0x2e) this.#fail();
    return { prefix, entries };
  }

  #protocol(): void {
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

  #string(opcode: number): Uint8Array {
    const short = opcode === 0x43 || opcode === 0x55;
    if (!short && opcode !== 0x42 && opcode !== 0x54 && opcode !== 0x58) this.#fail();
    const length = this.#little(short ? 1 : 4);
    const start = this.#at;
    if (start + length > this.#bytes.length) this.#fail();
    this.#at += length;
    this.#skipPut();
    return this.#bytes.subarray(start, start + length);
  }

  #skipPut(): void {
    const opcode = this.#bytes[this.#at];
    if (opcode === 0x71) this.#at += 2;
    else if (opcode === 0x72) this.#at += 5;
  }
}

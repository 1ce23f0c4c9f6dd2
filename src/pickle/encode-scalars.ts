// How the encoder writes what holds nothing else: numbers, text, bytes, oids. The caller has made room for 16 bytes.

import { writeGet, writePut } from './encode-containers.ts';
import { FULLY_HASHED, textHash } from './encoder-tables.ts';
import type { Encoder } from './frames.ts';
import { integerBytes } from './integer.ts';
import {
  BINBYTES,
  BINFLOAT,
  BININT,
  BININT1,
  BININT2,
  BINUNICODE,
  EXT1,
  EXT2,
  EXT4,
  LONG1,
  LONG4,
  SHORT_BINBYTES,
} from './opcodes.ts';
import type { Output } from './output.ts';
import { oidOf } from './reference.ts';
import { utf8Bound, writeUtf8 } from './text.ts';
import type { PyFloat } from './values.ts';

/** An int that is a safe integer. */
export function writeInt(out: Output, value: number): void {
  if (value >= 0 && value < 256) {
    out.byte(BININT1);
    out.byte(value);
  } else if (value >= 0 && value < 65536) {
    out.byte(BININT2);
    out.byte(value);
    out.byte(value >> 8);
  } else if ((value | 0) === value) out.op32(BININT, value);
  else writeWhole(out, value);
}

/** LONG1 of a safe integer beyond 32 bits. */
function writeWhole(out: Output, value: number): void {
  const { bytes } = out;
  const start = out.position;
  let at = start + 2;
  let rest = value;
  let byte = 0;
  do {
    const next = Math.floor(rest / 256);
    byte = rest - next * 256;
    bytes[at++] = byte;
    rest = next;
  } while (rest !== 0 && rest !== -1);
  // a byte more where the highest bit is not that of the sign
  if (byte > 0x7f !== rest < 0) bytes[at++] = rest & 0xff;
  bytes[start] = LONG1;
  bytes[start + 1] = at - start - 2;
  out.position = at;
}

export function writeBigInt(out: Output, value: bigint): void {
  if (value >= -0x8000_0000n && value < 0x8000_0000n) writeInt(out, Number(value));
  else writeLong(out, value);
}

function writeLong(out: Output, value: bigint): void {
  const bytes = integerBytes(value);
  out.reserve(8);
  out.indexed(LONG1, LONG4, bytes.length);
  out.raw(bytes);
}

export function writeFloat(out: Output, value: number): void {
  out.byte(BINFLOAT);
  out.view.setFloat64(out.position, value);
  out.position += 8;
}

export function writePyFloat(out: Output, { value, bits }: PyFloat): true {
  writeFloat(out, value);
  if (bits !== undefined) out.view.setBigUint64(out.position - 8, bits);
  return true;
}

export function writeExtension(out: Output, code: number): void {
  if (code < 256) out.indexed(EXT1, EXT4, code);
  else if (code < 65536) {
    out.byte(EXT2);
    out.byte(code);
    out.byte(code >> 8);
  } else out.op32(EXT4, code);
}

/** A `str`. */
export function writeText(encoder: Encoder, value: string): void {
  const { out, memo } = encoder;
  const { length } = value;
  out.reserve(FULLY_HASHED + 16);
  const start = out.position;
  if (length <= FULLY_HASHED) {
    const { bytes } = out;
    const at = start + 5;
    let hash = 0;
    let i = 0;
    for (; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) break;
      bytes[at + i] = unit;
      hash = (Math.imul(hash, 31) + unit) | 0;
    }
    if (i === length) {
      const number = memo.findOrAddText(value, hash);
      if (number < 0) {
        bytes[start] = BINUNICODE;
        bytes[start + 1] = length;
        bytes[start + 2] = 0;
        bytes[start + 3] = 0;
        bytes[start + 4] = 0;
        out.position = at + length;
        writePut(encoder, ~number);
      } else writeGet(encoder, number);
      return;
    }
  }
  const number = memo.findOrAddText(value, textHash(value));
  if (number < 0) {
    writeUnicode(out, value);
    writePut(encoder, ~number);
  } else writeGet(encoder, number);
}

/** BINUNICODE, without looking for it in the memo. Leaves room for 16 bytes. */
export function writeUnicode(out: Output, value: string): void {
  out.reserve(utf8Bound(value) + 21);
  const start = out.position;
  out.position = writeUtf8(out.bytes, value, start + 5);
  out.bytes[start] = BINUNICODE;
  out.view.setUint32(start + 1, out.position - start - 5, true);
}

/** Bytes; of length 8 inside a persistent id they are an oid. */
export function writeBytes(encoder: Encoder, value: Uint8Array, inPid: boolean): true {
  const { out, memo } = encoder;
  if (inPid && value.length === 8) return writeOid(encoder, oidOf(value) as bigint);
  const key = value.length > 1 ? value : shortBytesKey(value);
  const known = memo.object(key);
  if (known !== undefined) {
    writeGet(encoder, known);
    return true;
  }
  out.reserve(16);
  out.indexed(SHORT_BINBYTES, BINBYTES, value.length);
  out.raw(value);
  writePut(encoder, memo.addObject(key));
  return true;
}

// Python has one object for each bytes of length 0 and 1, so the memo knows them by an object for each.
const SHORT_BYTES: readonly object[] = Array.from({ length: 257 }, () => ({}));

function shortBytesKey(value: Uint8Array): object {
  return SHORT_BYTES[value.length === 0 ? 256 : (value[0] as number)] as object;
}

/** An oid in a persistent id. Python has one bytes object for each target, so equal ones are written once. */
export function writeOid(encoder: Encoder, oid: bigint): true {
  const { out } = encoder;
  out.reserve(32);
  const start = out.position;
  out.view.setBigUint64(start + 2, oid);
  const number = encoder.memo.findOrAddOid(
    out.view.getInt32(start + 2),
    out.view.getInt32(start + 6),
  );
  if (number < 0) {
    out.bytes[start] = SHORT_BINBYTES;
    out.bytes[start + 1] = 8;
    out.position = start + 10;
    writePut(encoder, ~number);
  } else writeGet(encoder, number);
  return true;
}

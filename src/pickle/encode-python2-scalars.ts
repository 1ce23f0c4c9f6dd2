// Numbers, text and bytes as Python 2 writes them.

import { writeGet, writePut } from './encode-containers.ts';
import { writeBigInt, writeFloat, writeInt, writeUnicode } from './encode-scalars.ts';
import type { Encoder } from './frames.ts';
import { integerBytes } from './integer.ts';
import type { Python2Writer } from './kinds.ts';
import {
  BINBYTES,
  BINSTRING,
  INT,
  LONG,
  LONG1,
  LONG4,
  NEWFALSE,
  NEWTRUE,
  SHORT_BINBYTES,
  SHORT_BINSTRING,
} from './opcodes.ts';
import type { Output } from './output.ts';
import { oidOf } from './reference.ts';
import { BINARY, LONG as LONG_KIND, type ScalarKind, STR, UNICODE } from './scalar-kinds.ts';
import { latin1Bytes } from './text.ts';

const NOT_ASCII = /[^\0-\x7f]/;

export function writeBoolean(out: Output, value: boolean, { protocol }: Python2Writer): void {
  if (protocol === 1) writeLine(out, INT, value ? '01' : '00');
  else out.byte(value ? NEWTRUE : NEWFALSE);
}

/** A float, or a whole number that is an `int` or, by its kind, a `long`. */
export function writeNumber(
  out: Output,
  value: number,
  isFloat: boolean,
  kind: ScalarKind,
  writer: Python2Writer,
): void {
  if (isFloat) writeFloat(out, value);
  else if (kind === LONG_KIND) writeLong(out, BigInt(value), writer);
  else if ((value | 0) === value) writeInt(out, value);
  else writeLine(out, INT, String(value));
}

export function writeWhole(
  out: Output,
  value: bigint,
  kind: ScalarKind,
  writer: Python2Writer,
): void {
  if (kind === LONG_KIND || BigInt.asIntN(64, value) !== value) writeLong(out, value, writer);
  else if (BigInt.asIntN(32, value) === value) writeBigInt(out, value);
  else writeLine(out, INT, String(value));
}

function writeLine(out: Output, code: number, digits: string): void {
  out.reserve(digits.length + 18);
  out.byte(code);
  for (let i = 0; i < digits.length; i++) out.byte(digits.charCodeAt(i));
  out.byte(0x0a);
}

function writeLong(out: Output, value: bigint, { protocol }: Python2Writer): void {
  if (protocol === 1) {
    writeLine(out, LONG, `${value}L`);
    return;
  }
  const bytes = integerBytes(value);
  out.indexed(LONG1, LONG4, bytes.length);
  out.raw(bytes);
}

/** Text, as `str` or `unicode`: by its kind, else `str` if it is ASCII. */
export function writeString(
  encoder: Encoder,
  value: string,
  kind: ScalarKind,
  writer: Python2Writer,
): void {
  if (kind !== UNICODE && !NOT_ASCII.test(value)) writeStr(encoder, value, value, writer);
  else {
    const bytes = kind === STR ? bytesOf(value, writer) : undefined;
    if (bytes === undefined) writeUnicodeOnce(encoder, value);
    else writeStr(encoder, value, bytes, writer);
  }
}

/** The bytes of what was a `str` beyond ASCII; undefined where text took its place that has none. */
function bytesOf(text: string, { strings }: Python2Writer): Uint8Array | undefined {
  if (strings === 'utf8') return new TextEncoder().encode(text);
  return strings === 'latin1' ? latin1Bytes(text) : undefined;
}

/** Whether text has more than one character, as Python counts them: shorter text has no place in the memo. */
export function isLonger(text: string): boolean {
  const { length } = text;
  return length > 2 || (length === 2 && (text.codePointAt(0) as number) < 0x10000);
}

function writeUnicodeOnce(encoder: Encoder, value: string): void {
  const { out, memo } = encoder;
  const hasPut = isLonger(value);
  const known = hasPut ? memo.text(value) : undefined;
  if (known !== undefined) {
    writeGet(encoder, known);
    return;
  }
  writeUnicode(out, value);
  if (hasPut) writePut(encoder, memo.addText(value));
}

/** A `str` of ASCII text, or of these bytes, which is known in the memo as `text`. */
function writeStr(
  encoder: Encoder,
  text: string,
  bytes: string | Uint8Array,
  { putsAll }: Python2Writer,
): void {
  const { out, memo } = encoder;
  const { length } = bytes;
  const hasPut = length > 1 || (length === 0 && putsAll);
  // apart from the unicode of the same text
  const known = hasPut ? memo.text(`\0${text}`) : undefined;
  if (known !== undefined) {
    writeGet(encoder, known);
    return;
  }
  out.indexed(SHORT_BINSTRING, BINSTRING, length);
  if (typeof bytes === 'string') {
    out.reserve(length + 16);
    for (let i = 0; i < length; i++) out.byte(bytes.charCodeAt(i));
  } else out.raw(bytes);
  if (hasPut) writePut(encoder, memo.addText(`\0${text}`));
}

/** Bytes: a `str` or, by their kind, zodbpickle's `binary`. */
export function writePython2Bytes(
  encoder: Encoder,
  value: Uint8Array,
  kind: ScalarKind,
  inPid: boolean,
  writer: Python2Writer,
): void {
  const { out, memo } = encoder;
  if (inPid && value.length === 8) writePython2Oid(encoder, oidOf(value) as bigint, writer);
  else if (kind === BINARY && writer.protocol === 3) {
    out.indexed(SHORT_BINBYTES, BINBYTES, value.length);
    out.raw(value);
  } else {
    const known = memo.object(value);
    if (known !== undefined) {
      writeGet(encoder, known);
      return;
    }
    out.indexed(SHORT_BINSTRING, BINSTRING, value.length);
    out.raw(value);
    if (value.length > 1) writePut(encoder, memo.addObject(value));
  }
}

/** The oid of a reference. */
export function writePython2Oid(encoder: Encoder, oid: bigint, { protocol }: Python2Writer): void {
  const { out } = encoder;
  const isBinary = protocol === 3;
  out.reserve(32);
  const start = out.position;
  out.view.setBigUint64(start + 2, oid);
  if (!isBinary) {
    const number = encoder.memo.findOrAddOid(
      out.view.getInt32(start + 2),
      out.view.getInt32(start + 6),
    );
    if (number >= 0) {
      writeGet(encoder, number);
      return;
    }
    out.position = start + 10;
    writePut(encoder, ~number);
  } else out.position = start + 10;
  out.bytes[start] = isBinary ? SHORT_BINBYTES : SHORT_BINSTRING;
  out.bytes[start + 1] = 8;
}

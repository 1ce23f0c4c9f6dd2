// What follows an opcode, as Python's pickletools shows it: strings of Python 2 as text of Latin-1, two lines as one text.

import { PickleError } from './errors.ts';
import { lineEnd } from './globals.ts';
import { readInteger } from './integer.ts';
import {
  BINBYTES,
  BINBYTES8,
  BINSTRING,
  BYTEARRAY8,
  FLOAT,
  INT,
  LONG,
  LONG1,
  LONG4,
  type Opcode,
  PERSID,
  SHORT_BINBYTES,
  SHORT_BINSTRING,
  STRING,
  UNICODE,
} from './opcodes.ts';
import { parseIndex, parseLine } from './operands.ts';
import { unmarked } from './python2-scalars.ts';
import { longLength, truncated } from './scalars.ts';
import { latin1Text, utf8Text } from './text.ts';
import { float, PyByteArray, PyFloat } from './values.ts';

/** Digits of a number written as text: there is no limit of memory here that another one would be needed for. */
const MAX_DIGITS = 1 << 20;

/** The argument of the opcode at `offset`, and the offset after it. @throws PickleError */
export function readArgument(
  bytes: Uint8Array,
  offset: number,
  opcode: Opcode,
): [argument: unknown, end: number] {
  const start = offset + 1;
  const { operand, code } = opcode;
  if (operand === '') return [undefined, start];
  if (operand === 'line') {
    const end = lineEnd(bytes, start, bytes.length);
    return [lineArgument(code, bytes, start, end), end + 1];
  }
  if (operand === 'lines') {
    const split = lineEnd(bytes, start, bytes.length);
    const end = lineEnd(bytes, split + 1, bytes.length);
    return [`${nameText(bytes, start, split)} ${nameText(bytes, split + 1, end)}`, end + 1];
  }
  const size = Number(operand[1]);
  const from = start + size;
  if (from > bytes.length) throw truncated();
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, size);
  if (operand === 'f8') return [new PyFloat(view.getFloat64(0)), from];
  const number = readNumber(view, operand);
  if (operand[0] === 'u' || operand === 'i4') return [number, from];
  if (number < 0) throw new PickleError('a length is negative');
  const end = from + number;
  if (end > bytes.length) throw truncated();
  return [contents(code, bytes, from, end), end];
}

function readNumber(view: DataView, operand: string): number {
  switch (operand) {
    case 'u1':
    case 'n1':
      return view.getUint8(0);
    case 'u2':
      return view.getUint16(0, true);
    case 'u4':
    case 'n4':
      return view.getUint32(0, true);
    case 'i4':
    case 'm4':
      return view.getInt32(0, true);
    case 'u8':
      return Number(view.getBigUint64(0, true));
    default:
      return longLength(view, 0);
  }
}

function nameText(bytes: Uint8Array, start: number, end: number): unknown {
  return utf8Text(bytes, start, end);
}

function lineArgument(code: number, bytes: Uint8Array, start: number, end: number): unknown {
  switch (code) {
    case PERSID:
      return latin1Text(bytes, start, end);
    case FLOAT: {
      const value = unmarked(parseLine(code, bytes, start, end, 'latin1', MAX_DIGITS));
      return typeof value === 'number' ? float(value) : value;
    }
    case INT:
    case LONG:
    case STRING:
    case UNICODE:
      return unmarked(parseLine(code, bytes, start, end, 'latin1', MAX_DIGITS));
    default:
      return parseIndex(bytes, start, end);
  }
}

function contents(code: number, bytes: Uint8Array, start: number, end: number): unknown {
  switch (code) {
    case LONG1:
    case LONG4:
      return readInteger(bytes, start, end - start);
    case BINSTRING:
    case SHORT_BINSTRING:
      return latin1Text(bytes, start, end);
    case BINBYTES:
    case SHORT_BINBYTES:
    case BINBYTES8:
      return bytes.slice(start, end);
    case BYTEARRAY8:
      return new PyByteArray(bytes.slice(start, end));
    default:
      return utf8Text(bytes, start, end);
  }
}

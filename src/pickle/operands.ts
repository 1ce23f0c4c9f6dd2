// The operands of the text opcodes: decimal numbers, quoted strings, raw-unicode-escape. Each takes the line as bytes.

import { isPlainInt } from './container-kinds.ts';
import { PickleError } from './errors.ts';
import { narrowed } from './integer.ts';
import { FLOAT, INT, LONG, STRING, UNICODE } from './opcodes.ts';
import { python2Integer, python2Scalar } from './python2-scalars.ts';
import { decodeString2, type StringsPolicy } from './strings2.ts';
import { latin1Text } from './text.ts';
import { PyFloat } from './values.ts';

/** The value of INT, LONG, FLOAT (a PyFloat where it is whole), STRING or UNICODE. */
export function parseLine(
  code: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  strings: StringsPolicy,
  maxDigits: number,
): unknown {
  switch (code) {
    case INT:
      return parseInt0(bytes, start, end, maxDigits);
    case LONG:
      return parseLong(bytes, start, end, maxDigits);
    case FLOAT: {
      const value = parseFloat0(bytes, start, end);
      return isPlainInt(value) ? new PyFloat(value) : value;
    }
    case UNICODE:
      return parseRawUnicode(bytes, start, end);
    case STRING: {
      const quoted = parseQuoted(bytes, start, end);
      return decodeString2(quoted, 0, quoted.length, strings);
    }
    default:
      throw new PickleError('not an opcode with a line');
  }
}

/** The operand of INT: `00` and `01` are booleans. */
function parseInt0(bytes: Uint8Array, start: number, end: number, maxDigits: number): unknown {
  if (end - start === 2 && bytes[start] === 0x30) {
    if (bytes[start + 1] === 0x30) return false;
    if (bytes[start + 1] === 0x31) return true;
  }
  const value = decimal(shortLine(bytes, start, end, maxDigits), maxDigits);
  // Python 2's int: a long of this size is written as one
  return typeof value === 'number' && (value | 0) === value ? value : python2Scalar(value);
}

/** The operand of LONG: decimal, with or without an L at the end. */
function parseLong(bytes: Uint8Array, start: number, end: number, maxDigits: number): unknown {
  const line = shortLine(bytes, start, end, maxDigits).replace(/L\s*$/, '');
  return python2Integer(decimal(line, maxDigits));
}

function shortLine(bytes: Uint8Array, start: number, end: number, maxDigits: number): string {
  if (end - start > maxDigits + 64) throw tooManyDigits(maxDigits);
  return latin1Text(bytes, start, end);
}

function decimal(line: string, maxDigits: number): number | bigint {
  const text = line.replace(/^[ \t\r\v\f]+|[ \t\r\v\f]+$/g, '');
  if (!/^[+-]?[0-9]+$/.test(text)) {
    throw new PickleError(`${JSON.stringify(line.slice(0, 40))} is not a decimal number`);
  }
  if (text.length > maxDigits) throw tooManyDigits(maxDigits);
  if (text.length < 16) return Number(text) + 0;
  return narrowed(text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text.replace('+', '')));
}

function tooManyDigits(maxDigits: number): PickleError {
  return new PickleError(`a number has more than ${maxDigits} digits`, {}, 'PICKLE_LIMIT');
}

/** The operand of GET and PUT. */
export function parseIndex(bytes: Uint8Array, start: number, end: number): number {
  const text = latin1Text(bytes, start, Math.min(end, start + 20));
  if (!/^[0-9]{1,15}$/.test(text)) {
    throw new PickleError(`${JSON.stringify(text)} is not a memo index`);
  }
  return Number(text);
}

/** The operand of FLOAT. */
function parseFloat0(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 4400)
    throw new PickleError('a float has more than 4400 characters', {}, 'PICKLE_LIMIT');
  const text = latin1Text(bytes, start, end).trim();
  const special = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(text);
  if (special !== null) {
    if (special[2] === undefined) return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const value = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)
    ? Number(text)
    : Number.NaN;
  if (!Number.isFinite(value)) {
    throw new PickleError(`${JSON.stringify(text.slice(0, 40))} is not a float`);
  }
  return value;
}

const ESCAPES: ReadonlyMap<string, number> = new Map([
  ['\\', 0x5c],
  ["'", 0x27],
  ['"', 0x22],
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
]);

/** The bytes that the operand of STRING, a quoted string of Python 2, stands for. */
function parseQuoted(bytes: Uint8Array, start: number, lineEnd: number): Uint8Array {
  let end = lineEnd;
  while (end > start && (bytes[end - 1] as number) <= 0x20) end -= 1;
  const quote = bytes[start];
  if (end - start < 2 || (quote !== 0x22 && quote !== 0x27) || bytes[end - 1] !== quote) {
    throw new PickleError('a string operand is not quoted');
  }
  const result = new Uint8Array(end - start - 2);
  let length = 0;
  for (let at = start + 1; at < end - 1; ) {
    const byte = bytes[at++] as number;
    if (byte !== 0x5c) {
      result[length++] = byte;
      continue;
    }
    if (at === end - 1) throw new PickleError('a backslash ends a string operand');
    const letter = String.fromCharCode(bytes[at] as number);
    const escaped = ESCAPES.get(letter);
    if (escaped !== undefined) {
      result[length++] = escaped;
      at += 1;
    } else if (letter >= '0' && letter <= '7') {
      const octal = /^[0-7]{1,3}/.exec(
        latin1Text(bytes, at, Math.min(at + 3, end - 1)),
      ) as string[];
      const digits = octal[0] as string;
      result[length++] = Number.parseInt(digits, 8);
      at += digits.length;
    } else if (letter === 'x') {
      const digits = latin1Text(bytes, at + 1, Math.min(at + 3, end - 1));
      if (!/^[0-9a-fA-F]{2}$/.test(digits))
        throw new PickleError('\\x needs two hexadecimal digits');
      result[length++] = Number.parseInt(digits, 16);
      at += 3;
    } else {
      result[length++] = 0x5c;
    }
  }
  return result.slice(0, length);
}

/** The text of the operand of UNICODE: Latin-1 in which \uXXXX and \UXXXXXXXX are escapes. */
function parseRawUnicode(bytes: Uint8Array, start: number, end: number): string {
  // a pair of backslashes stays as it is, so that an escape is one after an even number of them
  return latin1Text(bytes, start, end).replace(
    /\\(?:\\|u([0-9a-fA-F]{4})?|U([0-9a-fA-F]{8})?)/g,
    (match, short?: string, long?: string) => {
      if (match === '\\\\') return match;
      const point = Number.parseInt(short ?? long ?? 'x', 16);
      if (!(point <= 0x10ffff)) throw new PickleError('a unicode escape is malformed');
      return String.fromCodePoint(point);
    },
  );
}

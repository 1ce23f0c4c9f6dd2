// Values that opcodes make without other values: the rarer ones as a whole, and the parts of the others.

import { isPlainInt } from './container-kinds.ts';
import { PickleError } from './errors.ts';
import { lineEnd } from './globals.ts';
import { readInteger } from './integer.ts';
import { DEFAULT_DIGITS, DEFAULT_INTEGER, DEFAULT_NAME } from './limits.ts';
import {
  BINSTRING,
  BINUNICODE8,
  BYTEARRAY8,
  EXT1,
  EXT2,
  EXT4,
  LONG4,
  OPCODES,
  SHORT_BINUNICODE,
} from './opcodes.ts';
import { parseLine } from './operands.ts';
import type { UnpicklerOptions } from './options.ts';
import { python2Integer } from './python2-scalars.ts';
import { checkPolicy, decodeString2, type StringsPolicy } from './strings2.ts';
import { utf8Text } from './text.ts';
import { PyByteArray, PyExtension, PyFloat, type PyGlobal } from './values.ts';

/** The options that scalars depend on, with their defaults. */
export interface ScalarOptions {
  readonly strings: StringsPolicy;
  readonly maxDigits: number;
  readonly maxInteger: number;
  readonly maxName: number;
  readonly extensions: ReadonlyMap<number, PyGlobal> | undefined;
}

export function scalarOptions({ strings, limits, extensions }: UnpicklerOptions): ScalarOptions {
  return {
    strings: checkPolicy(strings ?? 'auto'),
    maxDigits: limits?.digits ?? DEFAULT_DIGITS,
    maxInteger: limits?.integer ?? DEFAULT_INTEGER,
    maxName: limits?.name ?? DEFAULT_NAME,
    extensions,
  };
}

/** The position after the operand of the last `readScalar`. */
export let scalarEnd = 0;

/** The value of an opcode whose operand, at `start`, is a line, an extension code, or a length and that many bytes. */
export function readScalar(
  code: number,
  bytes: Uint8Array,
  view: DataView,
  base: number,
  start: number,
  options: ScalarOptions,
): unknown {
  const operand = OPCODES[code]?.operand;
  if (operand === undefined || operand === '') throw new PickleError('there is no such opcode');
  if (operand === 'line') {
    const end = lineEnd(bytes, start, bytes.length);
    scalarEnd = end + 1;
    return parseLine(code, bytes, start, end, options.strings, options.maxDigits);
  }
  const size = Number(operand[1]);
  const from = start + size;
  if (from > bytes.length) throw truncated();
  if (code === EXT1 || code === EXT2 || code === EXT4) {
    scalarEnd = from;
    const placeholder = extension(view, base + start, size);
    return options.extensions?.get(placeholder.code) ?? placeholder;
  }
  const at = base + start;
  const length =
    size === 1
      ? view.getUint8(at)
      : size === 8
        ? longLength(view, at)
        : operand === 'm4'
          ? view.getInt32(at, true)
          : view.getUint32(at, true);
  if (length < 0) throw new PickleError('a length is negative');
  if (length > bytes.length - from) throw truncated();
  scalarEnd = from + length;
  switch (code) {
    case BINSTRING:
      return decodeString2(bytes, from, scalarEnd, options.strings);
    case LONG4:
      if (length > options.maxInteger) throw tooLargeInteger(options.maxInteger);
      return python2Integer(readInteger(bytes, from, length));
    case SHORT_BINUNICODE:
    case BINUNICODE8:
      return utf8Text(bytes, from, scalarEnd);
    case BYTEARRAY8:
      return new PyByteArray(bytes.slice(from, scalarEnd));
    default:
      return copyBytes(bytes, from, length);
  }
}

/** A length of 8 bytes; infinite beyond what any input can hold. */
export function longLength(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) === 0 ? view.getUint32(at, true) : Number.POSITIVE_INFINITY;
}

// Python has one object for each bytes of length 0, and an empty typed array costs as much as one of 64 bytes.
const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/** A copy of `length` bytes. */
export function copyBytes(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (length === 0) return EMPTY_BYTES;
  if (length > 32) return largeCopy(bytes, start, length);
  const copy = new Uint8Array(length);
  for (let i = 0; i < length; i++) copy[i] = bytes[start + i] as number;
  return copy;
}

type Allocate = (length: number) => Uint8Array;

// Node's memory that is not zeroed first: all of it is written at once here.
const allocate: Allocate | undefined = (globalThis as { Buffer?: { allocUnsafeSlow?: Allocate } })
  .Buffer?.allocUnsafeSlow;

// glibc gives the memory of large arrays back to the system when they go, and fresh pages for the next ones cost three times
// the copy. Once an array of this size has come and gone (untouched, it takes no memory), it keeps up to twice as much for reuse.
const RECYCLED = 31 * 1024 * 1024;
let recycles = false;

function largeCopy(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (length >= 1024 * 1024 && !recycles) {
    recycles = true;
    allocate?.(RECYCLED);
  }
  const copy =
    length < 4096 || allocate === undefined
      ? new Uint8Array(length)
      : new Uint8Array(allocate(length).buffer as ArrayBuffer, 0, length);
  copy.set(bytes.subarray(start, start + length));
  return copy;
}

/** The float of the eight bytes at `at`, a PyFloat where a plain number would be taken for an int. */
export function readFloat(view: DataView, at: number): unknown {
  const value = view.getFloat64(at);
  if (Number.isNaN(value)) return notANumber(view.getBigUint64(at));
  return isPlainInt(value) ? new PyFloat(value) : value;
}

/** The NaN of these bits: a plain one unless they would be lost. */
function notANumber(bits: bigint): unknown {
  return bits === 0x7ff8_0000_0000_0000n ? Number.NaN : new PyFloat(Number.NaN, bits);
}

function extension(view: DataView, at: number, size: number): PyExtension {
  const code =
    size === 1
      ? view.getUint8(at)
      : size === 2
        ? view.getUint16(at, true)
        : view.getInt32(at, true);
  if (code <= 0) throw new PickleError(`extension code ${code} is not positive`);
  return new PyExtension(code);
}

/** READONLY_BUFFER: leaves what it is given, since arrays cannot be read-only here. */
export function checkBuffer(value: unknown): void {
  if (!(value instanceof Uint8Array) && !(value instanceof PyByteArray)) {
    throw new PickleError('the value is not a buffer');
  }
}

/** NEXT_BUFFER. */
export function nextBuffer(buffers: Iterator<Uint8Array> | undefined): unknown {
  const next = buffers?.next();
  if (next === undefined || next.done === true) throw new PickleError('no buffer is left');
  return next.value;
}

/** The error of bytes that end too early. */
export function truncated(): PickleError {
  return new PickleError('the pickle ends before STOP', {}, 'PICKLE_TRUNCATED');
}

/** The error of an opcode that takes more than there is above the topmost mark. */
export function underflow(): PickleError {
  return new PickleError('there is too little on the stack');
}

function tooLargeInteger(limit: number): PickleError {
  return new PickleError(`an integer has more than ${limit} bytes`, {}, 'PICKLE_LIMIT');
}

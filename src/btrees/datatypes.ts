// What the letters of a family's name stand for: which values a key or value takes, how nodes hold them, how records
// spell them. Ranges and roundings are those of Python's C extension.
//
//   O  any object                         held as it is, whole numbers that are floats as PyFloat
//   I  int32, U uint32                    held as number
//   L  int64, Q uint64                    held as number while safe, else as bigint; shown as bigint
//   F  float32                            held as number, recorded as float
//   fs 2-byte keys and 6-byte values      held as number; shown and recorded as bytes

import { float, PyFloat } from '../pickle/index.ts';
import { ArgumentError } from '../zodb/errors.ts';
import { checkOrderable, compareKeys, describe } from './key-order.ts';

export interface Datatype {
  readonly name: string;
  /** From which value on numbers that are integers of 32 bits are held as they are, without asking `hold`. */
  readonly leastPlain: number;
  /** How nodes hold an argument; `undefined` if it is not of this type. */
  hold(argument: unknown): unknown;
  /** What the interface gives for a held value. */
  show(held: unknown): unknown;
  /** The same with a number in the place of a bigint. @throws RangeError for an integer beyond 2^53 */
  showNumber(held: unknown): unknown;
  /** The value in a record for a held value. */
  write(held: unknown): unknown;
  /** How nodes hold a value from a record; `undefined` if it is not of this type. */
  read(recorded: unknown): unknown;
  /** Below 0, 0 or above 0, of held values. @throws KeyOrderError */
  compare(a: unknown, b: unknown): number;
  /** a * weightA + b * weightB of held values, in the arithmetic of the type; only number types have it. */
  readonly weighted?: (a: unknown, weightA: unknown, b: unknown, weightB: unknown) => unknown;
  /** Whether setting a value to an equal one is no change, as in Python; else the record is stored again. */
  readonly scalar: boolean;
}

/** A datatype that keys can have. */
export interface KeyDatatype extends Datatype {
  /** Checks a held value that is about to become a key. @throws KeyOrderError */
  check(held: unknown): void;
}

function isPlain(type: Datatype, argument: unknown): argument is number {
  return typeof argument === 'number' && (argument | 0) === argument && argument >= type.leastPlain;
}

/** How nodes hold an argument. @throws ArgumentError if it is not of the type */
export function held(type: Datatype, argument: unknown): unknown {
  if (isPlain(type, argument)) return argument | 0;
  const value = type.hold(argument);
  if (value !== undefined) return value;
  const inexact = Number.isInteger(argument) && !Number.isSafeInteger(argument);
  const got = inexact ? `the number ${argument}: beyond 2^53 give a bigint` : describe(argument);
  throw new ArgumentError(`expected ${type.name}, got ${got}`);
}

/** How nodes hold an argument; `undefined` if it is not of the type. */
export function heldIfAny(type: Datatype, argument: unknown): unknown {
  return isPlain(type, argument) ? argument | 0 : type.hold(argument);
}

/** How nodes hold an argument that is to become a key. @throws ArgumentError if it is not of the type, KeyOrderError */
export function heldKey(type: KeyDatatype, argument: unknown): unknown {
  if (isPlain(type, argument)) return argument | 0;
  const value = held(type, argument);
  type.check(value);
  return value;
}

/** Whole numbers that are floats are held as PyFloat: nodes have no other place to remember that. */
function showObject(held: unknown): unknown {
  return held instanceof PyFloat && held.bits === undefined ? held.value : held;
}

const asItIs = (value: unknown): unknown => value;

export const OBJECT: KeyDatatype = {
  name: 'any object but undefined',
  // Of these, -0 would lose its sign.
  leastPlain: Number.POSITIVE_INFINITY,
  scalar: false,
  hold: asItIs,
  show: showObject,
  showNumber: showObject,
  write: asItIs,
  read: asItIs,
  check: checkOrderable,
  compare: compareKeys,
};

function compareNumbers(a: unknown, b: unknown): number {
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

const ordered = { scalar: true, check: () => {}, compare: compareNumbers };

function integers(name: string, low: bigint, high: bigint, show: Datatype['show']): KeyDatatype {
  const lowest = Number(low);
  const highest = Number(high);
  const hold = (value: unknown): unknown => {
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value)) return undefined;
      return value >= lowest && value <= highest ? value + 0 : undefined;
    }
    if (typeof value === 'bigint') {
      if (value < low || value > high) return undefined;
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
    return typeof value === 'boolean' ? Number(value) : undefined;
  };
  const showNumber = show === toBigInt ? toNumber : show;
  const wrap = low === 0n ? BigInt.asUintN : BigInt.asIntN;
  const bits = high > 2n ** 32n ? 64 : 32;
  const weighted: Datatype['weighted'] = (a, weightA, b, weightB) => {
    const [x, v, y, w] = [a, weightA, b, weightB].map((part) => BigInt(part as number | bigint));
    return hold(wrap(bits, x! * v! + y! * w!));
  };
  const leastPlain = Math.max(lowest, -(2 ** 31));
  return {
    ...ordered,
    name,
    leastPlain,
    hold,
    show,
    showNumber,
    weighted,
    write: asItIs,
    read: hold,
  };
}

function toBigInt(value: unknown): unknown {
  return BigInt(value as number | bigint);
}

function toNumber(value: unknown): unknown {
  if (typeof value === 'number') return value;
  throw new RangeError(`${value} is beyond 2^53: read it as a bigint`);
}

export const INT32: KeyDatatype = integers(
  'an integer of 32 bits',
  -(2n ** 31n),
  2n ** 31n - 1n,
  asItIs,
);
export const UINT32: KeyDatatype = integers(
  'an unsigned integer of 32 bits',
  0n,
  2n ** 32n - 1n,
  asItIs,
);
export const INT64: KeyDatatype = integers(
  'an integer of 64 bits',
  -(2n ** 63n),
  2n ** 63n - 1n,
  toBigInt,
);
export const UINT64: KeyDatatype = integers(
  'an unsigned integer of 64 bits',
  0n,
  2n ** 64n - 1n,
  toBigInt,
);

function holdFloat(value: unknown): unknown {
  if (typeof value === 'number') return Math.fround(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return Math.fround(Number(value));
  return value instanceof PyFloat ? Math.fround(value.value) : undefined;
}

export const FLOAT32: Datatype = {
  name: 'a number',
  // Floats hold such an integer only up to 2^24, and -0 is one of them.
  leastPlain: Number.POSITIVE_INFINITY,
  scalar: true,
  compare: compareNumbers,
  weighted: (a, weightA, b, weightB) =>
    Math.fround(
      Math.fround((a as number) * (weightA as number)) +
        Math.fround((b as number) * (weightB as number)),
    ),
  hold: holdFloat,
  show: asItIs,
  showNumber: asItIs,
  write: (value) => (Number.isInteger(value) ? float(value as number) : value),
  read: holdFloat,
};

/** Bytes of one length, held as the big-endian number they spell: it has their order. */
function fixedBytes(length: number): KeyDatatype {
  const hold = (value: unknown): unknown => {
    if (!(value instanceof Uint8Array) || value.length !== length) return undefined;
    let number = 0;
    for (const byte of value) number = number * 256 + byte;
    return number;
  };
  const show = (held: unknown): unknown => {
    const bytes = new Uint8Array(length);
    let rest = held as number;
    for (let i = length - 1; i >= 0; i--) {
      bytes[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return bytes;
  };
  return {
    ...ordered,
    scalar: false,
    name: `${length} bytes`,
    leastPlain: Number.POSITIVE_INFINITY,
    hold,
    show,
    showNumber: show,
    write: show,
    read: hold,
  };
}

export const BYTES2: KeyDatatype = fixedBytes(2);
export const BYTES6: KeyDatatype = fixedBytes(6);

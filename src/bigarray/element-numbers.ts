// Numbers from their bytes and into them: booleans, integers, times, floats, complex numbers, in either byte order.

import type { DType } from './dtype.ts';
import type { Complex, Element } from './dtype-names.ts';
import { ElementValueError } from './errors.ts';
import { halfBits, halfValues } from './half.ts';

/** Reads and writes elements of one dtype at byte positions of a DataView. */
export interface ElementCodec {
  get(view: DataView, at: number): Element;
  /** Throws ElementValueError for a value that the dtype cannot hold. */
  set(view: DataView, at: number, value: unknown): void;
}

/** Throws ElementValueError: the value cannot be an element of this dtype. */
export function refuse(value: unknown, dtype: DType): never {
  const shown =
    typeof value === 'object' && value !== null
      ? `an object (${value.constructor?.name})`
      : typeof value === 'string'
        ? `'${value}'`
        : String(value);
  throw new ElementValueError(`${shown} cannot be an element of dtype ${dtype}`);
}

function toBoolean(value: unknown, dtype: DType): boolean {
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') {
    return Boolean(value) || Number.isNaN(value);
  }
  return refuse(value, dtype);
}

/** Booleans; numbers count as they do in Python. */
export function booleanCodec(dtype: DType): ElementCodec {
  return {
    get: (view, at) => view.getUint8(at) !== 0,
    set: (view, at, value) => view.setUint8(at, toBoolean(value, dtype) ? 1 : 0),
  };
}

function toNumber(value: unknown, dtype: DType): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  return refuse(value, dtype);
}

/** Integers of 1, 2 and 4 bytes. A fraction is cut off, as numpy does it. */
export function integerCodec(dtype: DType): ElementCodec {
  const { itemsize, kind } = dtype;
  const little = dtype.byteorder !== '>';
  const bits = itemsize * 8;
  const [low, high] = kind === 'i' ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  const check = (value: unknown): number => {
    const number = Math.trunc(toNumber(value, dtype));
    return number >= low && number <= high ? number : refuse(value, dtype);
  };
  switch (kind + itemsize) {
    case 'i1':
      return {
        get: (view, at) => view.getInt8(at),
        set: (view, at, value) => view.setInt8(at, check(value)),
      };
    case 'u1':
      return {
        get: (view, at) => view.getUint8(at),
        set: (view, at, value) => view.setUint8(at, check(value)),
      };
    case 'i2':
      return {
        get: (view, at) => view.getInt16(at, little),
        set: (view, at, value) => view.setInt16(at, check(value), little),
      };
    case 'u2':
      return {
        get: (view, at) => view.getUint16(at, little),
        set: (view, at, value) => view.setUint16(at, check(value), little),
      };
    case 'i4':
      return {
        get: (view, at) => view.getInt32(at, little),
        set: (view, at, value) => view.setInt32(at, check(value), little),
      };
    default:
      return {
        get: (view, at) => view.getUint32(at, little),
        set: (view, at, value) => view.setUint32(at, check(value), little),
      };
  }
}

/** int64, uint64, datetime64, timedelta64. */
export function wideCodec(dtype: DType): ElementCodec {
  const little = dtype.byteorder !== '>';
  const unsigned = dtype.kind === 'u';
  const check = (value: unknown): bigint => {
    let big: bigint;
    if (typeof value === 'bigint') big = value;
    else if (typeof value === 'boolean') big = BigInt(value);
    else if (typeof value === 'number' && Number.isFinite(value)) big = BigInt(Math.trunc(value));
    else return refuse(value, dtype);
    const held = unsigned ? BigInt.asUintN(64, big) : BigInt.asIntN(64, big);
    return held === big ? big : refuse(value, dtype);
  };
  return unsigned
    ? {
        get: (view, at) => view.getBigUint64(at, little),
        set: (view, at, value) => view.setBigUint64(at, check(value), little),
      }
    : {
        get: (view, at) => view.getBigInt64(at, little),
        set: (view, at, value) => view.setBigInt64(at, check(value), little),
      };
}

/** Floats of 2, 4 and 8 bytes. */
export function floatCodec(dtype: DType): ElementCodec {
  const little = dtype.byteorder !== '>';
  switch (dtype.itemsize) {
    case 2:
      return {
        get: (view, at) => halfValues()[view.getUint16(at, little)] as number,
        set: (view, at, value) => view.setUint16(at, halfBits(toNumber(value, dtype)), little),
      };
    case 4:
      return {
        get: (view, at) => view.getFloat32(at, little),
        set: (view, at, value) => view.setFloat32(at, toNumber(value, dtype), little),
      };
    default:
      return {
        get: (view, at) => view.getFloat64(at, little),
        set: (view, at, value) => view.setFloat64(at, toNumber(value, dtype), little),
      };
  }
}

/** Pairs of floats of 4 and 8 bytes. */
export function complexCodec(dtype: DType): ElementCodec {
  const little = dtype.byteorder !== '>';
  const half = dtype.itemsize / 2;
  const read = (view: DataView, at: number): number =>
    half === 4 ? view.getFloat32(at, little) : view.getFloat64(at, little);
  const write = (view: DataView, at: number, value: number): void =>
    half === 4 ? view.setFloat32(at, value, little) : view.setFloat64(at, value, little);
  return {
    get: (view, at) => ({ real: read(view, at), imag: read(view, at + half) }),
    set: (view, at, value) => {
      const { real, imag } = toComplex(value, dtype);
      write(view, at, real);
      write(view, at + half, imag);
    },
  };
}

function toComplex(value: unknown, dtype: DType): Complex {
  if (typeof value === 'object' && value !== null && 'real' in value && 'imag' in value) {
    return { real: toNumber(value.real, dtype), imag: toNumber(value.imag, dtype) };
  }
  return { real: toNumber(value, dtype), imag: 0 };
}

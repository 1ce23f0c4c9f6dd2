// Conversions between dtypes, as numpy does them when values are assigned: anything that has a numeric meaning is
// converted, fractions are cut off, integers that do not fit lose their upper bits, complex numbers their imaginary part.

import { unitRatio } from './datetime-unit.ts';
import type { DType } from './dtype.ts';
import type { Complex, Element } from './dtype-names.ts';
import { DTypeError } from './errors.ts';

/** Not a time: what datetimes have for NaN. */
export const NaT: bigint = -(2n ** 63n);

type Cast = (value: Element) => Element;

/** Converts elements of `from` to what the codec of `to` takes. Throws DTypeError if there is no such conversion. */
export function elementCast(from: DType, to: DType): Cast {
  const cast = findCast(from, to);
  if (cast === undefined) throw new DTypeError(`${from} cannot be converted to ${to}`);
  return cast;
}

const isInteger = (dtype: DType): boolean => dtype.kind === 'i' || dtype.kind === 'u';
const isText = (dtype: DType): boolean => dtype.kind === 'S' || dtype.kind === 'U';
const isTime = (dtype: DType): boolean => dtype.kind === 'M' || dtype.kind === 'm';
/** Extended precision is carried as bytes: there is nothing to calculate with. */
const isNumeric = (dtype: DType): boolean =>
  'biufc'.includes(dtype.kind) && dtype.itemsize <= (dtype.kind === 'c' ? 16 : 8);

function findCast(from: DType, to: DType): Cast | undefined {
  if (from.subarray !== undefined || to.subarray !== undefined) {
    return from.equals(to) ? (value) => value : subarrayCast(from, to);
  }
  if (from.names !== undefined || to.names !== undefined) return structCast(from, to);
  if (isNumeric(from) && isNumeric(to)) return numericCast(from, to);
  if (isTime(from) && from.kind === to.kind) return timeCast(from, to);
  if (isTime(from) && isInteger(to)) return numericCast(from, to);
  if (isTime(to) && isInteger(from)) return (value) => BigInt.asIntN(64, BigInt(value as number));
  if (isText(from) && isText(to)) return textCast(from, to);
  if (from.kind === to.kind && from.itemsize === to.itemsize) {
    return 'fc'.includes(from.kind) && from.byteorder !== to.byteorder
      ? undefined
      : (value) => value;
  }
  return undefined;
}

function numericCast(from: DType, to: DType): Cast {
  if (to.kind === 'b') {
    return from.kind === 'c'
      ? (value) => (value as Complex).real !== 0 || (value as Complex).imag !== 0
      : (value) => Boolean(value) || Number.isNaN(value);
  }
  if (from.kind === 'c') {
    if (to.kind === 'c') return (value) => value;
    const real = isInteger(to) ? toInteger(to) : (value: Element) => value;
    return (value) => real((value as Complex).real);
  }
  if (isInteger(to)) return toInteger(to);
  return to.kind === 'c' ? (value) => ({ real: Number(value), imag: 0 }) : (value) => Number(value);
}

/** Cuts off the fraction, then the upper bits. What is no number, or infinite, gives the least int64, or 0. */
function toInteger(to: DType): Cast {
  const bits = to.itemsize * 8;
  const wrap = (value: bigint): bigint =>
    to.kind === 'i' ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  return (value) => {
    const big =
      typeof value === 'number'
        ? Number.isFinite(value)
          ? BigInt(Math.trunc(value))
          : NaT
        : BigInt(value as bigint | boolean);
    return bits === 64 ? wrap(big) : Number(wrap(big));
  };
}

function timeCast(from: DType, to: DType): Cast | undefined {
  const [source, target] = [from.unit, to.unit];
  if (source === undefined || target === undefined) return undefined;
  if (source.name === 'generic' || target.name === 'generic') {
    return source.name === 'generic' ? (value) => value : undefined;
  }
  const ratio = unitRatio(source, target);
  if (ratio === undefined) return undefined;
  const [numerator, denominator] = ratio;
  return (value) => {
    if (value === NaT) return value;
    const scaled = (value as bigint) * numerator;
    let result = scaled / denominator;
    if (scaled < 0n && result * denominator !== scaled) result--;
    return BigInt.asIntN(64, result);
  };
}

/** Cuts off what is too long, as numpy does. */
function textCast(from: DType, to: DType): Cast {
  const decode = (bytes: Uint8Array): string => {
    let text = '';
    for (const byte of bytes) {
      if (byte > 127) throw new DTypeError(`bytes beyond ASCII cannot be converted to ${to}`);
      text += String.fromCharCode(byte);
    }
    return text;
  };
  if (to.kind === 'S') {
    return (value) => (value as Uint8Array | string).slice(0, to.itemsize);
  }
  return (value) => {
    const text = from.kind === 'S' ? decode(value as Uint8Array) : (value as string);
    return Array.from(text)
      .slice(0, to.itemsize / 4)
      .join('');
  };
}

function subarrayCast(from: DType, to: DType): Cast | undefined {
  const [a, b] = [from.subarray, to.subarray];
  if (a === undefined || b === undefined || a.shape.join() !== b.shape.join()) return undefined;
  const cast = findCast(a.base, b.base);
  if (cast === undefined) return undefined;
  const each = (value: Element): Element =>
    Array.isArray(value) && !(value instanceof Uint8Array) ? value.map(each) : cast(value);
  return each;
}

/** Fields go by their position, as in numpy; names do not matter. */
function structCast(from: DType, to: DType): Cast | undefined {
  const [a, b] = [from.names, to.names];
  if (a === undefined || b === undefined || a.length !== b.length) return undefined;
  const casts = a.map((name, i) =>
    findCast(from.field(name).dtype, to.field(b[i] as string).dtype),
  );
  if (casts.includes(undefined)) return undefined;
  return (value) =>
    casts.map((cast, i) =>
      (cast as Cast)((value as Readonly<Record<string, Element>>)[a[i] as string] as Element),
    );
}

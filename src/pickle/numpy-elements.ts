// The elements of numpy's arrays: between the bytes of a pickle and typed arrays, or values where no typed array fits.

import { PyComplex } from './complex.ts';
import type { NumpyDType } from './numpy-dtype.ts';
import { tuple } from './values.ts';

/** What the elements of an array stand in: a Uint8Array of raw bytes where no other typed array fits. */
export type NumpyData =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

type DataClass = new (buffer: ArrayBuffer) => NumpyData;

const CLASSES: ReadonlyMap<string, DataClass> = new Map<string, DataClass>([
  ['b1', Uint8Array],
  ['i1', Int8Array],
  ['u1', Uint8Array],
  ['i2', Int16Array],
  ['u2', Uint16Array],
  ['i4', Int32Array],
  ['u4', Uint32Array],
  ['i8', BigInt64Array],
  ['u8', BigUint64Array],
  ['f2', Uint16Array],
  ['f4', Float32Array],
  ['f8', Float64Array],
  ['c8', Float32Array],
  ['c16', Float64Array],
  ['M8', BigInt64Array],
  ['m8', BigInt64Array],
]);

const IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function classOf({ kind, itemsize, fields, subarray }: NumpyDType): DataClass {
  const isSimple = fields === undefined && subarray === undefined;
  return (isSimple ? CLASSES.get(kind + itemsize) : undefined) ?? Uint8Array;
}

/** The code of the elements of a typed array; undefined for anything else. */
export function codeOf(data: unknown): string | undefined {
  switch (Object.prototype.toString.call(data)) {
    case '[object Int8Array]':
      return '|i1';
    case '[object Uint8Array]':
      return '|u1';
    case '[object Int16Array]':
      return '<i2';
    case '[object Uint16Array]':
      return '<u2';
    case '[object Int32Array]':
      return '<i4';
    case '[object Uint32Array]':
      return '<u4';
    case '[object BigInt64Array]':
      return '<i8';
    case '[object BigUint64Array]':
      return '<u8';
    case '[object Float32Array]':
      return '<f4';
    case '[object Float64Array]':
      return '<f8';
    default:
      return undefined;
  }
}

/** The elements in a typed array of their own, in this machine's byte order. */
export function dataOf(bytes: Uint8Array, dtype: NumpyDType): NumpyData {
  const Data = classOf(dtype);
  const copy = bytes.slice();
  const data = new Data(copy.buffer as ArrayBuffer);
  swap(copy, data, dtype);
  return data;
}

/** The bytes of the elements as the dtype has them. */
export function bytesOf(data: NumpyData, dtype: NumpyDType): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  swap(bytes, data, dtype);
  return bytes;
}

function swap(
  bytes: Uint8Array,
  { BYTES_PER_ELEMENT }: NumpyData,
  { byteorder }: NumpyDType,
): void {
  if (BYTES_PER_ELEMENT === 1 || (byteorder === '<') === IS_LITTLE) return;
  for (let at = 0; at < bytes.length; at += BYTES_PER_ELEMENT) {
    bytes.subarray(at, at + BYTES_PER_ELEMENT).reverse();
  }
}

/** The element at an index, as a value: a number, bigint, boolean, text, bytes, PyComplex, or a tuple of fields. */
export function elementOf(data: NumpyData, dtype: NumpyDType, index: number): unknown {
  const { kind, itemsize, fields, subarray } = dtype;
  if (fields !== undefined || subarray !== undefined || 'SUV'.includes(kind)) {
    const raw = data as Uint8Array;
    return rawElement(raw.subarray(index * itemsize, (index + 1) * itemsize), dtype);
  }
  if (kind === 'c') return new PyComplex(Number(data[2 * index]), Number(data[2 * index + 1]));
  const value = data[index];
  if (kind === 'b') return value !== 0;
  return kind === 'f' && itemsize === 2 ? halfOf(value as number) : value;
}

function rawElement(bytes: Uint8Array, dtype: NumpyDType): unknown {
  const { kind, fields, subarray } = dtype;
  if (subarray !== undefined) {
    const { base, shape } = subarray;
    const count = shape.reduce((product, length) => product * length, 1);
    const data = dataOf(bytes, base);
    const items = Array.from({ length: count }, (_, i) => elementOf(data, base, i));
    return nested(items, shape);
  }
  if (fields !== undefined) {
    const values = Array.from(fields.values(), ({ dtype: type, offset }) =>
      elementOf(dataOf(bytes.slice(offset, offset + type.itemsize), type), type, 0),
    );
    return tuple(...values);
  }
  if (kind === 'S') return bytes.slice(0, lengthWithoutZeros(bytes));
  if (kind === 'U') return textOfPoints(bytes, dtype.byteorder === '<');
  return bytes.slice();
}

/** Items in storage order as lists of lists. */
export function nested(items: readonly unknown[], shape: readonly number[]): unknown {
  if (shape.length === 0) return items[0];
  const [length = 0, ...rest] = shape;
  if (rest.length === 0) return items.slice();
  const size = length === 0 ? 0 : items.length / length;
  return Array.from({ length }, (_, i) => nested(items.slice(i * size, (i + 1) * size), rest));
}

function lengthWithoutZeros(bytes: Uint8Array): number {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length -= 1;
  return length;
}

function textOfPoints(bytes: Uint8Array, isLittle: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = view.getUint32(at, isLittle);
    text += point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  }
  return text.replace(/\0+$/, '');
}

function halfOf(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// One element of any dtype, from its bytes and into them: the reader and the writer of each kind stand side by side.
// int64, uint64, datetime64 and timedelta64 are bigint (NaT is -2^63), bytes lose their trailing NULs as in numpy, and
// what JavaScript has no number for (longdouble) stays bytes.

import type { DType } from './dtype.ts';
import type { Complex, Element } from './dtype-names.ts';
import { DTypeError, ElementValueError } from './errors.ts';
import { halfBits, halfValues } from './half.ts';

/** Reads and writes elements of one dtype at byte positions of a DataView. */
export interface ElementCodec {
  get(view: DataView, at: number): Element;
  /** Throws ElementValueError for a value that the dtype cannot hold. */
  set(view: DataView, at: number, value: unknown): void;
}

const codecs = new WeakMap<DType, ElementCodec>();

/** The codec of a dtype. Throws DTypeError for object dtypes. */
export function elementCodec(dtype: DType): ElementCodec {
  let codec = codecs.get(dtype);
  if (codec === undefined) {
    codec = makeCodec(dtype);
    codecs.set(dtype, codec);
  }
  return codec;
}

function makeCodec(dtype: DType): ElementCodec {
  if (dtype.subarray !== undefined) return subarrayCodec(dtype);
  if (dtype.names !== undefined) return structCodec(dtype);
  switch (dtype.kind) {
    case 'b':
      return {
        get: (view, at) => view.getUint8(at) !== 0,
        set: (view, at, value) => view.setUint8(at, toBoolean(value, dtype) ? 1 : 0),
      };
    case 'i':
    case 'u':
      return dtype.itemsize === 8 ? wideCodec(dtype) : integerCodec(dtype);
    case 'M':
    case 'm':
      return wideCodec(dtype);
    case 'f':
      return dtype.itemsize > 8 ? bytesCodec(dtype, false) : floatCodec(dtype);
    case 'c':
      return dtype.itemsize > 16 ? bytesCodec(dtype, false) : complexCodec(dtype);
    case 'S':
      return bytesCodec(dtype, true);
    case 'U':
      return textCodec(dtype);
    case 'V':
      return bytesCodec(dtype, false);
    case 'O':
      throw new DTypeError('Python objects cannot be elements here');
  }
}

function refuse(value: unknown, dtype: DType): never {
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

function toNumber(value: unknown, dtype: DType): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  return refuse(value, dtype);
}

/** Integers of 1, 2 and 4 bytes. A fraction is cut off, as numpy does it. */
function integerCodec(dtype: DType): ElementCodec {
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
function wideCodec(dtype: DType): ElementCodec {
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

function floatCodec(dtype: DType): ElementCodec {
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

function complexCodec(dtype: DType): ElementCodec {
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

function bytesCodec(dtype: DType, padded: boolean): ElementCodec {
  const { itemsize } = dtype;
  return {
    get: (view, at) => {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + at, itemsize);
      let end = itemsize;
      while (padded && end > 0 && bytes[end - 1] === 0) end--;
      return Uint8Array.from(bytes.subarray(0, end));
    },
    set: (view, at, value) => {
      const bytes = typeof value === 'string' && padded ? asciiBytes(value, dtype) : value;
      if (!(bytes instanceof Uint8Array)) return refuse(value, dtype);
      if (padded ? bytes.length > itemsize : bytes.length !== itemsize) {
        throw new ElementValueError(`${bytes.length} bytes for an element of dtype ${dtype}`);
      }
      const target = new Uint8Array(view.buffer, view.byteOffset + at, itemsize);
      target.set(bytes);
      target.fill(0, bytes.length);
    },
  };
}

function asciiBytes(text: string, dtype: DType): Uint8Array {
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) refuse(text, dtype);
  return bytes;
}

function textCodec(dtype: DType): ElementCodec {
  const little = dtype.byteorder !== '>';
  const length = dtype.itemsize / 4;
  return {
    get: (view, at) => {
      let end = length;
      while (end > 0 && view.getUint32(at + 4 * (end - 1)) === 0) end--;
      let text = '';
      for (let i = 0; i < end; i++) {
        const point = view.getUint32(at + 4 * i, little);
        if (point > 0x10ffff) {
          throw new ElementValueError(`text holds ${point}, which is no character`);
        }
        text += String.fromCodePoint(point);
      }
      return text;
    },
    set: (view, at, value) => {
      if (typeof value !== 'string') return refuse(value, dtype);
      const points = Array.from(value, (char) => char.codePointAt(0) as number);
      if (points.length > length) {
        throw new ElementValueError(`${points.length} characters for an element of dtype ${dtype}`);
      }
      for (let i = 0; i < length; i++) view.setUint32(at + 4 * i, points[i] ?? 0, little);
    },
  };
}

/** Elements are nested arrays. */
function subarrayCodec(dtype: DType): ElementCodec {
  const { base, shape } = dtype.subarray as NonNullable<DType['subarray']>;
  const item = elementCodec(base);
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, length) => product * length, base.itemsize),
  );
  const get = (view: DataView, at: number, axis: number): Element =>
    axis === shape.length
      ? item.get(view, at)
      : Array.from({ length: shape[axis] as number }, (_, i) =>
          get(view, at + i * (strides[axis] as number), axis + 1),
        );
  const set = (view: DataView, at: number, value: unknown, axis: number): void => {
    if (axis === shape.length) {
      item.set(view, at, value);
      return;
    }
    const length = shape[axis] as number;
    const items =
      ArrayBuffer.isView(value) || Array.isArray(value) ? Array.from(value as never) : [];
    if (items.length !== length) refuse(value, dtype);
    items.forEach((each, i) => {
      set(view, at + i * (strides[axis] as number), each, axis + 1);
    });
  };
  return {
    get: (view, at) => get(view, at, 0),
    set: (view, at, value) => set(view, at, value, 0),
  };
}

/** Elements are objects by field name; a list of values in the order of the fields is taken too. */
function structCodec(dtype: DType): ElementCodec {
  const names = dtype.names ?? [];
  const fields = names.map((name) => {
    const { dtype: type, offset } = dtype.field(name);
    return { name, offset, codec: elementCodec(type) };
  });
  return {
    get: (view, at) => {
      const element: Record<string, Element> = {};
      for (const { name, offset, codec } of fields) {
        // Not an assignment: a field may be called __proto__.
        Object.defineProperty(element, name, {
          value: codec.get(view, at + offset),
          enumerable: true,
          writable: true,
          configurable: true,
        });
      }
      return element;
    },
    set: (view, at, value) => {
      const values = fieldValues(value, names, dtype);
      fields.forEach(({ offset, codec }, i) => {
        codec.set(view, at + offset, values[i]);
      });
    },
  };
}

function fieldValues(value: unknown, names: readonly string[], dtype: DType): readonly unknown[] {
  if (Array.isArray(value)) {
    if (value.length === names.length) return value;
    throw new ElementValueError(
      `${value.length} values for the ${names.length} fields of ${dtype}`,
    );
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
    return refuse(value, dtype);
  }
  const missing = names.find((name) => !Object.hasOwn(value, name));
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (missing !== undefined || unknown !== undefined) {
    throw new ElementValueError(
      missing === undefined
        ? `no field '${unknown}' in ${dtype}`
        : `no value for field '${missing}' of ${dtype}`,
    );
  }
  return names.map((name) => (value as Record<string, unknown>)[name]);
}

// One element of any dtype, from its bytes and into them: the reader and the writer of each kind stand side by side.
// int64, uint64, datetime64 and timedelta64 are bigint (NaT is -2^63), bytes lose their trailing NULs as in numpy, and
// what JavaScript has no number for (longdouble) stays bytes.

import type { DType } from './dtype.ts';
import type { Element } from './dtype-names.ts';
import {
  booleanCodec,
  complexCodec,
  type ElementCodec,
  floatCodec,
  integerCodec,
  refuse,
  wideCodec,
} from './element-numbers.ts';
import { DTypeError, ElementValueError } from './errors.ts';

export type { ElementCodec };

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
      return booleanCodec(dtype);
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

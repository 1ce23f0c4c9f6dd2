// What users hand in as values, as elements of an array: views, typed arrays, nested lists, single values.

import type { DType } from './dtype.ts';
import { dtype } from './dtype-parse.ts';
import { elementCodec } from './elements.ts';
import { DTypeError, ShapeError } from './errors.ts';
import { denseStrides, sizeOf } from './layout.ts';
import type { Elements } from './memory.ts';

const typedArrays: ReadonlyMap<string, string> = new Map([
  ['Int8Array', 'int8'],
  ['Uint8Array', 'uint8'],
  ['Uint8ClampedArray', 'uint8'],
  ['Int16Array', 'int16'],
  ['Uint16Array', 'uint16'],
  ['Int32Array', 'int32'],
  ['Uint32Array', 'uint32'],
  ['BigInt64Array', 'int64'],
  ['BigUint64Array', 'uint64'],
  ['Float16Array', 'float16'],
  ['Float32Array', 'float32'],
  ['Float64Array', 'float64'],
]);

/** Something that holds elements already: an ArrayView. */
function isElements(values: unknown): values is Elements {
  return typeof values === 'object' && values !== null && 'layout' in values && 'buffer' in values;
}

/** Something that can show its elements: a BigArray. */
function isViewable(values: unknown): values is { view(): Elements } {
  return typeof values === 'object' && values !== null && 'view' in values && 'dtype' in values;
}

/**
 * `values` as elements that can be assigned to an array of dtype `target` with `ndim` axes. Arrays, views and typed arrays are
 * taken as they are, without a copy; a typed array as raw memory for complex and half floats, whose `data` have that
 * form. Lists and single values become elements of `target`.
 * Throws ShapeError for a ragged list, ElementValueError for a value that does not fit.
 */
export function elementsOf(values: unknown, target: DType, ndim: number): Elements {
  if (isElements(values)) return values;
  if (isViewable(values)) return values.view();
  if (ArrayBuffer.isView(values) && !isBytesElement(values, target)) {
    return typedElements(values, target);
  }
  const shape: number[] = [];
  for (let level: unknown = values; isList(level, target, shape.length, ndim); level = level[0]) {
    shape.push(level.length);
  }
  const size = sizeOf(shape);
  const buffer = new ArrayBuffer(size * target.itemsize);
  const bytes = new DataView(buffer);
  const codec = elementCodec(target);
  let at = 0;
  const fill = (level: unknown, axis: number): void => {
    if (axis === shape.length) {
      codec.set(bytes, at, level);
      at += target.itemsize;
      return;
    }
    if (!isList(level, target, axis, ndim) || level.length !== shape[axis]) {
      throw new ShapeError(
        `a ragged list: not everything at depth ${axis} has length ${shape[axis]}`,
      );
    }
    for (const item of level) fill(item, axis + 1);
  };
  if (size > 0) fill(values, 0);
  return {
    buffer,
    dtype: target,
    layout: { offset: 0, shape, strides: denseStrides(shape, target.itemsize, 'C') },
  };
}

/** Whether a Uint8Array is one element (of a bytes or void dtype) and not an array of numbers. */
function isBytesElement(values: ArrayBufferView, target: DType): boolean {
  return (
    values instanceof Uint8Array &&
    target.names === undefined &&
    !target.isNative &&
    !isNumeric(target)
  );
}

function isNumeric(target: DType): boolean {
  return target.itemsize <= 8 && 'biufmM'.includes(target.kind);
}

/** A list at this depth is an axis, unless the elements themselves are lists: a record, or a subarray. */
function isList(
  value: unknown,
  target: DType,
  depth: number,
  ndim: number,
): value is ArrayLike<unknown> & Iterable<unknown> {
  if (Array.isArray(value)) return target.names === undefined || depth < ndim;
  return ArrayBuffer.isView(value) && !isBytesElement(value, target);
}

function typedElements(values: ArrayBufferView, target: DType): Elements {
  const name = typedArrays.get(values.constructor.name) ?? nameOfSubclass(values);
  if (name === undefined) throw new DTypeError('a DataView holds no elements: give a typed array');
  const asRaw = target.isNative && isRawForm(target, values);
  const type = asRaw ? target : dtype(name);
  if (values.byteLength % type.itemsize !== 0) {
    throw new ShapeError(`${values.byteLength} bytes are no whole number of ${type} elements`);
  }
  const shape = [values.byteLength / type.itemsize];
  return {
    buffer: values.buffer,
    dtype: type,
    layout: { offset: values.byteOffset, shape, strides: [type.itemsize] },
  };
}

/** Complex numbers come as interleaved floats, half floats as Uint16Array, times as BigInt64Array: what `data` is. */
function isRawForm(target: DType, values: ArrayBufferView): boolean {
  if ('mM'.includes(target.kind)) return values instanceof BigInt64Array;
  if (target.kind === 'c') {
    return values instanceof (target.itemsize === 8 ? Float32Array : Float64Array);
  }
  return target.name === 'float16' && values instanceof Uint16Array;
}

function nameOfSubclass(values: ArrayBufferView): string | undefined {
  if (values instanceof DataView) return undefined;
  const kind = (values as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag];
  return typedArrays.get(kind);
}

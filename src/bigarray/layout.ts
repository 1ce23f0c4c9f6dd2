// Where the elements of an array lie: a byte offset and, for each axis, a length and a stride in bytes. All arithmetic
// on shapes is here, exact up to 2^53 bytes.

import { ShapeError } from './errors.ts';

/** 'C': the last axis lies densest (rows), 'F': the first (columns). */
export type Order = 'C' | 'F';

/** Element [i, j ...] starts at byte `offset + i * strides[0] + j * strides[1] ...`. */
export interface Layout {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** What is accepted as a shape. */
export type ShapeLike = number | bigint | readonly (number | bigint)[];

/** A shape as an array of lengths. Throws ShapeError unless all are integers, not negative, below 2^53. */
export function toShape(shape: ShapeLike): number[] {
  const lengths = typeof shape === 'object' && shape !== null ? Array.from(shape) : [shape];
  return lengths.map((length) => {
    const value = typeof length === 'bigint' ? Number(length) : length;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw new ShapeError(
        `a shape holds integers of at least 0, not ${typeof length === 'string' ? `'${length}'` : String(length)}`,
      );
    }
    return value;
  });
}

/** The number of elements. Throws ShapeError from 2^53 on. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  if (size <= Number.MAX_SAFE_INTEGER) return size;
  if (shape.includes(0)) return 0;
  throw new ShapeError(`(${shape.join(', ')}) has more than 2^53 elements`);
}

/**
 * The strides of an array that fills its bytes without gaps. An axis of length 0 makes the strides beyond it 0, as in
 * the arrays that wendelin.core stores. Throws ShapeError if the array would need 2^53 bytes or more.
 */
export function denseStrides(shape: readonly number[], itemsize: number, order: Order): number[] {
  const strides = new Array<number>(shape.length);
  let stride = itemsize;
  for (let i = 0; i < shape.length; i++) {
    const axis = order === 'C' ? shape.length - 1 - i : i;
    strides[axis] = stride;
    stride *= shape[axis] as number;
    if (stride > Number.MAX_SAFE_INTEGER && !shape.includes(0)) {
      throw new ShapeError(
        `an array of shape (${shape.join(', ')}) and ${itemsize} bytes an element exceeds 2^53 bytes`,
      );
    }
  }
  return strides;
}

/** The bytes that the elements touch, from the first to behind the last; empty arrays touch none. */
export function extent(layout: Layout, itemsize: number): readonly [low: number, high: number] {
  let low = layout.offset;
  let high = layout.offset;
  for (let axis = 0; axis < layout.shape.length; axis++) {
    const length = layout.shape[axis] as number;
    if (length === 0) return [layout.offset, layout.offset];
    const reach = (length - 1) * (layout.strides[axis] as number);
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low, high + itemsize];
}

/** Whether the elements, in this order, lie one behind the other. Axes of length 1 do not matter. */
export function isDense(layout: Layout, itemsize: number, order: Order): boolean {
  const { shape, strides } = layout;
  let expected = itemsize;
  for (let i = 0; i < shape.length; i++) {
    const axis = order === 'C' ? shape.length - 1 - i : i;
    const length = shape[axis] as number;
    if (length === 0) return true;
    if (length !== 1 && strides[axis] !== expected) return false;
    expected *= length;
  }
  return true;
}

/** `axis` counted from the front. Throws ShapeError if there is no such axis. */
export function toAxis(axis: number, ndim: number): number {
  const found = axis < 0 ? axis + ndim : axis;
  if (!Number.isInteger(axis) || found < 0 || found >= ndim) {
    throw new ShapeError(`axis ${axis} of an array with ${ndim} axes`);
  }
  return found;
}

/** A shape as Python prints it, for messages. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

// What an array is beside its bytes: dtype, shape and order, and what follows from them. Values are immutable; resizing
// an array means giving it another geometry.

import type { DType } from './dtype.ts';
import { DTypeError, ShapeError } from './errors.ts';
import {
  denseStrides,
  type Layout,
  type Order,
  type ShapeLike,
  sizeOf,
  toShape,
} from './layout.ts';

/** What an array is beside its bytes: dtype, shape and order. Never changes. */
export class Geometry<D extends string = any> {
  readonly dtype: DType<D>;
  readonly shape: readonly number[];
  readonly order: Order;
  /** Bytes from element to element of each axis. */
  readonly strides: readonly number[];
  /** The number of elements. */
  readonly size: number;
  readonly nbytes: number;

  /**
   * Throws DTypeError for elements that hold objects or have no bytes, ShapeError for a wrong shape or order, and from
   * 2^53 bytes on.
   */
  constructor(dtype: DType<D>, shape: ShapeLike, order: Order) {
    if (dtype.hasObject)
      throw new DTypeError(`${dtype} holds Python objects: they cannot lie in an array's file`);
    if (dtype.itemsize === 0) throw new DTypeError(`elements of dtype ${dtype} have no size`);
    if (order !== 'C' && order !== 'F') {
      throw new ShapeError(`order is 'C' or 'F', not ${String(order)}`);
    }
    this.dtype = dtype;
    this.shape = toShape(shape);
    this.order = order;
    this.strides = denseStrides(this.shape, dtype.itemsize, order);
    this.size = sizeOf(this.shape);
    this.nbytes = this.size * dtype.itemsize;
  }

  /** The axis that grows: the first in C order, the last in F order. Throws ShapeError if there is none. */
  get majorAxis(): number {
    if (this.shape.length === 0) throw new ShapeError('an array without axes has no length');
    return this.order === 'C' ? 0 : this.shape.length - 1;
  }

  /** All elements, from the start of the file. */
  get layout(): Layout {
    return { offset: 0, shape: this.shape, strides: this.strides };
  }

  /** The same with another shape. */
  resized(shape: ShapeLike): Geometry<D> {
    return new Geometry(this.dtype, shape, this.order);
  }
}

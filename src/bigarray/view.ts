// An n-dimensional view of memory: a real typed array, and how the elements lie in it. Slicing, transposing, a field of
// a record, another shape: all are views of the same memory, as in numpy.

import { ClosedError } from '../zodb/errors.ts';
import { broadcastTo, dropLeading } from './broadcast.ts';
import { copyElements } from './copy.ts';
import type { DType } from './dtype.ts';
import type { DataOf, ElementOf, TypedArray } from './dtype-names.ts';
import { type DTypeSpec, dtype as toDType } from './dtype-parse.ts';
import { elementCodec } from './elements.ts';
import { ArrayIndexError, ShapeError } from './errors.ts';
import {
  denseStrides,
  extent,
  formatShape,
  isDense,
  type Layout,
  type Order,
  sizeOf,
  toAxis,
} from './layout.ts';
import { type ArrayMemory, bufferMemory, type Elements, type MemoryGuard } from './memory.ts';
import { completeShape, reshapeLayout } from './reshape.ts';
import { applyIndexes, type Index, resolveInteger } from './slices.ts';
import { expandSubarray } from './subarray.ts';
import { elementsOf } from './values.ts';

/**
 * A view of elements of dtype `D`. Element [i, j ...] begins at `data[offset + i * stride[0] + j * stride[1] ...]`.
 *
 * `data` is exactly the elements where they lie one behind the other, else the smallest array that covers them. Its type
 * follows from the dtype (complex numbers are two floats, half floats a Uint16Array, bool a Uint8Array); for everything
 * else, and where elements are not aligned, it is a Uint8Array: use `get` and `set` there.
 */
export class ArrayView<D extends string = any> implements Elements {
  readonly data: DataOf<D>;
  readonly dtype: DType<D>;
  readonly shape: readonly number[];
  /** Steps from element to element of each axis, in bytes. */
  readonly strides: readonly number[];
  /** Where element [0, 0 ...] begins in `data`, in items of `data`. */
  readonly offset: number;
  /** Steps from element to element of each axis, in items of `data`. */
  readonly stride: readonly number[];
  /** The place of the elements in `data.buffer`, in bytes. */
  readonly layout: Layout;
  readonly #guard: MemoryGuard | undefined;
  #bytes: DataView | undefined;

  /** A view of elements in a buffer. Users get views from arrays: `A.view()`. */
  constructor(elements: Elements & { readonly dtype: DType<D> }, guard?: MemoryGuard) {
    const { dtype, layout } = expandSubarray(elements.dtype, elements.layout);
    this.dtype = dtype as DType<D>;
    this.layout = layout;
    this.shape = layout.shape;
    this.strides = layout.strides;
    this.#guard = guard;
    const [low, high] = extent(layout, dtype.itemsize);
    const native = dtype.arrayType;
    const fits = (bytes: number): boolean => bytes % native.BYTES_PER_ELEMENT === 0;
    const aligned =
      fits(low) && layout.strides.every((bytes, axis) => layout.shape[axis] === 1 || fits(bytes));
    const arrayType = aligned ? native : Uint8Array;
    const unit = arrayType.BYTES_PER_ELEMENT;
    // No elements: they are nowhere, and `low` may lie outside of the buffer.
    const start = low === high ? 0 : low;
    this.data = new arrayType(elements.buffer, start, (high - low) / unit) as DataOf<D>;
    this.offset = (layout.offset - low) / unit;
    this.stride = layout.strides.map((bytes) => Math.trunc(bytes / unit));
  }

  get buffer(): ArrayBufferLike {
    return (this.data as TypedArray).buffer;
  }

  get ndim(): number {
    return this.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  get itemsize(): number {
    return this.dtype.itemsize;
  }

  get nbytes(): number {
    return this.size * this.itemsize;
  }

  /** The length of the first axis. Throws ShapeError if there is none. */
  get length(): number {
    if (this.shape.length === 0) throw new ShapeError('a view without axes has no length');
    return this.shape[0] as number;
  }

  /** The order in which `data` is exactly the elements; undefined if it is in none. */
  get order(): Order | undefined {
    if (isDense(this.layout, this.itemsize, 'C')) return 'C';
    return isDense(this.layout, this.itemsize, 'F') ? 'F' : undefined;
  }

  /** The memory of this view, for functions that take arrays and views alike. */
  get memory(): ArrayMemory {
    this.#live();
    return bufferMemory(this.buffer, this.#guard);
  }

  /**
   * One element. Throws ArrayIndexError unless there is one index for each axis, in range; negative ones count from
   * the end.
   *
   * @example
   * A.view().get(3, -1);
   */
  get(...indexes: number[]): ElementOf<D> {
    const at = this.#at(indexes);
    const bytes = this.#live();
    const codec = elementCodec(this.dtype);
    return this.#guarded(() => codec.get(bytes, at) as ElementOf<D>);
  }

  /**
   * Writes one element: the value first, then an index for each axis. Throws ArrayIndexError as `get`, and
   * ElementValueError if the dtype cannot hold the value.
   */
  set(value: unknown, ...indexes: number[]): void {
    const at = this.#at(indexes);
    const bytes = this.#live();
    const codec = elementCodec(this.dtype);
    this.#guarded(() => codec.set(bytes, at, value));
  }

  /** The same memory through basic indexes: integers drop an axis, `slice(...)` narrows one. */
  view(indexes: readonly Index[] = []): ArrayView<D> {
    return this.#derive(this.dtype, applyIndexes(this.layout, indexes));
  }

  /**
   * Writes values into all elements, with numpy's broadcasting and conversions: a view, a typed array, nested lists, or
   * one value. Throws ShapeError if the shapes do not fit, DTypeError and ElementValueError if the values do not.
   */
  assign(values: unknown): this {
    const other = elementsOf(values, this.dtype, this.ndim);
    const source = expandSubarray(other.dtype, other.layout);
    const layout = broadcastTo(dropLeading(source.layout, this.ndim), this.shape);
    this.#live();
    if (values instanceof ArrayView) values.#live();
    const copy = (): void =>
      copyElements(this, { buffer: other.buffer, dtype: source.dtype, layout });
    this.#guarded(values instanceof ArrayView ? () => values.#guarded(copy) : copy);
    return this;
  }

  /** One field of each record. Throws DTypeError if there is no such field. */
  field(name: string): ArrayView {
    const { dtype, offset } = this.dtype.field(name);
    return this.#derive(dtype, { ...this.layout, offset: this.layout.offset + offset });
  }

  /** The axes in another order; reversed if none is given. Throws ShapeError unless each axis occurs once. */
  transpose(axes?: readonly number[]): ArrayView<D> {
    const order = (axes ?? this.shape.map((_, axis) => -1 - axis)).map((axis) =>
      toAxis(axis, this.ndim),
    );
    if (order.length !== this.ndim || new Set(order).size !== order.length) {
      throw new ShapeError(`axes (${order}) of an array with ${this.ndim} axes`);
    }
    return this.#derive(this.dtype, {
      offset: this.layout.offset,
      shape: order.map((axis) => this.shape[axis] as number),
      strides: order.map((axis) => this.strides[axis] as number),
    });
  }

  /**
   * The same elements, in C order, under another shape; one length may be -1. Always a view: throws ShapeError where
   * only a copy could have that shape (`copy()` first).
   */
  reshape(shape: number | readonly number[]): ArrayView<D> {
    const wanted = completeShape(typeof shape === 'number' ? [shape] : shape, this.size);
    const layout = reshapeLayout(this.layout, wanted, this.itemsize);
    if (layout === undefined) {
      throw new ShapeError(
        `a view of shape ${formatShape(this.shape)} and strides (${this.strides.join(', ')}) ` +
          `cannot become ${formatShape(wanted)} without a copy`,
      );
    }
    return this.#derive(this.dtype, layout);
  }

  /** A copy in ordinary memory, dense in `order`. */
  copy(order: Order = 'C'): ArrayView<D> {
    return zeros(this.shape, this.dtype, order).assign(this);
  }

  /** A copy converted to another dtype. Throws DTypeError if there is no conversion. */
  astype<E extends string>(dtype: E | DType<E>, order?: Order): ArrayView<E>;
  astype(dtype: DTypeSpec, order?: Order): ArrayView;
  astype(dtype: DTypeSpec, order: Order = 'C'): ArrayView {
    return zeros(this.shape, toDType(dtype as string), order).assign(this);
  }

  /** Keeps the memory loaded while `fn` runs: system calls (files, sockets) do not load it by themselves. */
  pin<T>(fn: () => T): T {
    const [low, high] = extent(this.layout, this.itemsize);
    return this.#guard?.pin === undefined
      ? this.#guarded(fn)
      : this.#guard.pin(low, high - low, fn);
  }

  /** All elements as nested lists: numpy's `tolist`. */
  toArray(): unknown {
    const codec = elementCodec(this.dtype);
    const bytes = this.#live();
    const [low] = extent(this.layout, this.itemsize);
    const build = (axis: number, at: number): unknown =>
      axis === this.ndim
        ? codec.get(bytes, at)
        : Array.from({ length: this.shape[axis] as number }, (_, i) =>
            build(axis + 1, at + i * (this.strides[axis] as number)),
          );
    return this.#guarded(() => build(0, this.layout.offset - low));
  }

  /** Elements of a view with one axis, views along the first axis of others. */
  *[Symbol.iterator](): IterableIterator<ElementOf<D> | ArrayView> {
    for (let i = 0; i < this.length; i++) {
      yield this.ndim === 1 ? this.get(i) : this.view([i]);
    }
  }

  toString(): string {
    return `ArrayView(${this.dtype}, shape ${formatShape(this.shape)})`;
  }

  #derive<E extends string>(dtype: DType<E>, layout: Layout): ArrayView<E> {
    this.#live();
    return new ArrayView({ buffer: this.buffer, dtype, layout }, this.#guard);
  }

  #guarded<T>(fn: () => T): T {
    return this.#guard === undefined ? fn() : this.#guard.guard(fn);
  }

  /** The byte position of an element in `#bytes`. */
  #at(indexes: readonly number[]): number {
    if (indexes.length !== this.ndim) {
      throw new ArrayIndexError(
        `${indexes.length} indexes for one element of shape ${formatShape(this.shape)}: give ${this.ndim}`,
      );
    }
    let at = this.offset * (this.data as TypedArray).BYTES_PER_ELEMENT;
    for (let axis = 0; axis < indexes.length; axis++) {
      const length = this.shape[axis] as number;
      const given = indexes[axis] as number;
      const index =
        Number.isInteger(given) && given >= 0 && given < length
          ? given
          : resolveInteger(given, length, axis);
      at += index * (this.strides[axis] as number);
    }
    return at;
  }

  /** The bytes of `data`. Throws ClosedError if the memory is gone. */
  #live(): DataView {
    const data = this.data as TypedArray;
    if (data.length === 0 && this.size > 0 && this.itemsize > 0) {
      throw new ClosedError('the array that this view shows was closed');
    }
    this.#bytes ??= new DataView(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    return this.#bytes;
  }
}

// Printing a view must not load what it shows.
Object.defineProperty(ArrayView.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: ArrayView): string {
    return this.toString();
  },
});

/** A view of new memory, all zeros. */
export function zeros<D extends string>(
  shape: readonly number[],
  dtype: DType<D>,
  order: Order = 'C',
): ArrayView<D> {
  return new ArrayView({
    buffer: new ArrayBuffer(sizeOf(shape) * dtype.itemsize),
    dtype,
    layout: { offset: 0, shape: [...shape], strides: denseStrides(shape, dtype.itemsize, order) },
  });
}

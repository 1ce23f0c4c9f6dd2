// BigArray: an array over a file of any size. It holds only dtype, shape and order; `view` gives real memory over a part
// of the file, `read` and `write` copy, append and resize only change the shape and the new elements.

import { broadcastTo, dropLeading } from './broadcast.ts';
import { apartFrom, copyElements } from './copy.ts';
import type { DType } from './dtype.ts';
import type { ElementOf } from './dtype-names.ts';
import { ShapeError } from './errors.ts';
import type { Geometry } from './geometry.ts';
import { extent, formatShape, type Layout, type Order, type ShapeLike } from './layout.ts';
import { type ArrayMemory, bufferGuard, type Elements } from './memory.ts';
import { applyIndexes, type Index, slice } from './slices.ts';
import { expandSubarray } from './subarray.ts';
import { elementsOf } from './values.ts';
import { ArrayView, zeros } from './view.ts';
import { part, type Ranges, windows } from './windows.ts';

/** Bytes that `read`, `write` and iteration touch at a time. */
const WINDOW = 1 << 25;

/**
 * An array of elements of dtype `D`, without end in its file: element [0, 0 ...] is at byte 0, the bytes behind the last
 * element may be anything. What it is stored in, subclasses say.
 */
export abstract class BigArray<D extends string = any> {
  /** Dtype, shape and order; assigning is a change of the array. */
  abstract geometry: Geometry<D>;
  /** The bytes of the file. */
  abstract readonly memory: ArrayMemory;

  get dtype(): DType<D> {
    return this.geometry.dtype;
  }

  get shape(): readonly number[] {
    return this.geometry.shape;
  }

  /** Bytes from element to element of each axis. */
  get strides(): readonly number[] {
    return this.geometry.strides;
  }

  get order(): Order {
    return this.geometry.order;
  }

  /** The number of elements. */
  get size(): number {
    return this.geometry.size;
  }

  get nbytes(): number {
    return this.geometry.nbytes;
  }

  get ndim(): number {
    return this.geometry.shape.length;
  }

  get itemsize(): number {
    return this.geometry.dtype.itemsize;
  }

  /** The length of the axis that `append` grows. Throws ShapeError if there is none. */
  get length(): number {
    const { shape, majorAxis } = this.geometry;
    return shape[majorAxis] as number;
  }

  /** Where the elements lie in the file. */
  get layout(): Layout {
    return this.geometry.layout;
  }

  /**
   * Memory over the elements that the indexes select (all if none are given): reading it loads, writing it changes the
   * file. Nothing is copied. Throws ArrayIndexError for wrong indexes, ViewTooLargeError beyond what one view can cover.
   *
   * @example
   * A.view([slice(0, 10), -1]).data;
   */
  view(indexes: readonly Index[] = []): ArrayView<D> {
    return viewOf(this, applyIndexes(this.geometry.layout, indexes));
  }

  /** A copy of the selected elements in ordinary memory, at any size that fits there. */
  read(indexes: readonly Index[] = []): ArrayView<D> {
    const { geometry, memory } = this;
    const indexed = applyIndexes(geometry.layout, indexes);
    const copy = zeros(indexed.shape, geometry.dtype);
    const { dtype, layout: found } = expandSubarray(geometry.dtype, indexed);
    memory.guard(() => {
      for (const ranges of windows(found, dtype.itemsize, WINDOW)) {
        const piece = part(found, ranges);
        const [low, high] = extent(piece, dtype.itemsize);
        const span = memory.read?.(low, high - low) ?? memory.buffer(low, high - low);
        const from = { ...piece, offset: piece.offset - low + span.byteOffset };
        copyElements(
          { buffer: copy.buffer, dtype, layout: part(copy.layout, ranges) },
          { buffer: span.buffer, dtype, layout: from },
        );
      }
    });
    return copy;
  }

  /**
   * Writes values into the selected elements, with numpy's broadcasting and conversions, at any size.
   * Throws ArrayIndexError, ShapeError, DTypeError, ElementValueError.
   */
  write(indexes: readonly Index[], values: unknown): void {
    const { geometry } = this;
    const target = expandSubarray(geometry.dtype, applyIndexes(geometry.layout, indexes));
    writeTo(this.memory, target, elementsOf(values, target.dtype, target.layout.shape.length));
  }

  /**
   * Adds elements at the end: along the first axis in C order, the last in F order. The other axes of `values` must be
   * those of the array. Only the new elements are touched. Throws ShapeError, DTypeError or ElementValueError, and
   * leaves the shape as it was.
   */
  append(values: unknown): void {
    const before = this.geometry;
    const { majorAxis } = before;
    const { dtype, layout } = expandSubarray(before.dtype, before.layout);
    const { shape } = layout;
    const added = elementsOf(values, dtype, shape.length);
    const extra = added.layout.shape[majorAxis] ?? 0;
    const fits =
      added.layout.shape.length === shape.length &&
      shape.every((length, axis) => axis === majorAxis || length === added.layout.shape[axis]);
    if (!fits) {
      throw new ShapeError(
        `values of shape ${formatShape(added.layout.shape)} cannot be appended to an array of shape ` +
          `${formatShape(shape)}: only axis ${majorAxis} may differ`,
      );
    }
    if (extra === 0) return;
    const grown = (length: number, axis: number): number =>
      axis === majorAxis ? length + extra : length;
    this.geometry = before.resized(before.shape.map(grown));
    try {
      const after = expandSubarray(before.dtype, this.layout);
      const ranges = after.layout.shape.map(
        (length, axis) => [axis === majorAxis ? length - extra : 0, length] as const,
      );
      writeTo(this.memory, { dtype, layout: part(after.layout, ranges) }, added);
    } catch (error) {
      this.geometry = before;
      throw error;
    }
  }

  /**
   * Changes the shape. No data move and none are dropped: bytes behind the end come back when the array grows again,
   * and other inner axes read the same bytes differently. Views that exist keep their shape and their memory.
   */
  resize(shape: ShapeLike): void {
    this.geometry = this.geometry.resized(shape);
  }

  /** Starts loading the selected elements without blocking; resolves when touching them will not wait. */
  async prefetch(indexes: readonly Index[] = []): Promise<void> {
    const { dtype, layout } = this.geometry;
    const [low, high] = extent(applyIndexes(layout, indexes), dtype.itemsize);
    if (low < high) await this.memory.prefetch?.(low, high - low);
  }

  /** Elements of an array with one axis, views along the first axis of others. */
  *[Symbol.iterator](): IterableIterator<ElementOf<D> | ArrayView<any>> {
    const { shape, strides } = this.geometry;
    const length = shape[0];
    if (length === undefined) throw new ShapeError('an array without axes cannot be iterated');
    const rows = Math.max(1, Math.floor(WINDOW / Math.max(1, strides[0] as number)));
    for (let row = 0; row < length; row += rows) {
      yield* this.view([slice(row, Math.min(row + rows, length))]);
    }
  }

  toString(): string {
    return `${this.constructor.name}(${this.dtype}, shape ${formatShape(this.shape)}, order ${this.order})`;
  }
}

function viewOf<D extends string>(array: BigArray<D>, layout: Layout): ArrayView<D> {
  const { geometry, memory } = array;
  const { dtype } = geometry;
  const [low, high] = extent(layout, dtype.itemsize);
  if (low === high) {
    return new ArrayView({ buffer: new ArrayBuffer(0), dtype, layout: { ...layout, offset: 0 } });
  }
  const span = memory.buffer(low, high - low);
  return new ArrayView(
    {
      buffer: span.buffer,
      dtype,
      layout: { ...layout, offset: layout.offset - low + span.byteOffset },
    },
    bufferGuard(memory, span, low),
  );
}

function writeTo(
  memory: ArrayMemory,
  { dtype, layout }: { readonly dtype: DType; readonly layout: Layout },
  values: Elements,
): void {
  const given = expandSubarray(values.dtype, values.layout);
  const shaped = broadcastTo(dropLeading(given.layout, layout.shape.length), layout.shape);
  let source: Elements = { buffer: values.buffer, dtype: given.dtype, layout: shaped };
  memory.guard(() => {
    const pieces = [...windows(layout, dtype.itemsize, WINDOW)];
    const target = (ranges: Ranges): Elements => {
      const piece = part(layout, ranges);
      const [low, high] = extent(piece, dtype.itemsize);
      const { buffer, byteOffset } = memory.buffer(low, high - low);
      return { buffer, dtype, layout: { ...piece, offset: piece.offset - low + byteOffset } };
    };
    // What one piece writes may be what another one has yet to read.
    if (pieces.length > 1) {
      for (const ranges of pieces) source = apartFrom(target(ranges), source);
    }
    for (const ranges of pieces) {
      copyElements(target(ranges), { ...source, layout: part(source.layout, ranges) });
    }
  });
}

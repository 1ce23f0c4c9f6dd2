// RAMArray: a BigArray in ordinary memory, for tests and for data that are not worth storing. Append and resize keep the
// memory in place, so that views taken before stay coupled to the array.

import { ViewTooLargeError } from '../bigfile/index.ts';
import { BigArray } from './bigarray.ts';
import type { DType } from './dtype.ts';
import { type DTypeSpec, dtype as toDType } from './dtype-parse.ts';
import { Geometry } from './geometry.ts';
import type { Order, ShapeLike } from './layout.ts';
import type { ArrayMemory, Span } from './memory.ts';

/** Resizable buffers are newer than the library that we compile against. */
interface ResizableBuffer extends ArrayBuffer {
  resize(byteLength: number): void;
}
type ResizableConstructor = new (
  byteLength: number,
  options: { readonly maxByteLength: number },
) => ResizableBuffer;

/** Address space reserved for an array; it costs nothing until it is used. Node 20 allows no more. */
const RESERVE = 2 ** 32;

/** Memory that grows in place up to a limit. */
class GrowingMemory implements ArrayMemory {
  readonly maxView: number;
  readonly #buffer: ResizableBuffer;

  constructor(byteLength: number) {
    const Resizable = ArrayBuffer as unknown as ResizableConstructor;
    // A system that limits address space may still have less.
    for (let reserve = RESERVE; ; reserve /= 2) {
      if (byteLength > reserve) {
        throw new ViewTooLargeError(
          byteLength,
          reserve,
          'the most that memory of one array can grow to',
        );
      }
      try {
        this.#buffer = new Resizable(byteLength, { maxByteLength: reserve });
        this.maxView = reserve;
        return;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    }
  }

  buffer(byteOffset: number, byteLength: number): Span {
    const end = byteOffset + byteLength;
    if (end > this.maxView) {
      throw new ViewTooLargeError(
        end,
        this.maxView,
        'the most that memory of one array can grow to',
      );
    }
    if (end > this.#buffer.byteLength) this.#buffer.resize(end);
    return { buffer: this.#buffer, byteOffset };
  }

  guard<T>(fn: () => T): T {
    return fn();
  }
}

/** An array in memory of the process; it may grow to 4 GiB. */
export class RAMArray<D extends string = any> extends BigArray<D> {
  geometry: Geometry<D>;
  readonly memory: ArrayMemory;

  /**
   * An array of zeros.
   *
   * @example
   * new RAMArray([0, 3], 'float64');
   */
  constructor(shape: ShapeLike, dtype: D | DType<D>, options?: { readonly order?: Order });
  constructor(shape: ShapeLike, dtype: DTypeSpec, options?: { readonly order?: Order });
  constructor(shape: ShapeLike, dtype: DTypeSpec, options: { readonly order?: Order } = {}) {
    super();
    this.geometry = new Geometry(toDType(dtype as D), shape, options.order ?? 'C');
    this.memory = new GrowingMemory(this.geometry.nbytes);
  }
}

// Reading the elements of a file of any size run after run, a few MiB of memory at a time, in the form that computations
// want: plain numbers in a Float64Array, complex numbers in pairs, 64-bit integers in two halves.

import { type DType, hostOrder } from './dtype.ts';
import type { Complex } from './dtype-names.ts';
import { elementCodec } from './elements.ts';
import { StoppedError } from './errors.ts';
import type { Layout } from './layout.ts';
import { extent } from './layout.ts';
import type { ArrayMemory } from './memory.ts';

/** Elements that live anywhere: a whole array, or a view. */
export interface ElementSource {
  readonly dtype: DType;
  readonly layout: Layout;
  readonly memory: ArrayMemory;
}

/** Told now and then how far a computation is; returning false stops it with StoppedError. */
export type OnProgress = (doneElements: number, allElements: number) => unknown;

/** Elements converted at a time, also the size of numpy's buffer, so that sums are rounded at the same places. */
export const CHUNK = 8192;
/** Bytes asked of the memory at a time, two blocks; windows end where a block does, so that the next one begins there. */
const WINDOW = 1 << 22;
const BLOCK = 1 << 21;
/** Elements taken at a time where nothing is converted. */
const DIRECT = 1 << 17;
/** Elements between two calls of onProgress. */
const REPORT = 1 << 19;

/** The index of the low half of a 64-bit number in memory. */
const LOW = hostOrder === '<' ? 0 : 1;

export class ElementRuns {
  /** The numbers of the last `numbers` or `pairs`: from `start`, every `step`th. */
  array: Float64Array;
  /** The halves of the last `wide`: low ones unsigned, high ones signed where the dtype is. */
  low: Uint32Array = new Uint32Array(0);
  high: Int32Array | Uint32Array = new Int32Array(0);
  start = 0;
  step = 1;
  /** The most elements that one call can give. */
  readonly most: number;

  readonly #memory: ArrayMemory;
  readonly #dtype: DType;
  readonly #aligned: boolean;
  readonly #scratch: Float64Array;
  readonly #progress: OnProgress | undefined;
  readonly #what: string;
  readonly #total: number;
  readonly #end: number;
  #done = 0;
  #reported = 0;
  #low = 0;
  #high = 0;
  #buffer: ArrayBufferLike = new ArrayBuffer(0);
  /** Position in the buffer minus position in the file. */
  #shift = 0;
  #doubles: Float64Array;

  constructor(source: ElementSource, total: number, what: string, onProgress?: OnProgress) {
    const { dtype, layout } = source;
    this.#memory = source.memory;
    this.#dtype = dtype;
    this.#total = total;
    this.#what = what;
    this.#progress = onProgress;
    this.#end = extent(layout, dtype.itemsize)[1];
    const unit = dtype.arrayType.BYTES_PER_ELEMENT;
    this.#aligned =
      dtype.isNative &&
      layout.offset % unit === 0 &&
      layout.strides.every((bytes, axis) => layout.shape[axis] === 1 || bytes % unit === 0);
    const direct = this.#aligned && unit === 8;
    this.most = direct ? DIRECT : CHUNK;
    this.#scratch = new Float64Array(direct ? 0 : CHUNK * (dtype.kind === 'c' ? 2 : 1));
    this.#doubles = this.#scratch;
    this.array = this.#scratch;
  }

  /** `count` numbers (at most `most`) from byte `offset` of the file on, `step` bytes apart: bool, ints, floats. */
  numbers(offset: number, count: number, step: number): void {
    this.#seek(offset, count, step);
    if (!this.#aligned) this.#decode(offset, count, step);
    else if (this.#dtype.itemsize === 8) this.#direct(offset, step);
    else this.#convert(offset, count, step, 1);
  }

  /** The same for complex numbers: `step` then counts numbers, two of which are one element. */
  pairs(offset: number, count: number, step: number): void {
    this.#seek(offset, count, step);
    if (!this.#aligned) this.#decodePairs(offset, count, step);
    else if (this.#dtype.itemsize === 16) this.#direct(offset, step);
    else this.#convert(offset, count, step, 2);
  }

  /** The same for 64-bit integers and times, as halves: `step` counts halves. */
  wide(offset: number, count: number, step: number): void {
    this.#seek(offset, count, step);
    let buffer = this.#buffer;
    this.start = (offset + this.#shift) / 4;
    this.step = step / 4;
    if (!this.#aligned) {
      const codec = elementCodec(this.#dtype);
      const from = new DataView(buffer as ArrayBuffer);
      buffer = this.#scratch.buffer;
      const to = new BigUint64Array(buffer);
      for (let i = 0; i < count; i++) {
        to[i] = codec.get(from, offset + this.#shift + i * step) as bigint;
      }
      this.start = 0;
      this.step = 2;
    }
    if (this.low.buffer !== buffer) {
      const length = Math.floor(buffer.byteLength / 4);
      this.low = new Uint32Array(buffer, 0, length);
      this.high = this.#dtype.kind === 'u' ? this.low : new Int32Array(buffer, 0, length);
    }
  }

  /** The halves' places beside `start`: low, then high. */
  get halves(): readonly [low: number, high: number] {
    return [this.start + LOW, this.start + 1 - LOW];
  }

  /** 64-bit integers as the nearest numbers. */
  wideNumbers(offset: number, count: number, step: number, to: Float64Array): void {
    this.wide(offset, count, step);
    const { low, high } = this;
    let [l, h] = this.halves;
    for (let i = 0; i < count; i++) {
      to[i] = (high[h] as number) * 4294967296 + (low[l] as number);
      l += this.step;
      h += this.step;
    }
  }

  #seek(offset: number, count: number, step: number): void {
    const reach = (count - 1) * step;
    const low = Math.min(offset, offset + reach);
    const high = Math.max(offset, offset + reach) + this.#dtype.itemsize;
    if (low < this.#low || high > this.#high) {
      // Going backwards the window ends at the run, else it begins there.
      this.#low = step < 0 ? Math.max(0, Math.min(low, high - WINDOW)) : low;
      this.#low -= this.#low % 16;
      const far = low + WINDOW - ((low + WINDOW) % BLOCK);
      this.#high = step < 0 ? high : Math.max(high, Math.min(this.#end, far));
      const length = this.#high - this.#low;
      const span = this.#memory.read?.(this.#low, length) ?? this.#memory.buffer(this.#low, length);
      this.#buffer = span.buffer;
      this.#shift = span.byteOffset - this.#low;
    }
    this.#done += count;
    if (this.#progress !== undefined && this.#done - this.#reported >= REPORT) this.#report();
  }

  #report(): void {
    this.#reported = this.#done;
    if (this.#progress?.(Math.min(this.#done, this.#total), this.#total) === false) {
      throw new StoppedError(this.#what);
    }
  }

  #direct(offset: number, step: number): void {
    if (this.#doubles.buffer !== this.#buffer) {
      this.#doubles = new Float64Array(this.#buffer, 0, Math.floor(this.#buffer.byteLength / 8));
    }
    this.array = this.#doubles;
    this.start = (offset + this.#shift) / 8;
    this.step = step / 8;
  }

  /** Numbers of another typed array: converted into the scratch array, by the engine where they are dense. */
  #convert(offset: number, count: number, step: number, parts: 1 | 2): void {
    const { arrayType, kind, itemsize } = this.#dtype;
    if (kind === 'f' && itemsize === 2) {
      this.#decode(offset, count, step);
      return;
    }
    const unit = arrayType.BYTES_PER_ELEMENT;
    const at = offset + this.#shift;
    const scratch = this.#scratch;
    if (step === itemsize) {
      scratch.set(new arrayType(this.#buffer, at, count * parts) as Float32Array);
    } else {
      const length = Math.floor(this.#buffer.byteLength / unit);
      const from = new arrayType(this.#buffer, 0, length) as Float32Array;
      const by = step / unit;
      let p = at / unit;
      for (let i = 0; i < count; i++, p += by) {
        for (let part = 0; part < parts; part++)
          scratch[i * parts + part] = from[p + part] as number;
      }
    }
    this.#scratched(parts);
  }

  #decode(offset: number, count: number, step: number): void {
    const codec = elementCodec(this.#dtype);
    const from = new DataView(this.#buffer as ArrayBuffer);
    const at = offset + this.#shift;
    for (let i = 0; i < count; i++) {
      this.#scratch[i] = Number(codec.get(from, at + i * step));
    }
    this.#scratched(1);
  }

  #decodePairs(offset: number, count: number, step: number): void {
    const codec = elementCodec(this.#dtype);
    const from = new DataView(this.#buffer as ArrayBuffer);
    const at = offset + this.#shift;
    for (let i = 0; i < count; i++) {
      const { real, imag } = codec.get(from, at + i * step) as Complex;
      this.#scratch[2 * i] = real;
      this.#scratch[2 * i + 1] = imag;
    }
    this.#scratched(2);
  }

  #scratched(step: number): void {
    this.array = this.#scratch;
    this.start = 0;
    this.step = step;
  }
}

/** Random numbers, elements and selections, the same ones for the same seed, also in other languages. */
import { BLOCK_SIZE } from '../../src/bigfile/index.ts';
import type { ArrayModel, Axis } from './block-model.ts';

/** Numbers that only look random: the same for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(part: number): boolean {
    return this.below(1000) < part * 1000;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/** The dtypes of arrays under test: plain, unaligned, and elements that lie across the edges of blocks. */
export const DTYPES: readonly (readonly [dtype: string, itemsize: number])[] = [
  ['bool', 1],
  ['int8', 1],
  ['uint16', 2],
  ['float16', 2],
  ['>i4', 4],
  ['float32', 4],
  ['int64', 8],
  ['float64', 8],
  ['M8[ns]', 8],
  ['complex128', 16],
  ['S5', 5],
  ['U3', 12],
  ['i4, f8, S3', 15],
];

/** Bytes that a program in another language makes in the same way; `undefined` is zeros. */
export interface Pattern {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export function patternBytes(
  pattern: Pattern | undefined,
  dtype: string,
  length: number,
): Uint8Array {
  const bytes = new Uint8Array(length);
  if (pattern === undefined) return bytes;
  const { a, b, c } = pattern;
  const mask = dtype === 'bool' ? 1 : 255;
  for (let i = 0; i < length; i++) bytes[i] = (a * i + b * (i >> 8) + c) & mask;
  return bytes;
}

export function randomPattern(random: Random): Pattern | undefined {
  if (random.chance(0.15)) return undefined;
  return { a: random.below(256), b: random.below(256), c: random.below(256) };
}

/** A selection of elements, of not too many single ones; slices often begin or end near the edge of a block. */
export function randomAxes(
  random: Random,
  array: Pick<ArrayModel, 'shape' | 'itemsize'>,
  most = 100_000,
): Axis[] {
  const { shape, itemsize } = array;
  let left = most;
  return shape.map((length, axis) => {
    const edge = Math.floor(BLOCK_SIZE / itemsize) * random.between(1, 5);
    const near = shape.length === 1 && random.chance(0.5) && edge < length;
    const start = near ? Math.max(0, edge - random.below(9)) : random.below(length);
    const step = random.chance(0.6) ? 1 : random.pick([2, 3, 7, 1000, 131072, 300_001]);
    const room = Math.ceil((length - start) / step);
    const limit = step === 1 && axis === shape.length - 1 ? left * 10 : left;
    const count = Math.max(1, Math.min(random.chance(0.3) ? room : random.between(1, room), limit));
    left = Math.max(1, Math.floor(left / count));
    return { start, count, step };
  });
}

// How many elements fall into which bin, of arrays and views of any size.

import { ArgumentError } from '../zodb/errors.ts';
import type { DType } from './dtype.ts';
import { CHUNK, type ElementRuns, type OnProgress } from './element-runs.ts';
import { DTypeError } from './errors.ts';
import { checkComputation, type Fold, pieces, reduce, reductionShape } from './fold.ts';
import { halfBits, halfValues } from './half.ts';
import { sizeOf } from './layout.ts';
import { max, min, type Reducible } from './reduce.ts';

/** Which bins a histogram has. */
export interface HistogramOptions {
  /** How many bins of equal width (default 10), or their edges, ascending: one more than there are bins. */
  readonly bins?: number | ArrayLike<number> | undefined;
  /** From where to where bins of equal width reach; if left out from the least to the greatest element. */
  readonly range?: readonly [low: number, high: number] | undefined;
  /** Called now and then; returning false stops with StoppedError. */
  readonly onProgress?: OnProgress | undefined;
}

/** How many elements each bin got. */
export interface Histogram {
  readonly counts: Float64Array;
  /** One more than counts. A bin includes its lower edge, the last one also its upper. */
  readonly edges: Float64Array;
}

/**
 * Counts elements by bin: numpy's `histogram`. What is outside of all bins, and NaN in a given range, is not counted.
 * Throws DTypeError of anything but real numbers and booleans, ArgumentError for wrong bins or a range that is not finite.
 */
export function histogram(array: Reducible, options: HistogramOptions = {}): Histogram {
  checkComputation(array, 'histogram', options.onProgress);
  const { dtype } = array;
  if (!'biuf'.includes(dtype.kind) || dtype.itemsize > 8) {
    throw new DTypeError(`there is no histogram of ${dtype} elements`);
  }
  const { bins = 10 } = options;
  const equal = typeof bins === 'number';
  const edges = equal ? equalEdges(array, bins, options) : checkedEdges(bins);
  const shape = reductionShape(array.layout.shape, undefined);
  const wide = 'iu'.includes(dtype.kind) && dtype.itemsize === 8;
  const { counts } = reduce(array, shape, 'histogram', options.onProgress, (runs) => {
    return new BinCounts(runs, edges, equal, wide);
  });
  return { counts, edges };
}

function checkedEdges(bins: ArrayLike<number>): Float64Array {
  const edges = Float64Array.from(bins);
  if (edges.length < 2 || edges.some((edge, i) => i > 0 && !(edge >= (edges[i - 1] as number)))) {
    throw new ArgumentError('edges of bins are at least two ascending numbers');
  }
  return edges;
}

function equalEdges(
  array: Reducible,
  bins: number,
  { range, onProgress }: HistogramOptions,
): Float64Array {
  if (!Number.isSafeInteger(bins) || bins < 1) {
    throw new ArgumentError(`bins are a positive number of bins or a list of edges, not ${bins}`);
  }
  if (range !== undefined && !Array.isArray(range)) {
    throw new ArgumentError(`a range is a pair [low, high], got ${String(range)}`);
  }
  const empty = sizeOf(array.layout.shape) === 0;
  let [low, high] =
    range ??
    (empty ? [0, 1] : [Number(min(array, { onProgress })), Number(max(array, { onProgress }))]);
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
    throw new ArgumentError(`a histogram cannot reach from ${low} to ${high}: give a range`);
  }
  const round = rounding(array.dtype);
  // Bounds that are elements are computed with in their precision, given ones as doubles.
  const f = range === undefined && !empty ? round : Number;
  if (low === high) [low, high] = [f(low - 0.5), f(high + 0.5)];
  const step = f(f(high - low) / bins);
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => round(f(i * step) + low));
  edges[bins] = round(high);
  if (edges.some((edge, i) => i > 0 && edge <= (edges[i - 1] as number))) {
    throw new ArgumentError(`between ${low} and ${high} there are no ${bins} bins`);
  }
  return edges;
}

/** Edges have the precision of the elements. */
function rounding(dtype: DType): (value: number) => number {
  if (dtype.kind !== 'f' || dtype.itemsize === 8) return Number;
  if (dtype.itemsize === 4) return Math.fround;
  return (value) => halfValues()[halfBits(value)] as number;
}

class BinCounts implements Fold {
  readonly counts: Float64Array;
  readonly #runs: ElementRuns;
  readonly #edges: Float64Array;
  readonly #equal: boolean;
  readonly #converted: Float64Array | undefined;

  constructor(runs: ElementRuns, edges: Float64Array, equal: boolean, wide: boolean) {
    this.counts = new Float64Array(edges.length - 1);
    this.#runs = runs;
    this.#edges = edges;
    this.#equal = equal;
    this.#converted = wide ? new Float64Array(CHUNK) : undefined;
  }

  fold(offset: number, count: number, step: number): void {
    const runs = this.#runs;
    const converted = this.#converted;
    pieces(offset, count, step, converted === undefined ? runs.most : CHUNK, (at, length) => {
      if (converted === undefined) {
        runs.numbers(at, length, step);
        this.#count(runs.array, runs.start, length, runs.step);
      } else {
        runs.wideNumbers(at, length, step, converted);
        this.#count(converted, 0, length, 1);
      }
    });
  }

  each(offset: number, count: number, step: number): void {
    this.fold(offset, count, step);
  }

  #count(array: Float64Array, start: number, count: number, step: number): void {
    const { counts } = this;
    const edges = this.#edges;
    const bins = counts.length;
    const low = edges[0] as number;
    const high = edges[bins] as number;
    const scale = bins / (high - low);
    for (let i = 0, p = start; i < count; i++, p += step) {
      const value = array[p] as number;
      if (!(value >= low && value <= high)) continue;
      let bin: number;
      if (this.#equal) {
        bin = Math.min(Math.floor((value - low) * scale), bins - 1);
        // Rounding may be one off at an edge: the edges decide.
        if (value < (edges[bin] as number)) bin--;
        else if (bin < bins - 1 && value >= (edges[bin + 1] as number)) bin++;
      } else {
        bin = binOf(value, edges);
      }
      counts[bin] = (counts[bin] as number) + 1;
    }
  }
}

/** The last bin that begins at or below the value, by halving; the last edge belongs to the last bin. */
function binOf(value: number, edges: Float64Array): number {
  let low = 0;
  let high = edges.length - 1;
  if (value === edges[high]) {
    // Bins without width at the end hold nothing but their edge, which belongs to the last.
    return high - 1;
  }
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) <= value) low = middle;
    else high = middle;
  }
  return low;
}

// Sum, mean, minimum, maximum, variance and standard deviation of arrays and views of any size: elements are read in
// windows of some MiB, in numpy's order, so that results are numpy's.
//
// Types of results, as numpy has them: a sum of integers or booleans is a 64-bit integer (a bigint, modulo 2^64), a sum of
// floats has their precision; least and greatest elements have the array's dtype; means and deviations of integers are
// doubles, of floats have their precision.

import { ArgumentError } from '../zodb/errors.ts';
import type { DType } from './dtype.ts';
import type { Element, ElementOf } from './dtype-names.ts';
import { dtype as toDType } from './dtype-parse.ts';
import type { ElementSource, OnProgress } from './element-runs.ts';
import { elementCodec } from './elements.ts';
import { DTypeError, ShapeError } from './errors.ts';
import { NumberExtreme, WideExtreme } from './extreme-folds.ts';
import { checkComputation, type ReductionShape, reduce, reductionShape } from './fold.ts';
import { halfBits, halfValues } from './half.ts';
import { IntegerSum } from './integer-sum.ts';
import { formatShape } from './layout.ts';
import { ComplexSums, NumberSum, type NumberSumOptions } from './sum-folds.ts';
import { type ArrayView, zeros } from './view.ts';

/** An array or a view. */
export interface Reducible<D extends string = any> extends ElementSource {
  readonly dtype: DType<D>;
}

/** How to reduce an array. */
export interface ReduceOptions {
  /** Axes to reduce; all of them if it is left out. */
  readonly axis?: number | readonly number[] | undefined;
  /** Keep reduced axes, with length 1. */
  readonly keepdims?: boolean | undefined;
  /** Called now and then; returning false stops with StoppedError. */
  readonly onProgress?: OnProgress | undefined;
}

/** How to compute a variance or standard deviation. */
export interface DeviationOptions extends ReduceOptions {
  /** Divide by the number of elements minus this. Default 0. */
  readonly ddof?: number | undefined;
}

type WithAxis = { readonly axis: number | readonly number[] };

/** What a sum is: a bigint of integers and booleans. */
export type SumOf<D extends string> =
  ElementOf<D> extends boolean
    ? bigint
    : ElementOf<D> extends number
      ? D extends `${string}int${string}` | `${string}${'i' | 'u'}${1 | 2 | 4}`
        ? bigint
        : number
      : ElementOf<D>;

/** What a mean is. */
export type MeanOf<D extends string> =
  ElementOf<D> extends bigint | boolean ? number : ElementOf<D>;

/**
 * The sum of all elements, or along axes as a view. Of int64 it is exact modulo 2^64, of floats pairwise.
 * Throws DTypeError where there is no sum, ShapeError for a wrong axis, ArgumentError, StoppedError, BlockLoadError.
 */
export function sum(array: Reducible, options: ReduceOptions & WithAxis): ArrayView;
export function sum<D extends string>(array: Reducible<D>, options?: ReduceOptions): SumOf<D>;
export function sum(array: Reducible, options: ReduceOptions = {}): unknown {
  checkComputation(array, 'sum', options.onProgress);
  const { dtype } = array;
  const shape = reductionShape(array.layout.shape, options.axis);
  const { onProgress } = options;
  if (dtype.kind === 'c' && dtype.itemsize <= 16) {
    return results(complexSum(array, shape, 'sum', onProgress), native(dtype), shape, options);
  }
  if (dtype.kind === 'f' && dtype.itemsize <= 8) {
    const buffered = !dtype.isNative;
    const { sums } = numberSum(array, shape, 'sum', onProgress, {
      single: dtype.itemsize < 8,
      round: rounding(dtype),
      wide: false,
      buffered,
    });
    return results((i) => sums[i] as number, native(dtype), shape, options);
  }
  if (!'bium'.includes(dtype.kind)) throw new DTypeError(`there is no sum of ${dtype} elements`);
  const wide = dtype.itemsize === 8;
  const fold = reduce(array, shape, 'sum', onProgress, (runs, n) => {
    return new IntegerSum(runs, n, dtype.kind, wide);
  });
  fold.finish();
  const type =
    dtype.kind === 'm' ? native(dtype) : toDType(dtype.kind === 'u' ? 'uint64' : 'int64');
  return results((i) => fold.sums[i] as bigint, type, shape, options);
}

/**
 * The mean of all elements, or along axes as a view; NaN of nothing. Of integers it is numpy's double.
 * Throws DTypeError where there is no mean, else as `sum`.
 */
export function mean(array: Reducible, options: ReduceOptions & WithAxis): ArrayView;
export function mean<D extends string>(array: Reducible<D>, options?: ReduceOptions): MeanOf<D>;
export function mean(array: Reducible, options: ReduceOptions = {}): unknown {
  checkComputation(array, 'mean', options.onProgress);
  const shape = reductionShape(array.layout.shape, options.axis);
  const { dtype } = array;
  if (dtype.kind === 'c' && dtype.itemsize <= 16) {
    const at = complexSum(array, shape, 'mean', options.onProgress);
    const round = dtype.itemsize === 8 ? Math.fround : Number;
    // numpy divides complex numbers by multiplying with the reciprocal, in double precision.
    const factor = 1 / shape.count;
    const part = (value: number): number => round(value * factor);
    return results(
      (i) => ({ real: part(at(i).real), imag: part(at(i).imag) }),
      native(dtype),
      shape,
      options,
    );
  }
  const means = meansOf(array, shape, 'mean', options.onProgress);
  return results((i) => means[i] as number, meanType(dtype), shape, options);
}

/** The least element, NaN or NaT if there is one. Throws ShapeError of nothing, DTypeError where there is no order. */
export function min(array: Reducible, options: ReduceOptions & WithAxis): ArrayView;
export function min<D extends string>(array: Reducible<D>, options?: ReduceOptions): ElementOf<D>;
export function min(array: Reducible, options: ReduceOptions = {}): unknown {
  return extreme(array, true, options);
}

/** The greatest element, as `min`. */
export function max(array: Reducible, options: ReduceOptions & WithAxis): ArrayView;
export function max<D extends string>(array: Reducible<D>, options?: ReduceOptions): ElementOf<D>;
export function max(array: Reducible, options: ReduceOptions = {}): unknown {
  return extreme(array, false, options);
}

/** The mean squared distance from the mean: numpy's `var`. Reads the elements twice. Throws DTypeError as `std`. */
export function variance(array: Reducible, options: DeviationOptions & WithAxis): ArrayView;
export function variance(array: Reducible, options?: DeviationOptions): number;
export function variance(array: Reducible, options: DeviationOptions = {}): unknown {
  return deviation(array, 'variance', options, (value) => value);
}

/** The standard deviation. Reads the elements twice. Throws DTypeError of anything but booleans and real numbers. */
export function std(array: Reducible, options: DeviationOptions & WithAxis): ArrayView;
export function std(array: Reducible, options?: DeviationOptions): number;
export function std(array: Reducible, options: DeviationOptions = {}): unknown {
  return deviation(array, 'std', options, Math.sqrt);
}

/** The same dtype in this machine's byte order. */
function native(dtype: DType): DType {
  return toDType(dtype.str.replace(/^[<>]/, '='));
}

const toHalf = (value: number): number => halfValues()[halfBits(value)] as number;

/** How a result of this dtype is rounded. */
function rounding(dtype: DType): ((value: number) => number) | undefined {
  if (dtype.kind !== 'f' || dtype.itemsize === 8) return undefined;
  return dtype.itemsize === 2 ? toHalf : Math.fround;
}

function meanType(dtype: DType): DType {
  return dtype.kind === 'f' ? native(dtype) : toDType('float64');
}

function numberSum(
  array: Reducible,
  shape: ReductionShape,
  what: string,
  onProgress: OnProgress | undefined,
  options: NumberSumOptions,
): NumberSum {
  return reduce(array, shape, what, onProgress, (runs, n) => new NumberSum(runs, n, options));
}

function complexSum(
  array: Reducible,
  shape: ReductionShape,
  what: string,
  onProgress: OnProgress | undefined,
): (i: number) => { real: number; imag: number } {
  const { dtype } = array;
  const { sums } = reduce(array, shape, what, onProgress, (runs, n) => {
    return new ComplexSums(runs, n, dtype.itemsize === 8, !dtype.isNative);
  });
  return (i) => ({ real: sums[2 * i] as number, imag: sums[2 * i + 1] as number });
}

/**
 * Means before their last rounding. Of half floats numpy computes them in single precision, but for deviations in half
 * precision throughout.
 */
function meansOf(
  array: Reducible,
  shape: ReductionShape,
  what: string,
  onProgress: OnProgress | undefined,
  halves = false,
): Float64Array {
  const { dtype } = array;
  if (!'biuf'.includes(dtype.kind) || dtype.itemsize > 8) {
    throw new DTypeError(`there is no ${what} of ${dtype} elements`);
  }
  const single = dtype.kind === 'f' && dtype.itemsize < 8;
  const round = halves ? rounding(dtype) : single ? Math.fround : undefined;
  const { sums } = numberSum(array, shape, what, onProgress, {
    single,
    round,
    wide: 'iu'.includes(dtype.kind) && dtype.itemsize === 8,
    buffered: dtype.kind !== 'f' || (dtype.itemsize === 2 && !halves) || !dtype.isNative,
  });
  return sums.map((total) => (round ?? Number)(total / shape.count));
}

function extreme(array: Reducible, least: boolean, options: ReduceOptions): unknown {
  const what = least ? 'min' : 'max';
  checkComputation(array, what, options.onProgress);
  const { dtype } = array;
  if (!'biufmM'.includes(dtype.kind) || dtype.itemsize > 8) {
    throw new DTypeError(`there is no ${what} of ${dtype} elements`);
  }
  const shape = reductionShape(array.layout.shape, options.axis);
  if (shape.count === 0 && !shape.shape.includes(0)) {
    throw new ShapeError(
      `no elements in shape ${formatShape(array.layout.shape)}: there is no ${what}`,
    );
  }
  const { onProgress } = options;
  if (dtype.kind !== 'f' && dtype.itemsize === 8) {
    const nat = 'mM'.includes(dtype.kind);
    const fold = reduce(array, shape, what, onProgress, (runs, n) => {
      return new WideExtreme(runs, n, least, nat);
    });
    return results((i) => fold.found(i), native(dtype), shape, options);
  }
  const { found } = reduce(array, shape, what, onProgress, (runs, n) => {
    return new NumberExtreme(runs, n, least);
  });
  const one = (i: number): Element => (dtype.kind === 'b' ? found[i] === 1 : (found[i] as number));
  return results(one, native(dtype), shape, options);
}

function deviation(
  array: Reducible,
  what: string,
  options: DeviationOptions,
  last: (value: number) => number,
): unknown {
  checkComputation(array, what, options.onProgress);
  const { ddof = 0 } = options;
  if (typeof ddof !== 'number') throw new ArgumentError(`ddof is a number, got ${String(ddof)}`);
  const { dtype } = array;
  const shape = reductionShape(array.layout.shape, options.axis);
  const from = meansOf(array, shape, what, options.onProgress, true);
  const single = dtype.kind === 'f' && dtype.itemsize < 8;
  const { sums } = numberSum(array, shape, what, options.onProgress, {
    single,
    round: rounding(dtype),
    wide: 'iu'.includes(dtype.kind) && dtype.itemsize === 8,
    buffered: false,
    from,
  });
  const divisor = Math.max(shape.count - ddof, 0);
  const round = rounding(dtype) ?? Number;
  return results(
    (i) => round(last(round((sums[i] as number) / divisor))),
    meanType(dtype),
    shape,
    options,
  );
}

/** One element if everything was reduced, else a view of the results. */
function results(
  at: (result: number) => Element,
  dtype: DType,
  { shape, kept }: ReductionShape,
  options: ReduceOptions,
): unknown {
  const { axis, keepdims = false } = options;
  const round = dtype.name === 'float16' ? (value: Element) => toHalf(value as number) : undefined;
  if (axis === undefined && !keepdims) return round === undefined ? at(0) : round(at(0));
  const view = zeros(keepdims ? kept : shape, dtype);
  const bytes = new DataView(view.buffer as ArrayBuffer);
  const codec = elementCodec(dtype);
  for (let i = 0; i < view.size; i++) codec.set(bytes, i * dtype.itemsize, at(i));
  return view;
}

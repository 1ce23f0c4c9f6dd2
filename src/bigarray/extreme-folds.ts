// Least and greatest elements. NaN and NaT win over everything, as in numpy.

import type { ElementRuns } from './element-runs.ts';
import { type Fold, pieces } from './fold.ts';

/** Which end: the comparison is of elements times this. */
export type End = 1 | -1;

/** Of numbers: bool, ints up to 32 bits, floats. */
export class NumberExtreme implements Fold {
  readonly found: Float64Array;
  readonly #runs: ElementRuns;
  readonly #least: boolean;

  constructor(runs: ElementRuns, results: number, least: boolean) {
    this.#runs = runs;
    this.#least = least;
    this.found = new Float64Array(results).fill(least ? Infinity : -Infinity);
  }

  fold(offset: number, count: number, step: number, to: number): void {
    const runs = this.#runs;
    pieces(offset, count, step, runs.most, (at, length) => {
      runs.numbers(at, length, step);
      const best = this.found[to] as number;
      const one = this.#least
        ? leastOf(best, runs.array, runs.start, length, runs.step)
        : greatestOf(best, runs.array, runs.start, length, runs.step);
      this.found[to] = one;
    });
  }

  each(offset: number, count: number, step: number, to: number, toStep: number): void {
    const runs = this.#runs;
    const { found } = this;
    pieces(offset, count, step, runs.most, (at, length, done) => {
      runs.numbers(at, length, step);
      const { array, start, step: by } = runs;
      let q = to + done * toStep;
      for (let i = 0, p = start; i < length; i++, p += by, q += toStep) {
        const value = array[p] as number;
        const best = found[q] as number;
        // Comparisons with NaN are false: an element that is NaN is taken, and stays.
        if (Number.isNaN(value) || (this.#least ? value < best : value > best)) found[q] = value;
      }
    });
  }
}

function leastOf(best: number, a: Float64Array, p: number, count: number, step: number): number {
  let nan = best;
  for (let i = 0; i < count; i++, p += step) {
    const value = a[p] as number;
    if (value < best) best = value;
    else if (Number.isNaN(value)) nan = value;
  }
  return Number.isNaN(nan) ? nan : best;
}

function greatestOf(best: number, a: Float64Array, p: number, count: number, step: number): number {
  let nan = best;
  for (let i = 0; i < count; i++, p += step) {
    const value = a[p] as number;
    if (value > best) best = value;
    else if (Number.isNaN(value)) nan = value;
  }
  return Number.isNaN(nan) ? nan : best;
}

/** Of 64-bit integers and times, compared in halves. */
export class WideExtreme implements Fold {
  readonly #runs: ElementRuns;
  readonly #sign: End;
  readonly #nat: boolean;
  readonly #high: Float64Array;
  readonly #low: Float64Array;

  constructor(runs: ElementRuns, results: number, least: boolean, nat: boolean) {
    this.#runs = runs;
    this.#sign = least ? 1 : -1;
    this.#nat = nat;
    this.#high = new Float64Array(results).fill(least ? Infinity : -Infinity);
    this.#low = new Float64Array(results);
  }

  fold(offset: number, count: number, step: number, to: number): void {
    this.each(offset, count, step, to, 0);
  }

  each(offset: number, count: number, step: number, to: number, toStep: number): void {
    const runs = this.#runs;
    pieces(offset, count, step, runs.most, (at, length, done) => {
      runs.wide(at, length, step);
      if (toStep === 0) this.#one(length, to);
      else this.#many(length, to + done * toStep, toStep);
    });
  }

  #one(count: number, to: number): void {
    const { low, high, step } = this.#runs;
    let [l, h] = this.#runs.halves;
    let bestHigh = this.#high[to] as number;
    let bestLow = this.#low[to] as number;
    if (this.#nat && isNaT(bestHigh, bestLow)) return;
    const sign = this.#sign;
    for (let i = 0; i < count; i++, l += step, h += step) {
      const ours = (high[h] as number) - bestHigh;
      const order = ours === 0 ? (low[l] as number) - bestLow : ours;
      if (order * sign < 0 || (this.#nat && isNaT(high[h] as number, low[l] as number))) {
        bestHigh = high[h] as number;
        bestLow = low[l] as number;
        if (this.#nat && isNaT(bestHigh, bestLow)) break;
      }
    }
    this.#high[to] = bestHigh;
    this.#low[to] = bestLow;
  }

  #many(count: number, to: number, toStep: number): void {
    const { low, high, step } = this.#runs;
    let [l, h] = this.#runs.halves;
    const sign = this.#sign;
    for (let i = 0; i < count; i++, l += step, h += step, to += toStep) {
      const bestHigh = this.#high[to] as number;
      const bestLow = this.#low[to] as number;
      if (this.#nat && isNaT(bestHigh, bestLow)) continue;
      const ours = (high[h] as number) - bestHigh;
      const order = ours === 0 ? (low[l] as number) - bestLow : ours;
      if (order * sign < 0 || (this.#nat && isNaT(high[h] as number, low[l] as number))) {
        this.#high[to] = high[h] as number;
        this.#low[to] = low[l] as number;
      }
    }
  }

  /** The element found for a result. */
  found(result: number): bigint {
    return (BigInt(this.#high[result] as number) << 32n) + BigInt(this.#low[result] as number);
  }
}

function isNaT(high: number, low: number): boolean {
  return high === -0x80000000 && low === 0;
}

// Sums of integers, exact: doubles add them as long as no bit can be lost, then the result goes into a 64-bit integer.

import type { ElementRuns } from './element-runs.ts';
import { type Fold, pieces } from './fold.ts';

/** Numbers below 2^32 that can be added in a double without losing a bit, leaving room for one more run. */
const EXACT = 1 << 20;

/** Whether `count` more elements would be too many for exact doubles. */
class Allowance {
  #left = EXACT;
  spend(count: number, flush: () => void): void {
    this.#left -= count;
    if (this.#left >= 0) return;
    flush();
    this.#left = EXACT - count;
  }
}

/**
 * Sums of integers and booleans, modulo 2^64 as in numpy. 64-bit ones are added as two halves in doubles, which become
 * bigints only now and then.
 */
export class IntegerSum implements Fold {
  /** The sums; `finish` completes them. */
  readonly sums: BigInt64Array | BigUint64Array;
  readonly #runs: ElementRuns;
  readonly #wide: boolean;
  /** Whether the least int64 is NaT, and which results are. */
  readonly #nat: Uint8Array | undefined;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #allowance = new Allowance();

  constructor(runs: ElementRuns, results: number, kind: string, wide: boolean) {
    this.#runs = runs;
    this.#wide = wide;
    this.sums = kind === 'u' ? new BigUint64Array(results) : new BigInt64Array(results);
    this.#nat = kind === 'm' ? new Uint8Array(results) : undefined;
    this.#low = new Float64Array(results);
    this.#high = new Float64Array(results);
  }

  fold(offset: number, count: number, step: number, to: number): void {
    pieces(offset, count, step, this.#runs.most, (at, length) => {
      this.#allowance.spend(length, () => this.finish());
      if (this.#wide) this.#foldWide(at, length, step, to);
      else {
        this.#runs.numbers(at, length, step);
        const { array, start, step: by } = this.#runs;
        let sum = 0;
        for (let i = 0, p = start; i < length; i++, p += by) sum += array[p] as number;
        this.#low[to] = (this.#low[to] as number) + sum;
      }
    });
  }

  #foldWide(offset: number, count: number, step: number, to: number): void {
    const runs = this.#runs;
    runs.wide(offset, count, step);
    const [l, h] = runs.halves;
    this.#low[to] = (this.#low[to] as number) + sumHalves(runs.low, l, count, runs.step);
    this.#high[to] = (this.#high[to] as number) + sumHalves(runs.high, h, count, runs.step);
    if (this.#nat?.[to] === 0) this.#findNaT(l, h, count, to, 0);
  }

  each(offset: number, count: number, step: number, to: number, toStep: number): void {
    this.#allowance.spend(1, () => this.finish());
    const runs = this.#runs;
    const sums = this.#low;
    pieces(offset, count, step, runs.most, (at, length, done) => {
      let q = to + done * toStep;
      if (this.#wide) {
        runs.wide(at, length, step);
        const { low, high, step: by } = runs;
        let [l, h] = runs.halves;
        if (this.#nat !== undefined) this.#findNaT(l, h, length, q, toStep);
        for (let i = 0; i < length; i++, l += by, h += by, q += toStep) {
          sums[q] = (sums[q] as number) + (low[l] as number);
          this.#high[q] = (this.#high[q] as number) + (high[h] as number);
        }
      } else {
        runs.numbers(at, length, step);
        const { array, start, step: by } = runs;
        for (let i = 0, p = start; i < length; i++, p += by, q += toStep) {
          sums[q] = (sums[q] as number) + (array[p] as number);
        }
      }
    });
  }

  #findNaT(l: number, h: number, count: number, to: number, toStep: number): void {
    const { low, high, step } = this.#runs;
    for (let i = 0; i < count; i++) {
      if (high[h + i * step] === -0x80000000 && low[l + i * step] === 0) {
        (this.#nat as Uint8Array)[to + i * toStep] = 1;
      }
    }
  }

  /** Moves what was added in doubles into `sums`. */
  finish(): void {
    const { sums } = this;
    for (let i = 0; i < sums.length; i++) {
      if (this.#nat?.[i] === 1) sums[i] = -(2n ** 63n);
      else {
        const high = BigInt(this.#high[i] as number) << 32n;
        // The array keeps the low 64 bits.
        sums[i] = (sums[i] as bigint) + high + BigInt(this.#low[i] as number);
      }
    }
    this.#low.fill(0);
    this.#high.fill(0);
  }
}

function sumHalves(a: Int32Array | Uint32Array, p: number, count: number, step: number): number {
  let [even, odd] = [0, 0];
  const end = p + (count - (count % 2)) * step;
  for (; p !== end; p += 2 * step) {
    even += a[p] as number;
    odd += a[p + step] as number;
  }
  return even + odd + (count % 2 === 1 ? (a[p] as number) : 0);
}

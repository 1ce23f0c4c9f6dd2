// Sums: exact ones of integers, pairwise ones of floats and complex numbers.

import { CHUNK, type ElementRuns } from './element-runs.ts';
import { type ElementGroup, type Fold, pieces } from './fold.ts';
import {
  type ComplexSum,
  splitAt,
  splitPairsAt,
  sumDoubles,
  sumPairs,
  sumSingles,
} from './pairwise.ts';

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

/** How the numbers of a sum are had, and how it is rounded. */
export interface NumberSumOptions {
  /** To what each step is rounded: doubles not at all. */
  readonly round?: ((value: number) => number) | undefined;
  /** Single precision within a pairwise sum. */
  readonly single: boolean;
  /** Whether the elements are 64-bit integers, to be taken as the nearest numbers. */
  readonly wide: boolean;
  /** Whether numpy would convert the elements in buffers of 8192 first: then each of those is summed by itself. */
  readonly buffered: boolean;
  /** Sum squared distances from these, one for each result, instead of the elements. */
  readonly from?: Float64Array | undefined;
}

const exact = (value: number): number => value;

/** Sums of floats, or of anything as floats. */
export class NumberSum implements Fold {
  readonly sums: Float64Array;
  readonly #runs: ElementRuns;
  readonly #options: NumberSumOptions;
  readonly #round: (value: number) => number;
  readonly #most: number;
  readonly #scratch: Float64Array | undefined;
  #group: Float64Array | undefined;
  #array: Float64Array;
  #start = 0;
  #step = 1;

  constructor(runs: ElementRuns, results: number, options: NumberSumOptions) {
    this.sums = new Float64Array(results);
    this.#runs = runs;
    this.#options = options;
    this.#round = options.round ?? exact;
    const copied = options.wide || options.from !== undefined;
    this.#most = copied ? CHUNK : runs.most;
    this.#scratch = copied ? new Float64Array(CHUNK) : undefined;
    this.#array = this.#scratch ?? runs.array;
  }

  fold(offset: number, count: number, step: number, to: number): void {
    const most = this.#options.buffered ? CHUNK : count;
    pieces(offset, count, step, most, (at, length) => {
      const sum = this.#pairwise(at, length, step, to);
      this.sums[to] = this.#round((this.sums[to] as number) + sum);
    });
  }

  foldGroup(group: ElementGroup, to: number): void {
    this.#group ??= new Float64Array(CHUNK);
    // Squared distances are an array of their own in numpy, without gaps: they are one run.
    const counts = this.#options.from === undefined ? group.buffers() : [group.count];
    for (const count of counts) {
      this.sums[to] = this.#round((this.sums[to] as number) + this.#ofGroup(group, count, to));
    }
  }

  #ofGroup(group: ElementGroup, count: number, to: number): number {
    if (count > CHUNK) {
      const n = splitAt(count);
      const first = this.#ofGroup(group, n, to);
      const sum = first + this.#ofGroup(group, count - n, to);
      return this.#options.single ? Math.fround(sum) : sum;
    }
    const gathered = this.#group as Float64Array;
    group.take(count, (offset, length, step, done) => {
      this.#fetch(offset, length, step);
      if (this.#options.from !== undefined) this.#square(length, to, 0);
      const array = this.#array;
      let p = this.#start;
      for (let i = 0; i < length; i++, p += this.#step) gathered[done + i] = array[p] as number;
    });
    return (this.#options.single ? sumSingles : sumDoubles)(gathered, 0, count, 1);
  }

  #pairwise(offset: number, count: number, step: number, to: number): number {
    if (count > this.#most) {
      const n = splitAt(count);
      const first = this.#pairwise(offset, n, step, to);
      const sum = first + this.#pairwise(offset + n * step, count - n, step, to);
      return this.#options.single ? Math.fround(sum) : sum;
    }
    this.#fetch(offset, count, step);
    if (this.#options.from !== undefined) this.#square(count, to, 0);
    return (this.#options.single ? sumSingles : sumDoubles)(
      this.#array,
      this.#start,
      count,
      this.#step,
    );
  }

  each(offset: number, count: number, step: number, to: number, toStep: number): void {
    const { sums } = this;
    const round = this.#round;
    pieces(offset, count, step, this.#most, (at, length, done) => {
      this.#fetch(at, length, step);
      let q = to + done * toStep;
      if (this.#options.from !== undefined) this.#square(length, q, toStep);
      const array = this.#array;
      const by = this.#step;
      let p = this.#start;
      if (round === exact) {
        for (let i = 0; i < length; i++, p += by, q += toStep) {
          sums[q] = (sums[q] as number) + (array[p] as number);
        }
      } else {
        for (let i = 0; i < length; i++, p += by, q += toStep) {
          sums[q] = round((sums[q] as number) + (array[p] as number));
        }
      }
    });
  }

  #fetch(offset: number, count: number, step: number): void {
    const runs = this.#runs;
    if (this.#options.wide) {
      runs.wideNumbers(offset, count, step, this.#scratch as Float64Array);
      return;
    }
    runs.numbers(offset, count, step);
    this.#array = runs.array;
    this.#start = runs.start;
    this.#step = runs.step;
  }

  #square(count: number, to: number, toStep: number): void {
    const scratch = this.#scratch as Float64Array;
    const from = this.#options.from as Float64Array;
    const array = this.#array;
    const round = this.#round;
    let p = this.#start;
    for (let i = 0; i < count; i++, p += this.#step, to += toStep) {
      const distance = round((array[p] as number) - (from[to] as number));
      scratch[i] = round(distance * distance);
    }
    this.#array = scratch;
    this.#start = 0;
    this.#step = 1;
  }
}

/** Sums of complex numbers, real and imaginary parts in turn. */
export class ComplexSums implements Fold {
  readonly sums: Float64Array;
  readonly #runs: ElementRuns;
  readonly #round: (value: number) => number;
  readonly #buffered: boolean;

  constructor(runs: ElementRuns, results: number, single: boolean, buffered: boolean) {
    this.sums = new Float64Array(2 * results);
    this.#runs = runs;
    this.#round = single ? Math.fround : exact;
    this.#buffered = buffered;
  }

  fold(offset: number, count: number, step: number, to: number): void {
    pieces(offset, count, step, this.#buffered ? CHUNK : count, (at, length) => {
      const { real, imag } = this.#pairwise(at, length, step);
      this.#add(to, real, imag);
    });
  }

  foldGroup(group: ElementGroup, to: number): void {
    const gathered = new Float64Array(2 * CHUNK);
    for (const count of group.buffers()) {
      group.take(count, (offset, length, step, done) => {
        this.#runs.pairs(offset, length, step);
        const { array, start, step: by } = this.#runs;
        for (let i = 0; i < length; i++) {
          gathered[2 * (done + i)] = array[start + i * by] as number;
          gathered[2 * (done + i) + 1] = array[start + i * by + 1] as number;
        }
      });
      const { real, imag } = sumPairs(gathered, 0, count, 2, this.#round);
      this.#add(to, real, imag);
    }
  }

  #pairwise(offset: number, count: number, step: number): ComplexSum {
    const runs = this.#runs;
    const round = this.#round;
    if (count > runs.most) {
      const n = splitPairsAt(count);
      const first = this.#pairwise(offset, n, step);
      const rest = this.#pairwise(offset + n * step, count - n, step);
      return { real: round(first.real + rest.real), imag: round(first.imag + rest.imag) };
    }
    runs.pairs(offset, count, step);
    return sumPairs(runs.array, runs.start, count, runs.step, round);
  }

  each(offset: number, count: number, step: number, to: number, toStep: number): void {
    const runs = this.#runs;
    pieces(offset, count, step, runs.most, (at, length, done) => {
      runs.pairs(at, length, step);
      const { array, start, step: by } = runs;
      for (let i = 0; i < length; i++) {
        const p = start + i * by;
        this.#add(to + (done + i) * toStep, array[p] as number, array[p + 1] as number);
      }
    });
  }

  #add(to: number, real: number, imag: number): void {
    const { sums } = this;
    sums[2 * to] = this.#round((sums[2 * to] as number) + real);
    sums[2 * to + 1] = this.#round((sums[2 * to + 1] as number) + imag);
  }
}

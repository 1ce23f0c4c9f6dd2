// Sums of floats and complex numbers, in pairs of pairs.

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

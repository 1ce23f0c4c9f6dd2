// The frame of every reduction: which elements fall into which result, in numpy's order, and what a fold is.

import { ArgumentError } from '../zodb/errors.ts';
import { CHUNK, ElementRuns, type ElementSource, type OnProgress } from './element-runs.ts';
import { ShapeError } from './errors.ts';
import { denseStrides, sizeOf, toAxis } from './layout.ts';
import { type LoopPlan, planLoop, runLoop } from './loop.ts';

/** Accumulates elements, into one accumulator for each result. */
export interface Fold {
  /** Elements at byte `offset` of the file, `step` bytes apart, all into accumulator `to`. */
  fold(offset: number, count: number, step: number, to: number): void;
  /** The first into accumulator `to`, each next one `toStep` further. */
  each(offset: number, count: number, step: number, to: number, toStep: number): void;
  /**
   * Elements of several axes, all into accumulator `to`. Only folds whose result depends on which elements are taken
   * together have it; to others the runs are given one by one.
   */
  foldGroup?(group: ElementGroup, to: number): void;
}

/** Walks over the elements of several axes that cannot be joined into one run. */
export class ElementGroup {
  /** How many elements there are, and how many of them numpy takes into its buffer together. */
  readonly count: number;
  readonly #axes: readonly GroupAxis[];
  readonly #at: number[];
  #offset: number;

  constructor(offset: number, axes: readonly GroupAxis[]) {
    this.#offset = offset;
    this.#axes = axes;
    this.#at = axes.map(() => 0);
    this.count = axes.reduce((product, { length }) => product * length, 1);
  }

  /**
   * The counts of elements that numpy buffers together, in order: whole inner axes as far as they fit, and of the next
   * axis as much as fits then.
   */
  *buffers(): Generator<number> {
    let [core, axis] = [1, this.#axes.length - 1];
    for (; axis >= 0; axis--) {
      const length = (this.#axes[axis] as GroupAxis).length;
      if (core * length > CHUNK) break;
      core *= length;
    }
    const next = this.#axes[axis]?.length ?? 1;
    const rows = Math.floor(CHUNK / core);
    for (let done = 0; done < this.count; done += next * core) {
      for (let row = 0; row < next; row += rows) yield Math.min(rows, next - row) * core;
    }
  }

  /** Takes the next `count` elements, run by run. */
  take(
    count: number,
    run: (offset: number, count: number, step: number, done: number) => void,
  ): void {
    const last = this.#axes.length - 1;
    const inner = this.#axes[last] as GroupAxis;
    for (let done = 0; done < count; ) {
      const here = this.#at[last] as number;
      const length = Math.min(count - done, inner.length - here);
      run(this.#offset, length, inner.stride, done);
      done += length;
      this.#at[last] = here + length;
      this.#offset += length * inner.stride;
      for (let axis = last; axis > 0; axis--) {
        const { length: end, stride } = this.#axes[axis] as GroupAxis;
        if (this.#at[axis] !== end) break;
        this.#at[axis] = 0;
        (this.#at[axis - 1] as number) += 1;
        this.#offset += (this.#axes[axis - 1] as GroupAxis).stride - end * stride;
      }
    }
  }
}

interface GroupAxis {
  readonly length: number;
  readonly stride: number;
}

/** Splits off the innermost axes of a plan that all go into one accumulator, if there are several. */
function splitGroup({
  count,
  steps,
  outer,
}: LoopPlan): readonly [LoopPlan, readonly GroupAxis[]] | undefined {
  let first = outer.length;
  while (first > 0 && outer[first - 1]?.strides[1] === 0) first--;
  if (steps[1] !== 0 || first === outer.length || count === 0) return undefined;
  const group = outer.slice(first).map(({ length, strides }) => ({ length, stride: strides[0] }));
  const rest = outer.slice(0, first);
  const loops = rest.reduce((product, { length }) => product * length, 1);
  return [
    { count: 1, steps: [0, 0], outer: rest, loops },
    [...group, { length: count, stride: steps[0] }],
  ];
}

/** The axes that are reduced, and what is left. */
export interface ReductionShape {
  readonly axes: ReadonlySet<number>;
  /** The shape of the results, without the reduced axes. */
  readonly shape: readonly number[];
  /** The same with reduced axes as length 1. */
  readonly kept: readonly number[];
  /** How many elements each result is made of. */
  readonly count: number;
}

/** @throws ArgumentError where a computation (`what`) was given no array or view, or an `onProgress` that is no function */
export function checkComputation(source: ElementSource, what: string, onProgress: unknown): void {
  if (source?.layout === undefined || source.memory === undefined)
    throw new ArgumentError(`${what} takes an array or a view of this package`);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new ArgumentError(`onProgress is a function, got ${String(onProgress)}`);
}

/** @throws ShapeError for an axis that does not exist, or occurs twice */
export function reductionShape(
  shape: readonly number[],
  axis: number | readonly number[] | undefined,
): ReductionShape {
  const all = shape.map((_, i) => i);
  const chosen = axis === undefined ? all : Array.isArray(axis) ? axis : [axis];
  const axes = new Set(chosen.map((each) => toAxis(each, shape.length)));
  if (axes.size !== chosen.length) throw new ShapeError(`an axis occurs twice in (${chosen})`);
  return {
    axes,
    shape: shape.filter((_, i) => !axes.has(i)),
    kept: shape.map((length, i) => (axes.has(i) ? 1 : length)),
    count: sizeOf(shape.filter((_, i) => axes.has(i))),
  };
}

/** Runs a fold, which `make` builds for so many results, over all elements, under the guard of their memory. */
export function reduce<F extends Fold>(
  source: ElementSource,
  { axes, kept }: ReductionShape,
  what: string,
  onProgress: OnProgress | undefined,
  make: (runs: ElementRuns, results: number) => F,
): F {
  const { layout } = source;
  const strides = denseStrides(kept, 1, 'C').map((stride, axis) => (axes.has(axis) ? 0 : stride));
  const plan = planLoop(layout.shape, layout.strides, strides);
  return source.memory.guard(() => {
    const runs = new ElementRuns(source, sizeOf(layout.shape), what, onProgress);
    const fold = make(runs, sizeOf(kept));
    const { count, steps } = plan;
    const split = fold.foldGroup === undefined ? undefined : splitGroup(plan);
    if (split !== undefined) {
      const [rest, axes] = split;
      runLoop(rest, layout.offset, 0, (offset, to) => {
        fold.foldGroup?.(new ElementGroup(offset, axes), to);
      });
      return fold;
    }
    runLoop(plan, layout.offset, 0, (offset, to) => {
      if (steps[1] === 0) fold.fold(offset, count, steps[0], to);
      else fold.each(offset, count, steps[0], to, steps[1]);
    });
    return fold;
  });
}

/** Cuts a run into pieces of at most `most` elements. */
export function pieces(
  offset: number,
  count: number,
  step: number,
  most: number,
  piece: (offset: number, count: number, done: number) => void,
): void {
  for (let done = 0; done < count; done += most) {
    piece(offset + done * step, Math.min(most, count - done), done);
  }
}

// Basic indexing, as numpy does it: integers, slices, newaxis, ellipsis. The result is a new layout over the same bytes.

import { ArrayIndexError } from './errors.ts';
import { formatShape, type Layout } from './layout.ts';

/** A range of an axis; what is undefined takes Python's defaults. `slice(...)` makes one. */
export class Slice {
  readonly start: number | undefined;
  readonly stop: number | undefined;
  readonly step: number;

  constructor(start: number | undefined, stop: number | undefined, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  toString(): string {
    const part = (value: number | undefined): string => (value === undefined ? '' : String(value));
    return `${part(this.start)}:${part(this.stop)}${this.step === 1 ? '' : `:${this.step}`}`;
  }
}

type Bound = number | bigint | null | undefined;

/**
 * The elements `start` to before `stop` of an axis, every `step`th: Python's `start:stop:step`, with null or undefined
 * for what is left out. With one argument that is `stop`, as in Python: `slice(10)` is `:10`, `slice(10, null)` is `10:`.
 * Throws ArrayIndexError for anything but integers, and for a step of 0.
 */
export function slice(stop?: Bound): Slice;
export function slice(start: Bound, stop: Bound, step?: Bound): Slice;
export function slice(...bounds: Bound[]): Slice {
  const [start, stop, step] = bounds.length < 2 ? [undefined, bounds[0], undefined] : bounds;
  const by = step === undefined || step === null ? 1 : integer(step, 'a step');
  if (by === 0) throw new ArrayIndexError('a slice cannot have a step of 0');
  const bound = (value: Bound): number | undefined =>
    value === undefined || value === null ? undefined : integer(value, 'a slice');
  return new Slice(bound(start), bound(stop), by);
}

/** As an index: a new axis of length 1. */
export const newaxis: unique symbol = Symbol.for('zodb/1.newaxis') as never;
/** As an index: as many whole axes as are left. */
export const ellipsis: unique symbol = Symbol.for('zodb/1.ellipsis') as never;

/** What an axis can be indexed with. */
export type Index = number | bigint | Slice | typeof newaxis | typeof ellipsis;

function integer(value: unknown, what: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) {
    throw new ArrayIndexError(`${what} is an integer, not ${describe(value)}`);
  }
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(number, Number.MAX_SAFE_INTEGER));
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object' && value !== null) return `an object (${value.constructor?.name})`;
  return String(value);
}

/** First index, step and number of elements of a slice on an axis of this length. */
function resolveSlice(
  { start, stop, step }: Slice,
  length: number,
): { readonly start: number; readonly step: number; readonly count: number } {
  const clamp = (bound: number): number => {
    const low = step < 0 ? -1 : 0;
    const high = step < 0 ? length - 1 : length;
    return Math.max(low, Math.min(bound < 0 ? bound + length : bound, high));
  };
  const first = start === undefined ? (step < 0 ? length - 1 : 0) : clamp(start);
  const end = stop === undefined ? (step < 0 ? -1 : length) : clamp(stop);
  return { start: first, step, count: Math.max(0, Math.ceil((end - first) / step)) };
}

/** An index of an axis, counted from its front. Throws ArrayIndexError if it is out of range. */
export function resolveInteger(index: number | bigint, length: number, axis: number): number {
  const given = integer(index, 'an index');
  const found = given < 0 ? given + length : given;
  if (found < 0 || found >= length) {
    throw new ArrayIndexError(
      `index ${given} is out of range for axis ${axis} of length ${length}`,
    );
  }
  return found;
}

/**
 * The layout of what the indexes select. Integers drop their axis, missing indexes mean whole axes.
 * Throws ArrayIndexError for an integer out of range, too many indexes, or anything but basic indexes.
 */
export function applyIndexes(layout: Layout, indexes: readonly Index[]): Layout {
  if (!Array.isArray(indexes)) {
    throw new ArrayIndexError(
      `indexes are a list, such as [0, slice(10)], not ${describe(indexes)}`,
    );
  }
  const ndim = layout.shape.length;
  let used = 0;
  let ellipses = 0;
  for (const index of indexes) {
    if (index === ellipsis) ellipses++;
    else if (index !== newaxis) used++;
  }
  if (used > ndim) {
    throw new ArrayIndexError(
      `${used} indexes for an array of shape ${formatShape(layout.shape)}, which has ${ndim} axes`,
    );
  }
  if (ellipses > 1) throw new ArrayIndexError('only one ellipsis is possible among indexes');

  const shape: number[] = [];
  const strides: number[] = [];
  let { offset } = layout;
  let axis = 0;
  const whole = (): void => {
    shape.push(layout.shape[axis] as number);
    strides.push(layout.strides[axis] as number);
    axis++;
  };
  for (const index of indexes) {
    const length = layout.shape[axis] as number;
    const stride = layout.strides[axis] as number;
    if (index === newaxis) {
      shape.push(1);
      strides.push(0);
    } else if (index === ellipsis) {
      for (let rest = ndim - used; rest > 0; rest--) whole();
    } else if (index instanceof Slice) {
      const { start, step, count } = resolveSlice(index, length);
      if (count > 0) offset += start * stride;
      shape.push(count);
      strides.push(stride * step);
      axis++;
    } else if (typeof index === 'number' || typeof index === 'bigint') {
      offset += resolveInteger(index, length, axis) * stride;
      axis++;
    } else {
      throw new ArrayIndexError(
        `an index is an integer, slice(...), newaxis or ellipsis, not ${describe(index)}`,
      );
    }
  }
  while (axis < ndim) whole();
  return { offset, shape, strides };
}

// range and slice: three values each.

import { PickleError } from './errors.ts';
import { defineKey } from './key.ts';
import { isInt, type KnownType } from './known-type.ts';
import { type PyTuple, pyGlobal, tuple } from './values.ts';

type Int = number | bigint;

/** A range of ints; iterates over them. */
export class PyRange {
  readonly start: Int;
  readonly stop: Int;
  readonly step: Int;

  /** @throws PickleError (`PICKLE_VALUE`) for what is no int, and for a step of 0. */
  constructor(start: Int, stop: Int, step: Int = 1) {
    if (!isRange(start, stop, step)) {
      throw new PickleError(`${start}, ${stop}, ${step} are no range`, {}, 'PICKLE_VALUE');
    }
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  /** How many ints it has: a bigint, since ranges may be longer than any array. */
  get size(): bigint {
    const [start, stop, step] = [BigInt(this.start), BigInt(this.stop), BigInt(this.step)];
    const span = step > 0n ? stop - start : start - stop;
    const stride = step > 0n ? step : -step;
    return span <= 0n ? 0n : (span + stride - 1n) / stride;
  }

  *[Symbol.iterator](): IterableIterator<Int> {
    const { size } = this;
    for (let i = 0n; i < size; i++) yield narrow(BigInt(this.start) + i * BigInt(this.step));
  }
}

function narrow(value: bigint): Int {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function isRange(start: unknown, stop: unknown, step: unknown): boolean {
  return isInt(start) && isInt(stop) && isInt(step) && BigInt(step) !== 0n;
}

/** A slice, of whatever values: null where there is none. */
export class PySlice {
  readonly start: unknown;
  readonly stop: unknown;
  readonly step: unknown;

  constructor(start: unknown, stop: unknown, step: unknown = null) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
}

export const RANGE_TYPE: KnownType = {
  callable: pyGlobal('builtins', 'range'),
  prototype: PyRange.prototype,
  construct(args: PyTuple) {
    const [start, stop, step] = args as unknown as [Int, Int, Int];
    return args.length === 3 && isRange(start, stop, step)
      ? new PyRange(start, stop, step)
      : undefined;
  },
  args: ({ start, stop, step }: PyRange) => tuple(start, stop, step),
};

export const SLICE_TYPE: KnownType = {
  callable: pyGlobal('builtins', 'slice'),
  prototype: PySlice.prototype,
  construct: (args: PyTuple) =>
    args.length === 3 && args.every(isEnd) ? new PySlice(args[0], args[1], args[2]) : undefined,
  args: ({ start, stop, step }: PySlice) => tuple(start, stop, step),
};

/** Ends of slices that are no containers: those would be shared with others. */
function isEnd(value: unknown): boolean {
  return value === null || isInt(value) || typeof value === 'string';
}

// Ranges of the same ints are one key.
defineKey(PyRange.prototype, (range) => {
  const { size, start, step } = range;
  return `range ${size} ${size > 0n ? start : ''} ${size > 1n ? step : ''};`;
});
defineKey(PySlice.prototype, ({ start, stop, step }, part) => {
  return `slice ${part(start)}${part(stop)}${part(step)};`;
});

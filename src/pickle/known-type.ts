// What a type needs so that it decodes to a class of ours instead of a PyObject.

import type { PyGlobal, PyTuple } from './values.ts';

/**
 * A Python type whose objects are calls of `callable`, and the JavaScript class that stands for it. `construct` must return
 * undefined for arguments that `args` would not give again: then the object stays a PyObject, and nothing is lost.
 */
export interface KnownType {
  readonly callable: PyGlobal;
  /** The prototype of the JavaScript class. */
  readonly prototype: object;
  construct(args: PyTuple): unknown;
  /** Given values of the class only. */
  args(value: unknown): PyTuple;
}

/** An int within bounds, as arguments and packed fields must be. */
export function isIntIn(value: unknown, low: number, high: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high;
}

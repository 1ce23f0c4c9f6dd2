// The kinds of Python scalars that one JavaScript type stands for: what is kept beside a value that was read, and handed to
// the encoder with it.

import type { ContainerKinds } from './container-kinds.ts';

/** As the value's type says: an int for a whole number, Python 2's `str` for ASCII text and for bytes. */
export const PLAIN = 0;
/** A float, of a whole number. */
export const FLOAT = 1;
/** Python 2's `long`, where an `int` would do. */
export const LONG = 2;
/** Python 2's `unicode`. */
export const UNICODE = 3;
/** zodbpickle's `binary` under Python 2: bytes that are not a `str`. */
export const BINARY = 4;
/** A `str` that was decoded to text beyond ASCII, by the policy `latin1` or `utf8`. */
export const STR = 5;

export type ScalarKind = 0 | 1 | 2 | 3 | 4 | 5;

/** The kind of an item of a list, tuple or set. */
export function itemKind(kinds: ContainerKinds, item: unknown, position: number): ScalarKind {
  if (typeof item === 'number' && kinds.isFloatItem(item, position)) return FLOAT;
  return kinds.python2 === undefined ? PLAIN : kinds.python2.itemKind(item, position);
}

/** The kind of what stands under a key. */
export function valueKind(kinds: ContainerKinds, value: unknown, key: unknown): ScalarKind {
  if (typeof value === 'number' && kinds.isFloatValue(key)) return FLOAT;
  return kinds.python2 === undefined ? PLAIN : kinds.python2.valueKind(value, key);
}

/** The kind of a key. */
export function keyKind(kinds: ContainerKinds, key: unknown): ScalarKind {
  if (typeof key === 'number' && kinds.isFloatKey(key)) return FLOAT;
  return kinds.python2 === undefined ? PLAIN : kinds.python2.keyKind(key);
}

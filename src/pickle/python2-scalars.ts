// Scalars of Python 2 whose type JavaScript does not tell, while a pickle is being decoded: `str` against `unicode`, a small
// `long`, a large `int`. When the pickle has ended plain values take their places, and kinds keep what they were.

import { LONG, PLAIN, type ScalarKind } from './scalar-kinds.ts';
import { latin1Bytes } from './text.ts';
import { PyTuple } from './values.ts';

/** A scalar that only Python 2 writes, and its kind. */
export class Python2Scalar {
  readonly value: unknown;
  readonly kind: ScalarKind;

  constructor(value: unknown, kind: ScalarKind) {
    this.value = value;
    this.kind = kind;
  }
}

/** How many were made: tells whether a pickle had any. */
export let scalarsMade = 0;

/** Marks a scalar that was just read. */
export function python2Scalar(value: unknown, kind: ScalarKind = PLAIN): Python2Scalar {
  scalarsMade += 1;
  return new Python2Scalar(value, kind);
}

/** Says that there is a scalar of Python 2 that needs no mark. */
export function notePython2(): void {
  scalarsMade += 1;
}

/** An integer that was written as a long: marked, if an int would do. */
export function python2Integer(value: number | bigint): unknown {
  return typeof value === 'number' && (value | 0) === value ? python2Scalar(value, LONG) : value;
}

/** Whether a persistent id has marks in it. */
export function isMarkedId(id: unknown): boolean {
  if (!Array.isArray(id)) return id instanceof Python2Scalar;
  return id.some((part) => part instanceof Python2Scalar || Array.isArray(part));
}

/** A value without its mark. */
export function unmarked(value: unknown): unknown {
  return value instanceof Python2Scalar ? value.value : value;
}

/** The arguments of a call without marks, if there are any: as they are, and with `str` as bytes. */
export function unmarkedArgs(args: PyTuple): readonly PyTuple[] {
  if (!args.some((arg) => arg instanceof Python2Scalar)) return [args];
  return [copied(args, unmarked), copied(args, bytesOf)];
}

function copied(args: PyTuple, each: (value: unknown) => unknown): PyTuple {
  const made = new PyTuple(args.length);
  for (let i = 0; i < args.length; i++) made[i] = each(args[i]);
  return made;
}

function bytesOf(value: unknown): unknown {
  const plain = unmarked(value);
  if (!(value instanceof Python2Scalar) || typeof plain !== 'string') return plain;
  return latin1Bytes(plain) ?? plain;
}

// complex: two floats.

import { defineKey, defineKeyNumber, numericKey } from './key.ts';
import type { KnownType } from './known-type.ts';
import { float, PyFloat, type PyTuple, pyGlobal, tuple } from './values.ts';

/** A complex number. */
export class PyComplex {
  readonly real: number;
  readonly imag: number;

  constructor(real: number, imag: number) {
    this.real = real;
    this.imag = imag;
  }
}

/** A float as the arguments of a call hold it: whole ones are PyFloat there. */
function floatOf(value: unknown): number | undefined {
  if (value instanceof PyFloat) return value.bits === undefined ? value.value : undefined;
  return typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0))
    ? value
    : undefined;
}

export const COMPLEX_TYPE: KnownType = {
  callable: pyGlobal('builtins', 'complex'),
  prototype: PyComplex.prototype,
  construct(args: PyTuple): PyComplex | undefined {
    const real = floatOf(args[0]);
    const imag = floatOf(args[1]);
    return args.length === 2 && real !== undefined && imag !== undefined
      ? new PyComplex(real, imag)
      : undefined;
  },
  args: ({ real, imag }: PyComplex) => tuple(float(real), float(imag)),
};

defineKeyNumber(PyComplex.prototype, ({ real, imag }) =>
  imag === 0 ? numericKey(real) : undefined,
);
defineKey(PyComplex.prototype, ({ real, imag }) => `complex ${real} ${imag};`);

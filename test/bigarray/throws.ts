import { expect } from 'chai';
import { isZodbError } from '../../src/errors.ts';

/** Expects `fn` to throw an error of ours with this code. */
export function throwsCode(code: string, fn: () => unknown): void {
  let caught: unknown;
  try {
    fn();
  } catch (error) {
    caught = error;
  }
  expect(isZodbError(caught, code), `expected ${code}, got ${String(caught)}`).to.equal(true);
}

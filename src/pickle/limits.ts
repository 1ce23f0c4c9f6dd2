// What a value costs against the memory limit. The figures are measured sizes on V8's heap, without the slot that holds the value; records that
// real databases hold need 2 to 5 times their pickle's size.

import { PickleError } from './errors.ts';

export const DEFAULT_DIGITS = 4300;
export const DEFAULT_INTEGER = 65536;
export const DEFAULT_NAME = 1024;

export const COST_LIST = 48;
export const COST_FIRST_ITEMS = 136;
export const COST_DICT = 140;
export const COST_OBJECT = 120;
export const COST_TUPLE = 48;
export const COST_BYTES = 200;
export const COST_SMALL = 32;

/** The memory allowed for an input of this many bytes. */
export function defaultMemory(inputBytes: number): number {
  return Math.max(16 * 1024 * 1024, 32 * inputBytes);
}

export function beyondMemory(): PickleError {
  return new PickleError(
    'the values would take more memory than the limit allows',
    {},
    'PICKLE_LIMIT',
  );
}

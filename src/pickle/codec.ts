// The codec as functions, for pickles on their own.

import { Unpickler } from './decode.ts';
import { Pickler, type PicklerOptions } from './encode.ts';
import { PickleError } from './errors.ts';
import type { Kinds } from './kinds.ts';
import { kindsWritten } from './kinds-written.ts';
import type { UnpicklerOptions } from './options.ts';

/** How `encode` encodes. */
export interface EncodeOptions extends PicklerOptions {
  /**
   * A value that `decode` returned: its kinds say which whole numbers are floats and, in Python 2's dialect, which strings are
   * `unicode`. Not needed for that value itself, whatever
   * was changed in it.
   */
  readonly like?: unknown;
}

const decodedKinds = new WeakMap<object, Kinds>();

/**
 * The value of one pickle. Runs nothing that the pickle says.
 * @throws PickleError if it is damaged, ends early, exceeds a limit, or if bytes follow it.
 */
export function decode(bytes: Uint8Array, options?: UnpicklerOptions): unknown {
  const unpickler = new Unpickler(options);
  const value = loadRemembered(unpickler, bytes, 0);
  if (unpickler.position < bytes.length) {
    throw new PickleError(
      `${bytes.length - unpickler.position} bytes follow the pickle: decodeAll reads several`,
      { offset: unpickler.position, oid: options?.oid },
    );
  }
  return value;
}

/** The values of pickles that stand one after the other on one memo, as the two of a database record do. @throws PickleError */
export function decodeAll(bytes: Uint8Array, options?: UnpicklerOptions): unknown[] {
  const unpickler = new Unpickler(options);
  const values = [loadRemembered(unpickler, bytes, 0)];
  while (unpickler.position < bytes.length) {
    values.push(loadRemembered(unpickler, bytes, unpickler.position));
  }
  return values;
}

function loadRemembered(unpickler: Unpickler, bytes: Uint8Array, offset: number): unknown {
  const value = unpickler.load(bytes, offset);
  if (unpickler.kinds !== undefined && typeof value === 'object' && value !== null) {
    decodedKinds.set(value, unpickler.kinds);
  }
  return value;
}

/**
 * The pickle of a value: protocol 3 as Python 3 writes it, or a dialect of Python 2. Whole numbers are ints, except where the
 * value, or `like`, came from `decode` and had floats in their places, or the value was encoded before with other floats there;
 * `float(x)` is always a float.
 * @throws PickleError `PICKLE_VALUE` for a value that no pickle can hold.
 */
export function encode(value: unknown, options?: EncodeOptions): Uint8Array {
  const pickler = new Pickler(options);
  const like = options?.like ?? value;
  const kinds = isObject(like) ? decodedKinds.get(like) : undefined;
  pickler.dump(value, kinds);
  if (pickler.metNewFloat && isObject(value)) decodedKinds.set(value, kindsWritten(value, kinds));
  return pickler.take();
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

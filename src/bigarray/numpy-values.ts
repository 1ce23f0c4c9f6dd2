// numpy's own scalars and arrays inside of pickles: what old versions of wendelin.core stored as shapes.

import { blockBytes } from '../bigfile/block-record.ts';
import { PyGlobal, PyObject, PyTuple } from '../pickle/index.ts';
import { dtypeFromPickle } from './dtype-pickle.ts';
import { elementCodec } from './elements.ts';
import { ArrayStateError } from './errors.ts';

/** numpy 2 moved the module, and reads both names. */
function isNumpyFunction(value: unknown, name: string): value is PyObject {
  return (
    value instanceof PyObject &&
    value.form === 'reduce' &&
    value.callable instanceof PyGlobal &&
    value.callable.name === name &&
    /^numpy\._?core\./.test(value.callable.module)
  );
}

/** The elements of raw bytes, as many as there are. */
function elements(dtypeValue: unknown, bytes: unknown): unknown[] {
  const type = dtypeFromPickle(dtypeValue);
  const data = Uint8Array.from(blockBytes(bytes));
  if (type.itemsize === 0 || data.length % type.itemsize !== 0) {
    throw new ArrayStateError(`${data.length} bytes are no whole number of ${type} elements`);
  }
  const codec = elementCodec(type);
  const view = new DataView(data.buffer);
  return Array.from({ length: data.length / type.itemsize }, (_, i) =>
    codec.get(view, i * type.itemsize),
  );
}

/** A numpy scalar as an element; anything else as it is. */
export function scalarValue(value: unknown): unknown {
  if (!isNumpyFunction(value, 'scalar')) return value;
  const [type, bytes] = value.args as unknown[];
  return elements(type, bytes)[0];
}

/** The items of a tuple, a list, or a numpy array with one axis; undefined for anything else. */
export function sequenceItems(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return [...value];
  if (!isNumpyFunction(value, '_reconstruct') || !(value.state instanceof PyTuple))
    return undefined;
  const [, shape, type, , bytes] = value.state as unknown[];
  return Array.isArray(shape) && shape.length === 1 ? elements(type, bytes) : undefined;
}

// numpy's own scalars and arrays inside of pickles: what old versions of wendelin.core stored as shapes.

import { blockBytes } from '../bigfile/block-record.ts';
import {
  NumpyArray,
  NumpyScalar,
  PyGlobal,
  PyObject,
  PyTuple,
  spellKnown,
} from '../pickle/index.ts';
import { dtypeFromPickle } from './dtype-pickle.ts';
import { elementCodec } from './elements.ts';
import { ArrayStateError } from './errors.ts';

/** Python's way to make a value of numpy, whether the value has a class here or its spelling is an old one. */
function described(value: unknown): unknown {
  return value instanceof NumpyArray || value instanceof NumpyScalar ? spellKnown(value) : value;
}

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
  const object = described(value);
  if (!isNumpyFunction(object, 'scalar')) return value;
  const [type, bytes] = object.args as unknown[];
  return elements(type, bytes)[0];
}

/** The items of a tuple, a list, or a numpy array with one axis; undefined for anything else. */
export function sequenceItems(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return [...value];
  const object = described(value);
  if (!isNumpyFunction(object, '_reconstruct') || !(object.state instanceof PyTuple))
    return undefined;
  const [, shape, type, , bytes] = object.state as unknown[];
  return Array.isArray(shape) && shape.length === 1 ? elements(type, bytes) : undefined;
}

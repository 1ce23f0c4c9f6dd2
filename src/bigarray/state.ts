// The state of a ZBigArray in the database: a pair of dictionaries, ({_dtype, _shape, _order, _stridev}, {zfile}), since
// the Python class has a slot. What was read is written back as it was read, unless it changed: old spellings of shapes,
// the order of keys, attributes that applications added.

import { PyDict, PyFloat, PyTuple, tuple } from '../pickle/index.ts';
import type { DType } from './dtype.ts';
import { dtypeFromPickle, dtypeToPickle } from './dtype-pickle.ts';
import { ArrayStateError } from './errors.ts';
import { Geometry } from './geometry.ts';
import type { Order } from './layout.ts';
import { scalarValue, sequenceItems } from './numpy-values.ts';

/** A state taken apart: what the array is, its file, and the two dictionaries it came from. */
export interface ArrayState {
  readonly geometry: Geometry;
  /** The reference to the ZBigFile. */
  readonly zfile: unknown;
  readonly attributes: PyDict;
  readonly slots: PyDict;
}

/**
 * Reads the state of a ZBigArray, of all versions of wendelin.core: shapes that are lists, numpy arrays, numpy integers or
 * floats, and states without `_order`. Throws ArrayStateError for anything else, with the reason.
 */
export function arrayStateFromPickle(state: unknown): ArrayState {
  const [attributes, slots] = state instanceof PyTuple ? (state as unknown[]) : [];
  if (!(attributes instanceof PyDict) || !(slots instanceof PyDict) || !slots.has('zfile')) {
    throw new ArrayStateError(
      'the state of an array is a pair of dictionaries, the second with its zfile',
    );
  }
  const order = attributes.get('_order') ?? 'C';
  if (order !== 'C' && order !== 'F') {
    throw new ArrayStateError(`the order of an array is 'C' or 'F', not ${String(order)}`);
  }
  const shape = readIntegers(attributes.get('_shape'), '_shape');
  const geometry = makeGeometry(attributes.get('_dtype'), shape, order);
  const strides = readIntegers(attributes.get('_stridev'), '_stridev');
  if (strides.join() !== geometry.strides.join()) {
    throw new ArrayStateError(
      `strides (${strides.join(', ')}) contradict dtype ${geometry.dtype}, ` +
        `shape (${shape.join(', ')}) and order ${order}`,
    );
  }
  return { geometry, zfile: slots.get('zfile'), attributes, slots };
}

/** Writes a state; `read` is what the array was loaded from, if it was. */
export function arrayStateToPickle(geometry: Geometry, zfile: unknown, read?: ArrayState): PyTuple {
  if (read === undefined) {
    const attributes = new PyDict<string, unknown>([
      ['_dtype', dtypeToPickle(geometry.dtype)],
      ['_shape', tuple(...geometry.shape)],
      ['_order', geometry.order],
      ['_stridev', tuple(...geometry.strides)],
    ]);
    return tuple<unknown>(attributes, new PyDict([['zfile', zfile]]));
  }
  const { attributes, slots } = read;
  if (geometry === read.geometry) return tuple<unknown>(attributes, slots);
  const changed = new PyDict(attributes);
  changed.set('_shape', tuple(...geometry.shape));
  changed.set('_stridev', tuple(...geometry.strides));
  return tuple<unknown>(changed, slots);
}

function makeGeometry(dtypeValue: unknown, shape: readonly number[], order: Order): Geometry {
  let dtype: DType;
  try {
    dtype = dtypeFromPickle(dtypeValue);
    return new Geometry(dtype, shape, order);
  } catch (cause) {
    throw new ArrayStateError(`an array that cannot be: ${(cause as Error).message}`, { cause });
  }
}

function readIntegers(value: unknown, name: string): number[] {
  const items = sequenceItems(value);
  if (items === undefined) {
    throw new ArrayStateError(`${name} of an array is no tuple, list or array of integers`);
  }
  return items.map((item) => {
    const scalar = scalarValue(item);
    const number =
      scalar instanceof PyFloat
        ? scalar.value
        : typeof scalar === 'bigint'
          ? Number(scalar)
          : scalar;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
      throw new ArrayStateError(
        `${name} of an array holds ${String(scalar)}, which is no integer below 2^53`,
      );
    }
    return number;
  });
}

// numpy's arrays and scalars as they stand in pickles: dtype, shape and bytes, which become typed arrays.

import { PickleError } from './errors.ts';
import { defineKey, defineKeyNumber, numericKey, unhashable } from './key.ts';
import type { KnownType } from './known-type.ts';
import { isShape, NumpyDType } from './numpy-dtype.ts';
import { bytesOf, codeOf, dataOf, elementOf, type NumpyData, nested } from './numpy-elements.ts';
import { latin1Bytes } from './text.ts';
import { PyObject, PyTuple, pyGlobal, tuple } from './values.ts';

const NDARRAY = pyGlobal('numpy', 'ndarray');
/** Where numpy 1 has its functions, which all versions read, and where numpy 2 has them. */
const NUMPY_1: string = 'numpy.core.multiarray';
export const NUMPY_2: string = 'numpy._core.multiarray';

/** An array without elements may still have an axis of any length. */
const MOST_EMPTY = 65_536;

/** A numpy.ndarray: shape, dtype, and all elements in one typed array. */
export class NumpyArray {
  readonly dtype: NumpyDType;
  readonly shape: readonly number[];
  /** Whether the first index changes fastest in `data` (Fortran's order). */
  readonly fortran: boolean;
  /**
   * The elements: a typed array of their type, in this machine's byte order; two numbers for each complex one, integers for
   * datetimes, bits for half floats, the raw bytes of text and structures. A list of values where the dtype is `O`.
   */
  readonly data: NumpyData | unknown[];
  /** The module that Python calls it from. */
  readonly module: string;

  /**
   * Holds the data that it is given, without a copy. The dtype is by default that of the typed array.
   * @throws PickleError (`PICKLE_VALUE`) if shape, dtype and data do not fit together.
   */
  constructor(
    data: NumpyData | unknown[],
    shape: readonly number[] = [data.length],
    more: { dtype?: NumpyDType; fortran?: boolean; module?: string } = {},
  ) {
    const code = codeOf(data);
    const dtype = more.dtype ?? (code === undefined ? undefined : simple(code));
    if (dtype === undefined || !isShape(shape) || !fits(data, dtype, shape)) {
      throw new PickleError(
        'the shape and dtype of an array do not fit its data',
        {},
        'PICKLE_VALUE',
      );
    }
    this.dtype = dtype;
    this.shape = shape;
    this.fortran = more.fortran ?? false;
    this.data = data;
    this.module = more.module ?? NUMPY_1;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** The element at these indexes, one for each axis. */
  get(...indexes: number[]): unknown {
    const { shape, fortran } = this;
    if (indexes.length !== shape.length) {
      throw new PickleError(
        `${indexes.length} indexes for ${shape.length} axes`,
        {},
        'PICKLE_VALUE',
      );
    }
    let at = 0;
    for (let i = 0; i < shape.length; i++) {
      const axis = fortran ? shape.length - 1 - i : i;
      const [index, length] = [indexes[axis] as number, shape[axis] as number];
      if (!Number.isInteger(index) || index < 0 || index >= length) return undefined;
      at = at * length + index;
    }
    return this.#element(at);
  }

  /**
   * All elements as lists of lists, as numpy's `tolist`.
   * @throws PickleError (`PICKLE_LIMIT`) for more empty lists than there could be elements
   */
  toArray(): unknown {
    const { shape, size } = this;
    const lists = sizeOf(shape.slice(0, Math.max(0, shape.indexOf(0))));
    if (size === 0 && lists > MOST_EMPTY) {
      throw new PickleError(`an array of ${lists} empty lists`, {}, 'PICKLE_LIMIT');
    }
    const items = new Array<unknown>(size);
    for (let i = 0; i < size; i++) items[i] = this.#element(this.#position(i));
    return nested(items, shape);
  }

  /** Where the i-th element in C's order stands. */
  #position(i: number): number {
    const { shape } = this;
    if (!this.fortran || shape.length < 2) return i;
    let [rest, at, stride] = [i, 0, this.size];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] as number;
      stride /= length;
      at += (rest % length) * stride;
      rest = Math.floor(rest / length);
    }
    return at;
  }

  #element(at: number): unknown {
    const { data, dtype } = this;
    return Array.isArray(data) ? data[at] : elementOf(data, dtype, at);
  }
}

/** A scalar of numpy, such as numpy.float64: a value with its dtype. */
export class NumpyScalar {
  readonly dtype: NumpyDType;
  /** One element in a typed array, as in a NumpyArray. */
  readonly data: NumpyData;
  /** The module that Python calls it from. */
  readonly module: string;

  /** @throws PickleError (`PICKLE_VALUE`) unless the data is one element of the dtype. */
  constructor(data: NumpyData, dtype?: NumpyDType, module: string = NUMPY_1) {
    const type = dtype ?? simple(codeOf(data) ?? '');
    if (!fits(data, type, [])) {
      throw new PickleError('a scalar is not one element of its dtype', {}, 'PICKLE_VALUE');
    }
    this.dtype = type;
    this.data = data;
    this.module = module;
  }

  /** A number, bigint, boolean, text, bytes, PyComplex, or a tuple of fields. */
  get value(): unknown {
    return elementOf(this.data, this.dtype, 0);
  }

  valueOf(): unknown {
    return this.value;
  }
}

const simples = new Map<string, NumpyDType>();

/** Always the same object: numpy too has one for each simple dtype, which stands once in a pickle. */
function simple(code: string): NumpyDType {
  let dtype = simples.get(code);
  if (dtype === undefined) {
    dtype = new NumpyDType(code);
    simples.set(code, dtype);
  }
  return dtype;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function fits(data: NumpyData | unknown[], dtype: NumpyDType, shape: readonly number[]): boolean {
  const size = sizeOf(shape);
  if (Array.isArray(data)) return dtype.kind === 'O' && data.length === size;
  return dtype.kind !== 'O' && data.byteLength === size * dtype.itemsize;
}

/** `_reconstruct` of both modules. */
function arrayType(module: string): KnownType {
  const callable = pyGlobal(module, '_reconstruct');
  return {
    callable,
    prototype: NumpyArray.prototype,
    fromPickle({ args, state }) {
      if (args[0] !== NDARRAY || !(state instanceof PyTuple) || state.length !== 5)
        return undefined;
      const [, shape, dtype, fortran, content] = state as unknown[];
      if (!(dtype instanceof NumpyDType) || !isShape(shape)) return undefined;
      const data = arrayData(content, dtype);
      if (data === undefined || !fits(data, dtype, shape)) return undefined;
      return new NumpyArray(data, Array.from(shape), { dtype, fortran: fortran === true, module });
    },
    toPickle(array: NumpyArray) {
      const { dtype, shape, fortran, data } = array;
      const content = Array.isArray(data) ? data : bytesOf(data, dtype);
      const args = tuple<unknown>(NDARRAY, tuple(0), Uint8Array.of(0x62));
      const state = tuple<unknown>(1, tuple(...shape), dtype, fortran, content);
      return new PyObject('reduce', pyGlobal(array.module, '_reconstruct'), args, { state });
    },
  };
}

function arrayData(content: unknown, dtype: NumpyDType): NumpyData | unknown[] | undefined {
  if (dtype.kind === 'O') return Array.isArray(content) ? content : undefined;
  return rawData(content, dtype);
}

function rawData(content: unknown, dtype: NumpyDType): NumpyData | undefined {
  // Python 2's bytes are text where they are ASCII
  const bytes = typeof content === 'string' ? latin1Bytes(content) : content;
  if (!(bytes instanceof Uint8Array) || dtype.itemsize === 0) return undefined;
  return bytes.length % dtype.itemsize === 0 ? dataOf(bytes, dtype) : undefined;
}

/** `scalar` of both modules. */
function scalarType(module: string): KnownType {
  return {
    callable: pyGlobal(module, 'scalar'),
    prototype: NumpyScalar.prototype,
    fromPickle({ args: [dtype, bytes] }) {
      if (!(dtype instanceof NumpyDType) || dtype.kind === 'O') return undefined;
      const data = rawData(bytes, dtype);
      return data !== undefined && fits(data, dtype, [])
        ? new NumpyScalar(data, dtype, module)
        : undefined;
    },
    toPickle(scalar: NumpyScalar) {
      const { dtype, data } = scalar;
      const args = tuple<unknown>(dtype, bytesOf(data, dtype));
      return new PyObject('reduce', pyGlobal(scalar.module, 'scalar'), args);
    },
  };
}

export const NUMPY_TYPES: readonly KnownType[] = [
  arrayType(NUMPY_1),
  arrayType(NUMPY_2),
  scalarType(NUMPY_1),
  scalarType(NUMPY_2),
];

defineKey(NumpyArray.prototype, unhashable);
defineKeyNumber(NumpyScalar.prototype, ({ dtype, value }) => {
  if (dtype.kind === 'M' || dtype.kind === 'm') return undefined;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' || typeof value === 'bigint' ? numericKey(value) : undefined;
});
defineKey(NumpyScalar.prototype, ({ dtype, value }, part) =>
  dtype.kind === 'M' || dtype.kind === 'm' ? `numpy ${dtype} ${value};` : part(value),
);

// numpy's dtypes as they stand in pickles: `numpy.dtype(code, align, copy)` and a state. What was read is kept as it was read and
// looked at from here; `zodb/bigarray` has dtypes that are computed with.

import { PyDict } from './dict.ts';
import { PickleError } from './errors.ts';
import { defineKey } from './key.ts';
import { isIntIn, type KnownType } from './known-type.ts';
import { PyObject, PyString2, PyTuple, pyGlobal, tuple } from './values.ts';

const DTYPE = pyGlobal('numpy', 'dtype');
const CODE = /^([biufcmMSUVO])(\d+)$/;
/** Fields may share their dtypes, over each other's bytes: without a limit a few lines could mean any number of values. */
const MAX_VALUES = 65_536;

/** A field of a structured dtype. */
export interface NumpyField {
  readonly dtype: NumpyDType;
  /** Bytes from the start of the element. */
  readonly offset: number;
  readonly title: unknown;
}

/** A numpy.dtype. */
export class NumpyDType {
  /** How Python makes it. */
  readonly description: PyObject;
  /** `b i u f c m M S U V O`, as numpy has it. */
  readonly kind: string;
  /** Bytes of one element. */
  readonly itemsize: number;
  /** `<`, `>`, or `|` where there is none. */
  readonly byteorder: string;
  /** By name, in the order of the elements' parts; undefined if there are none. */
  readonly fields: ReadonlyMap<string, NumpyField> | undefined;
  /** The dtype and the shape of what each element holds several of. */
  readonly subarray: { readonly base: NumpyDType; readonly shape: readonly number[] } | undefined;
  /** How many simple values one element holds. */
  readonly values: number;
  /** Of datetime64 and timedelta64: `ns`, or `25s` where it counts several. */
  readonly unit: string | undefined;

  /**
   * From a code such as `<f8` (numbers and booleans only), or from the description of any dtype, in which those inside it are
   * NumpyDTypes.
   * @throws PickleError (`PICKLE_VALUE`) for anything else.
   */
  constructor(from: string | PyObject) {
    const parts = typeof from === 'string' ? simpleParts(from) : describedParts(from);
    if (parts === undefined) {
      const what = typeof from === 'string' ? JSON.stringify(from) : 'this object';
      throw new PickleError(`${what} is no dtype that can be read here`, {}, 'PICKLE_VALUE');
    }
    this.description = typeof from === 'string' ? describeSimple(parts) : from;
    this.kind = parts.kind;
    this.itemsize = parts.itemsize;
    this.byteorder = parts.byteorder;
    this.fields = parts.fields;
    this.subarray = parts.subarray;
    this.unit = parts.unit;
    this.values = parts.values;
  }

  /** As numpy's `dtype.str`, such as `<f8`, `|S3`, `<M8[ns]`. */
  get str(): string {
    const size = this.kind === 'U' ? this.itemsize / 4 : this.itemsize;
    const unit = this.unit === undefined ? '' : `[${this.unit}]`;
    return `${this.byteorder}${this.kind}${this.kind === 'O' ? '' : size}${unit}`;
  }

  toString(): string {
    return this.str;
  }
}

interface Parts {
  readonly kind: string;
  readonly itemsize: number;
  readonly byteorder: string;
  readonly fields?: ReadonlyMap<string, NumpyField> | undefined;
  readonly subarray?: NumpyDType['subarray'];
  readonly unit?: string | undefined;
  readonly values: number;
}

function simpleParts(code: string): Parts | undefined {
  const match = /^([<>|=]?)([biufc])(\d+)$/.exec(code);
  const [, order = '', kind = '', size = ''] = match ?? [];
  if (!'b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16'.split(' ').includes(kind + size)) return;
  const byteorder = size === '1' ? '|' : order === '>' ? '>' : '<';
  return { kind, itemsize: Number(size), byteorder, values: 1 };
}

function describeSimple({ kind, itemsize, byteorder }: Parts): PyObject {
  return new PyObject('reduce', DTYPE, tuple<unknown>(`${kind}${itemsize}`, false, true), {
    state: tuple<unknown>(3, byteorder, null, null, null, -1, -1, 0),
  });
}

/** Text, which Python 2 wrote as bytes. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof PyString2) return value.toString();
  return value instanceof Uint8Array && value.length < 1024
    ? String.fromCharCode(...value)
    : undefined;
}

function describedParts(object: PyObject): Parts | undefined {
  const { form, callable, args, state } = object;
  const code = CODE.exec(textOf(args[0]) ?? '');
  if (form !== 'reduce' || callable !== DTYPE || code === null) return;
  const [, kind = '', digits = ''] = code;
  if (!(state instanceof PyTuple) || state.length < 8 || !isIntIn(state[0], 3, 4)) return;
  const [, order, subarray, names, fields, size] = state as unknown[];
  const byteorder = textOf(order);
  if (byteorder === undefined || !/^[<>|]$/.test(byteorder)) return;
  const itemsize = size === -1 ? Number(digits) * (kind === 'U' ? 4 : 1) : size;
  if (!isIntIn(itemsize, 0, 0x7fffffff)) return;
  const parts = { kind, itemsize, byteorder, values: 1 };
  if (subarray !== null) {
    const found = subarrayOf(subarray);
    if (found === undefined) return undefined;
    const values = found.shape.reduce((count, length) => count * length, found.base.values);
    return values > MAX_VALUES ? undefined : { ...parts, subarray: found, values };
  }
  if (names !== null) {
    const found = fieldsOf(names, fields, itemsize);
    if (found === undefined) return undefined;
    let values = 0;
    for (const { dtype } of found.values()) values += dtype.values;
    return values > MAX_VALUES ? undefined : { ...parts, fields: found, values };
  }
  if (kind !== 'm' && kind !== 'M') return parts;
  const unit = unitOf(state[8]);
  return unit === undefined ? undefined : { ...parts, unit };
}

function subarrayOf(value: unknown): NumpyDType['subarray'] {
  if (!(value instanceof PyTuple) || value.length !== 2) return undefined;
  const base: unknown = value[0];
  const shape = typeof value[1] === 'number' ? [value[1]] : value[1];
  if (!(base instanceof NumpyDType) || !isShape(shape)) return undefined;
  return { base, shape: Array.from(shape) };
}

/** Whether a value is a tuple or list of lengths. */
export function isShape(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length <= 64 &&
    value.every((length) => isIntIn(length, 0, Number.MAX_SAFE_INTEGER))
  );
}

function fieldsOf(
  names: unknown,
  fields: unknown,
  itemsize: number,
): Map<string, NumpyField> | undefined {
  if (!(names instanceof PyTuple) || !(fields instanceof PyDict)) return undefined;
  const found = new Map<string, NumpyField>();
  for (const name of names) {
    const text = textOf(name);
    const field = fields.get(name);
    if (text === undefined || !(field instanceof PyTuple)) return undefined;
    const [dtype, offset, title] = field as unknown[];
    if (!(dtype instanceof NumpyDType) || !isIntIn(offset, 0, itemsize - dtype.itemsize))
      return undefined;
    found.set(text, { dtype, offset, title: title ?? null });
  }
  return found;
}

function unitOf(metadata: unknown): string | undefined {
  const parts = metadata instanceof PyTuple ? (metadata[1] as unknown) : undefined;
  if (!(parts instanceof PyTuple)) return undefined;
  const [name, count] = parts as unknown[];
  const text = textOf(name);
  if (text === undefined || !isIntIn(count, 1, 0x7fffffff)) return undefined;
  return count === 1 ? text : `${count}${text}`;
}

export const DTYPE_TYPE: KnownType = {
  callable: DTYPE,
  prototype: NumpyDType.prototype,
  fromPickle: (object) =>
    describedParts(object) === undefined ? undefined : new NumpyDType(object),
  toPickle: ({ description }: NumpyDType) => description,
};

defineKey(NumpyDType.prototype, ({ description }, part) => {
  return `dtype ${part(description.args)}${part(description.state)};`;
});

// A dtype says what the bytes of one element mean: kind, size, byte order, and for structured ones the fields. Values
// of this class are immutable; `dtype(spec)` of dtype-parse.ts makes them, dtype-pickle.ts reads and writes them.

import { type DatetimeUnit, formatUnit, genericUnit } from './datetime-unit.ts';
import type { TypedArray } from './dtype-names.ts';
import { DTypeError } from './errors.ts';

/** numpy's letter: bool, int, uint, float, complex, timedelta, datetime, bytes, text, void, object. */
export type Kind = 'b' | 'i' | 'u' | 'f' | 'c' | 'm' | 'M' | 'S' | 'U' | 'V' | 'O';

/** Byte order of the numbers in an element; `|` where there is none. */
export type ByteOrder = '<' | '>' | '|';

/** One field of a structured dtype: `offset` in bytes from the start of the element. */
export interface Field {
  readonly dtype: DType;
  readonly offset: number;
  readonly title: string | undefined;
}

/** A small array of fixed shape inside one element. */
export interface Subarray {
  readonly base: DType;
  readonly shape: readonly number[];
}

/** What a DType is made of; the functions below fill in what follows from the rest. */
export interface DTypeParts {
  readonly kind: Kind;
  readonly itemsize: number;
  readonly byteorder?: ByteOrder | undefined;
  readonly alignment?: number | undefined;
  readonly unit?: DatetimeUnit | undefined;
  readonly names?: readonly string[] | undefined;
  readonly fields?: ReadonlyMap<string, Field> | undefined;
  readonly subarray?: Subarray | undefined;
  readonly aligned?: boolean | undefined;
}

export interface TypedArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArray;
}

/** The byte order of this machine's typed arrays. */
export const hostOrder: ByteOrder =
  new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? '<' : '>';

const arrayTypes: ReadonlyMap<string, TypedArrayConstructor> = new Map<
  string,
  TypedArrayConstructor
>([
  ['b1', Uint8Array],
  ['i1', Int8Array],
  ['u1', Uint8Array],
  ['i2', Int16Array],
  ['u2', Uint16Array],
  ['i4', Int32Array],
  ['u4', Uint32Array],
  ['i8', BigInt64Array],
  ['u8', BigUint64Array],
  ['f2', Uint16Array],
  ['f4', Float32Array],
  ['f8', Float64Array],
  ['c8', Float32Array],
  ['c16', Float64Array],
  ['M8', BigInt64Array],
  ['m8', BigInt64Array],
]);

const sizes: Partial<Record<Kind, readonly number[]>> = {
  b: [1],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  f: [2, 4, 8, 16],
  c: [8, 16, 32],
  m: [8],
  M: [8],
  O: [8],
};

const kindNames: Record<Kind, string> = {
  b: 'bool',
  i: 'int',
  u: 'uint',
  f: 'float',
  c: 'complex',
  m: 'timedelta64',
  M: 'datetime64',
  S: 'bytes',
  U: 'str',
  V: 'void',
  O: 'object',
};

/** The type of array elements. `D` is the literal it was made from, which decides the type of a view's `data`. */
export class DType<D extends string = any> {
  declare readonly literal?: D;
  readonly kind: Kind;
  /** Bytes of one element. */
  readonly itemsize: number;
  readonly byteorder: ByteOrder;
  readonly alignment: number;
  /** The unit of datetime64 and timedelta64. */
  readonly unit: DatetimeUnit | undefined;
  /** Field names in order, of structured dtypes. */
  readonly names: readonly string[] | undefined;
  /** Fields by name and, where they have one, by title. */
  readonly fields: ReadonlyMap<string, Field> | undefined;
  readonly subarray: Subarray | undefined;
  /** Whether the fields were laid out as a C compiler would. */
  readonly aligned: boolean;
  /** The array type of a view's `data`: Uint8Array where elements are not numbers of this machine. */
  readonly arrayType: TypedArrayConstructor;

  constructor(parts: DTypeParts) {
    const { kind, itemsize } = parts;
    if (sizes[kind]?.includes(itemsize) === false) {
      throw new DTypeError(`there is no ${kindNames[kind]} of ${itemsize} bytes`);
    }
    if (!Number.isSafeInteger(itemsize) || itemsize < 0 || itemsize > 0x7fffffff) {
      throw new DTypeError(`an element of ${itemsize} bytes`);
    }
    this.kind = kind;
    this.itemsize = itemsize;
    const orderless = itemsize === 1 ? kind !== 'U' : 'SVO'.includes(kind);
    this.byteorder = orderless ? '|' : parts.byteorder === '>' ? '>' : '<';
    this.alignment = parts.alignment ?? naturalAlignment(kind, itemsize);
    this.unit = 'mM'.includes(kind) ? (parts.unit ?? genericUnit) : undefined;
    this.names = parts.names;
    this.fields = parts.fields;
    this.subarray = parts.subarray;
    this.aligned = parts.aligned ?? false;
    const native = this.byteorder === '|' || this.byteorder === hostOrder;
    this.arrayType = (native && arrayTypes.get(kind + itemsize)) || Uint8Array;
  }

  /** Whether elements are numbers (or pairs of them) that a typed array of this machine can hold. */
  get isNative(): boolean {
    return (
      (this.byteorder === '|' || this.byteorder === hostOrder) &&
      arrayTypes.has(this.kind + this.itemsize)
    );
  }

  /** Whether Python objects are part of an element: such arrays cannot lie in a file. */
  get hasObject(): boolean {
    if (this.kind === 'O') return true;
    if (this.subarray !== undefined) return this.subarray.base.hasObject;
    for (const field of this.fields?.values() ?? []) if (field.dtype.hasObject) return true;
    return false;
  }

  /** numpy's `dtype.name`, without the byte order: `int64`, `bytes40`, `datetime64[ns]`. */
  get name(): string {
    if (this.unit !== undefined) return kindNames[this.kind] + formatUnit(this.unit);
    const bits = 'bO'.includes(this.kind) || this.itemsize === 0 ? '' : this.itemsize * 8;
    return `${kindNames[this.kind]}${bits}`;
  }

  /** numpy's `dtype.str`: `<i8`, `|S5`, `<U5`, `<M8[ns]`; `|V` and the size for structured ones. */
  get str(): string {
    if (this.kind === 'O') return '|O';
    const count = this.kind === 'U' ? this.itemsize / 4 : this.itemsize;
    return `${this.byteorder}${this.kind}${count}${this.unit === undefined ? '' : formatUnit(this.unit)}`;
  }

  /** Whether both give the same meaning to the same bytes. */
  equals(other: DType): boolean {
    if (this === other) return true;
    if (
      this.kind !== other.kind ||
      this.itemsize !== other.itemsize ||
      this.byteorder !== other.byteorder ||
      this.unit?.name !== other.unit?.name ||
      this.unit?.count !== other.unit?.count ||
      this.names?.length !== other.names?.length ||
      (this.subarray === undefined) !== (other.subarray === undefined)
    ) {
      return false;
    }
    if (this.subarray !== undefined && other.subarray !== undefined) {
      return (
        this.subarray.base.equals(other.subarray.base) &&
        this.subarray.shape.join() === other.subarray.shape.join()
      );
    }
    return (this.names ?? []).every((name, i) => {
      const mine = this.field(name);
      const theirs = other.names?.[i] === name ? other.field(name) : undefined;
      return (
        theirs !== undefined &&
        mine.offset === theirs.offset &&
        mine.title === theirs.title &&
        mine.dtype.equals(theirs.dtype)
      );
    });
  }

  /** The field of that name or title. Throws DTypeError if there is none. */
  field(name: string): Field {
    const field = this.fields?.get(name);
    if (field === undefined) {
      throw new DTypeError(
        this.names === undefined
          ? `${this} has no fields, so none named '${name}'`
          : `no field '${name}' in ${this}`,
      );
    }
    return field;
  }

  /** numpy's `str(dtype)`. */
  toString(): string {
    return formatDType(this, true);
  }
}

function naturalAlignment(kind: Kind, itemsize: number): number {
  if (kind === 'U') return 4;
  if (kind === 'S' || kind === 'V') return 1;
  return kind === 'c' ? itemsize / 2 : itemsize;
}

function quote(text: string): string {
  return text.includes("'") && !text.includes('"')
    ? `"${text}"`
    : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function formatDType(dtype: DType, top: boolean): string {
  if (dtype.subarray !== undefined) {
    const { base, shape } = dtype.subarray;
    return `(${formatDType(base, false)}, ${formatShape(shape)})`;
  }
  if (dtype.names !== undefined) {
    return isPacked(dtype) && !(top && dtype.aligned) ? formatFields(dtype) : formatLayout(dtype);
  }
  if (dtype.kind === 'O') return top ? 'object' : "'O'";
  if (top) return 'SUV'.includes(dtype.kind) || dtype.byteorder === '>' ? dtype.str : dtype.name;
  return dtype.kind === 'b' ? "'?'" : quote(dtype.str.replace(/^\|/, ''));
}

function formatFields(dtype: DType): string {
  const items = (dtype.names ?? []).map((name) => {
    const { dtype: type, title } = dtype.field(name);
    const label = title === undefined ? quote(name) : `(${quote(title)}, ${quote(name)})`;
    const sub = type.subarray;
    return sub === undefined
      ? `(${label}, ${formatDType(type, false)})`
      : `(${label}, ${formatDType(sub.base, false)}, ${formatShape(sub.shape)})`;
  });
  return `[${items.join(', ')}]`;
}

function formatLayout(dtype: DType): string {
  const fields = (dtype.names ?? []).map((name) => dtype.field(name));
  const titles = fields.some((field) => field.title !== undefined)
    ? `, 'titles': [${fields.map((f) => (f.title === undefined ? 'None' : quote(f.title))).join(', ')}]`
    : '';
  return (
    `{'names': [${(dtype.names ?? []).map(quote).join(', ')}], ` +
    `'formats': [${fields.map((field) => formatDType(field.dtype, false)).join(', ')}], ` +
    `'offsets': [${fields.map((field) => field.offset).join(', ')}]${titles}, ` +
    `'itemsize': ${dtype.itemsize}${dtype.aligned ? ", 'aligned': True" : ''}}`
  );
}

function formatShape(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/** Whether offsets and size are those that the field list alone gives. */
function isPacked(dtype: DType): boolean {
  const round = (offset: number, to: number): number =>
    dtype.aligned ? Math.ceil(offset / to) * to : offset;
  let end = 0;
  for (const name of dtype.names ?? []) {
    const { dtype: type, offset } = dtype.field(name);
    if (offset !== round(end, type.alignment)) return false;
    end = offset + type.itemsize;
  }
  return round(end, dtype.alignment) === dtype.itemsize;
}

// The names of simple dtypes, as types and as a table: `ZBigArray<'int64'>` knows at compile time that its data is a
// BigInt64Array. A literal may be a name ('int64'), a code ('i8', '<i8') or a Python type ('float').

/** Every typed array that can be the `data` of a view. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** An element of a complex dtype. */
export interface Complex {
  readonly real: number;
  readonly imag: number;
}

/** Whatever an element can be: see `ElementOf` for one dtype's. */
export type Element =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | Complex
  | readonly Element[]
  | { readonly [field: string]: Element };

interface Simple {
  bool: [Uint8Array, boolean];
  int8: [Int8Array, number];
  uint8: [Uint8Array, number];
  int16: [Int16Array, number];
  uint16: [Uint16Array, number];
  int32: [Int32Array, number];
  uint32: [Uint32Array, number];
  int64: [BigInt64Array, bigint];
  uint64: [BigUint64Array, bigint];
  float16: [Uint16Array, number];
  float32: [Float32Array, number];
  float64: [Float64Array, number];
  complex64: [Float32Array, Complex];
  complex128: [Float64Array, Complex];
  datetime64: [BigInt64Array, bigint];
  timedelta64: [BigInt64Array, bigint];
  bytes: [Uint8Array, Uint8Array];
  str: [Uint8Array, string];
}

interface Codes {
  b1: 'bool';
  '?': 'bool';
  i1: 'int8';
  u1: 'uint8';
  i2: 'int16';
  u2: 'uint16';
  i4: 'int32';
  u4: 'uint32';
  i8: 'int64';
  u8: 'uint64';
  f2: 'float16';
  f4: 'float32';
  f8: 'float64';
  c8: 'complex64';
  c16: 'complex128';
  int: 'int64';
  float: 'float64';
  complex: 'complex128';
}

type NameOf<D extends string> = D extends keyof Simple
  ? D
  : D extends keyof Codes
    ? Codes[D]
    : D extends `M8${string}` | `datetime64${string}`
      ? 'datetime64'
      : D extends `m8${string}` | `timedelta64${string}`
        ? 'timedelta64'
        : D extends `S${number}`
          ? 'bytes'
          : D extends `U${number}`
            ? 'str'
            : D extends `<${infer C}` | `=${infer C}` | `|${infer C}`
              ? NameOf<C>
              : 'other';

/** The typed array that holds elements of dtype `D`: a Uint8Array of raw bytes where no other fits. */
export type DataOf<D extends string> = string extends D
  ? TypedArray
  : NameOf<D> extends keyof Simple
    ? Simple[NameOf<D>][0]
    : Uint8Array;

/** What one element of dtype `D` is in JavaScript. */
export type ElementOf<D extends string> = string extends D
  ? Element
  : NameOf<D> extends keyof Simple
    ? Simple[NameOf<D>][1]
    : Element;

/** Names and one-letter codes that Python and numpy (on 64-bit Linux) give simple dtypes, and the code with its size. */
export const codeOfName: ReadonlyMap<string, string> = new Map([
  ['?', 'b1'],
  ['bool', 'b1'],
  ['bool_', 'b1'],
  ['int8', 'i1'],
  ['byte', 'i1'],
  ['b', 'i1'],
  ['uint8', 'u1'],
  ['ubyte', 'u1'],
  ['B', 'u1'],
  ['int16', 'i2'],
  ['short', 'i2'],
  ['h', 'i2'],
  ['uint16', 'u2'],
  ['ushort', 'u2'],
  ['H', 'u2'],
  ['int32', 'i4'],
  ['intc', 'i4'],
  ['i', 'i4'],
  ['uint32', 'u4'],
  ['uintc', 'u4'],
  ['I', 'u4'],
  ['int64', 'i8'],
  ['int', 'i8'],
  ['int_', 'i8'],
  ['intp', 'i8'],
  ['long', 'i8'],
  ['longlong', 'i8'],
  ['l', 'i8'],
  ['q', 'i8'],
  ['p', 'i8'],
  ['n', 'i8'],
  ['uint64', 'u8'],
  ['uint', 'u8'],
  ['uintp', 'u8'],
  ['ulong', 'u8'],
  ['ulonglong', 'u8'],
  ['L', 'u8'],
  ['Q', 'u8'],
  ['P', 'u8'],
  ['N', 'u8'],
  ['float16', 'f2'],
  ['half', 'f2'],
  ['e', 'f2'],
  ['float32', 'f4'],
  ['single', 'f4'],
  ['f', 'f4'],
  ['float64', 'f8'],
  ['float', 'f8'],
  ['double', 'f8'],
  ['d', 'f8'],
  ['float128', 'f16'],
  ['longdouble', 'f16'],
  ['g', 'f16'],
  ['complex64', 'c8'],
  ['csingle', 'c8'],
  ['F', 'c8'],
  ['complex128', 'c16'],
  ['complex', 'c16'],
  ['cdouble', 'c16'],
  ['D', 'c16'],
  ['complex256', 'c32'],
  ['clongdouble', 'c32'],
  ['G', 'c32'],
  ['S', 'S0'],
  ['bytes', 'S0'],
  ['bytes_', 'S0'],
  ['c', 'S1'],
  ['U', 'U0'],
  ['str', 'U0'],
  ['str_', 'U0'],
  ['V', 'V0'],
  ['void', 'V0'],
  ['O', 'O8'],
  ['object', 'O8'],
  ['object_', 'O8'],
]);

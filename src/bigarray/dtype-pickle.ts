// dtypes as they stand in pickles: `numpy.dtype(code, align, copy)` and a state tuple, of any version numpy has written.
// What was read is written back as it was read: metadata, flags and spellings of old versions survive.

import {
  NumpyDType,
  PyDict,
  PyObject,
  PyString2,
  PyTuple,
  pyGlobal,
  tuple,
} from '../pickle/index.ts';
import { type DatetimeUnit, parseUnit } from './datetime-unit.ts';
import { type ByteOrder, DType, type DTypeParts, type Field, hostOrder } from './dtype.ts';
import { dtype, subarrayDType } from './dtype-parse.ts';
import { DTypeError } from './errors.ts';

/** The pickled form of a dtype: what it was read from, or what was once made for it. */
const pickled = new WeakMap<DType, PyObject>();

// Flags of numpy's dtype structure that stand in pickles.
const NEEDS_INIT = 0x08;
const NEEDS_PYAPI = 0x10;
const INHERITED = 0x1b;
/** The flag "aligned" as numpy 1 writes it, a signed byte; numpy 2's 144 makes numpy 1 refuse the whole dtype. */
const ALIGNED = -0x80;

/** How deep dtypes may be nested; numpy itself stops far earlier in practice. */
const DEPTH = 64;

/** The dtype as a value to pickle: the same object each time, as numpy shares its simple dtypes within a pickle. */
export function dtypeToPickle(type: DType): PyObject {
  let value = pickled.get(type);
  if (value === undefined) {
    value = new PyObject(
      'reduce',
      pyGlobal('numpy', 'dtype'),
      tuple<unknown>(codeOf(type), false, true),
      {
        state: stateOf(type),
      },
    );
    pickled.set(type, value);
  }
  return value;
}

/** The code without byte order and unit: kind and bytes, or characters. */
function codeOf(type: DType): string {
  return `${type.kind}${type.kind === 'U' ? type.itemsize / 4 : type.itemsize}`;
}

function stateOf(type: DType): PyTuple {
  const { subarray, names, unit } = type;
  const sized = 'SUV'.includes(type.kind);
  const fields = names === undefined ? null : fieldsToPickle(type.fields ?? new Map());
  const items: unknown[] = [
    unit === undefined ? 3 : 4,
    type.byteorder,
    subarray === undefined
      ? null
      : tuple<unknown>(dtypeToPickle(subarray.base), tuple(...subarray.shape)),
    names === undefined ? null : tuple(...names),
    fields,
    sized ? type.itemsize : -1,
    sized ? type.alignment : -1,
    flagsOf(type) + (type.aligned ? ALIGNED : 0),
  ];
  // An empty dict for the metadata, which every numpy reads; numpy since 2025 writes None.
  if (unit !== undefined) items.push(tuple<unknown>(new PyDict(), unitToPickle(unit)));
  return tuple(...items);
}

/** By name and by title: both have the same tuple. */
function fieldsToPickle(fields: ReadonlyMap<string, Field>): PyDict {
  const tuples = new Map<Field, PyTuple>();
  const dict = new PyDict<string, PyTuple>();
  for (const [name, field] of fields) {
    const { dtype: type, offset, title } = field;
    const value =
      tuples.get(field) ??
      tuple<unknown>(dtypeToPickle(type), offset, ...(title === undefined ? [] : [title]));
    tuples.set(field, value);
    dict.set(name, value);
  }
  return dict;
}

function flagsOf(type: DType): number {
  if (type.kind === 'U') return NEEDS_INIT;
  if (type.kind === 'O') return 0x3f;
  if (type.subarray !== undefined) return flagsOf(type.subarray.base) & INHERITED;
  let flags = type.names === undefined ? 0 : NEEDS_PYAPI;
  for (const field of type.fields?.values() ?? []) flags |= flagsOf(field.dtype) & INHERITED;
  return flags;
}

/** (unit, count, denominator, event); numpy has not used the last two for years. */
function unitToPickle(unit: DatetimeUnit): PyTuple {
  const name = Uint8Array.from(unit.name, (char) => char.charCodeAt(0));
  return tuple<unknown>(name, unit.count, 1, 1);
}

function unitFromPickle(value: unknown): DatetimeUnit {
  const parts = asTuple(value, 'the unit of a datetime');
  const name = asText(parts[0], 'the unit of a datetime');
  const count = asCount(parts[1]);
  const divisor = parts.length > 2 ? asCount(parts[2]) : 1;
  const spec = `[${count}${name}${divisor === 1 ? '' : `/${divisor}`}]`;
  return parseUnit(spec, spec);
}

/** Reads a pickled dtype. Throws DTypeError for anything that numpy would not read either. */
export function dtypeFromPickle(value: unknown): DType {
  return readDType(value, 0);
}

function readDType(pickledValue: unknown, depth: number): DType {
  const value = pickledValue instanceof NumpyDType ? pickledValue.description : pickledValue;
  if (depth > DEPTH) throw new DTypeError(`dtypes nested more than ${DEPTH} deep`);
  if (!isDTypeObject(value)) throw new DTypeError('not a pickled numpy.dtype');
  const known = readCode(value.args[0]);
  const type = value.hasState ? readState(known, value.state, depth) : new DType(known);
  pickled.set(type, value);
  return type;
}

function isDTypeObject(value: unknown): value is PyObject {
  return (
    value instanceof PyObject &&
    value.form === 'reduce' &&
    value.callable === pyGlobal('numpy', 'dtype') &&
    value.args.length >= 1
  );
}

function readCode(code: unknown): DTypeParts {
  // A class in place of the code: numpy.record, or another subclass of void.
  if (typeof code === 'object' && !(code instanceof Uint8Array) && !(code instanceof PyString2)) {
    return { kind: 'V', itemsize: 0 };
  }
  const { kind, itemsize, byteorder, unit } = dtype(
    asText(code, 'the code of a dtype').replace(/^O4$/, 'O8'),
  );
  return { kind, itemsize, byteorder, unit };
}

/** The parts of a state of any version: 0 has no version item, 1 no names, 2 no flags, 4 has metadata. */
function splitState(state: unknown): {
  order: unknown;
  subarray: unknown;
  names: unknown;
  fields: unknown;
  size: unknown;
  alignment: unknown;
  flags: unknown;
  metadata: unknown;
} {
  const items = asTuple(state, 'the state of a dtype');
  const version = items.length === 5 ? 0 : items[0];
  if (
    items.length < 5 ||
    items.length > 9 ||
    typeof version !== 'number' ||
    version < 0 ||
    version > 4
  ) {
    throw new DTypeError(`a dtype's state of ${items.length} items and version ${String(version)}`);
  }
  const rest = items.length === 5 ? items : items.slice(1);
  const [order, subarray] = rest;
  if (rest.length === 5) {
    const [fields, size, alignment] = rest.slice(2);
    const names = fields instanceof PyDict ? fields.get(-1) : null;
    return { order, subarray, names, fields, size, alignment, flags: 0, metadata: null };
  }
  const [names, fields, size, alignment, flags, metadata] = rest.slice(2);
  return { order, subarray, names, fields, size, alignment, flags, metadata };
}

function readState(known: DTypeParts, state: unknown, depth: number): DType {
  const parts = splitState(state);
  const byteorder = readOrder(parts.order);
  const itemsize = parts.size === -1 ? known.itemsize : asCount(parts.size);
  const { kind } = known;
  if (parts.subarray !== null && parts.subarray !== undefined) {
    const [base, shape] = asTuple(parts.subarray, 'the subarray of a dtype');
    const lengths = typeof shape === 'number' ? [shape] : asTuple(shape, 'a shape').map(asCount);
    // A copy: the same dtype may stand elsewhere without its subarray.
    return new DType({ ...subarrayDType(readDType(base, depth + 1), lengths) });
  }
  if (parts.names !== null && parts.names !== undefined) {
    const names = asTuple(parts.names, 'the field names').map((name) =>
      asText(name, 'a field name'),
    );
    const fields = readFields(parts.fields, names, itemsize, depth);
    const flags = typeof parts.flags === 'number' ? parts.flags : 0;
    return new DType({
      kind,
      itemsize,
      byteorder,
      alignment: kind === 'V' ? asAlignment(parts.alignment) : undefined,
      names,
      fields,
      aligned: (flags & 0x80) !== 0,
    });
  }
  if (kind === 'M' || kind === 'm') {
    const metadata = parts.metadata;
    const unit =
      metadata instanceof PyTuple && metadata.length === 2
        ? unitFromPickle(metadata[1])
        : known.unit;
    return new DType({ kind, itemsize, byteorder, unit });
  }
  return new DType({ kind, itemsize, byteorder });
}

function readFields(
  value: unknown,
  names: readonly string[],
  itemsize: number,
  depth: number,
): Map<string, Field> {
  if (!(value instanceof PyDict)) throw new DTypeError('the fields of a dtype are no dict');
  const fields = new Map<string, Field>();
  for (const [key, entry] of value) {
    if (typeof key === 'number') continue;
    const [type, offset, title] = asTuple(entry, 'a field');
    const field: Field = {
      dtype: readDType(type, depth + 1),
      offset: asCount(offset),
      title: title === undefined || title === null ? undefined : asText(title, 'a title'),
    };
    if (field.offset + field.dtype.itemsize > itemsize) {
      throw new DTypeError(`field '${String(key)}' ends beyond its element of ${itemsize} bytes`);
    }
    fields.set(asText(key, 'a field name'), field);
  }
  const missing = names.find((name) => !fields.has(name));
  if (missing !== undefined) throw new DTypeError(`no field '${missing}', although it is named`);
  return fields;
}

function readOrder(value: unknown): ByteOrder {
  const order = asText(value, 'a byte order');
  if (order === '<' || order === '>' || order === '|') return order;
  if (order === '=') return hostOrder;
  throw new DTypeError(`byte order '${order}'`);
}

function asTuple(value: unknown, what: string): PyTuple {
  if (value instanceof PyTuple) return value;
  throw new DTypeError(`${what} is no tuple`);
}

/** Text, which Python 2 wrote as bytes. */
function asText(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  if (value instanceof PyString2) return value.toString();
  if (value instanceof Uint8Array) return String.fromCharCode(...value.subarray(0, 1024));
  throw new DTypeError(`${what} is no text`);
}

function asCount(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0x7fffffff) {
    return value;
  }
  throw new DTypeError(`${String(value)} as a size in a dtype`);
}

function asAlignment(value: unknown): number {
  return value === -1 || value === 0 ? 1 : asCount(value);
}

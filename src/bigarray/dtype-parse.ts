// From what a user writes to a DType: 'int64', '<i8', 'M8[ns]', 'S5', 'i4, (2,3)f8', [['t', 'M8[ns]'], ['v', 'f8']],
// ['f4', [2]], { names, formats, offsets ... }. The spellings are numpy's, with arrays for its tuples and lists.

import { parseUnit } from './datetime-unit.ts';
import { type ByteOrder, DType, type DTypeParts, type Field, hostOrder } from './dtype.ts';
import { codeOfName } from './dtype-names.ts';
import { DTypeError } from './errors.ts';

/** A field: name, or title and name, then its dtype and, for a subarray, its shape. */
export type FieldSpec =
  | readonly [name: string | readonly [title: string, name: string], dtype: DTypeSpec]
  | readonly [
      name: string | readonly [title: string, name: string],
      dtype: DTypeSpec,
      shape: number | readonly number[],
    ];

/** Fields with their places in the element. */
export interface LayoutSpec {
  readonly names: readonly string[];
  readonly formats: readonly DTypeSpec[];
  readonly offsets?: readonly number[];
  readonly titles?: readonly (string | null | undefined)[];
  readonly itemsize?: number;
  readonly aligned?: boolean;
}

/** Whatever `dtype()` understands. */
export type DTypeSpec =
  | string
  | DType
  | LayoutSpec
  | readonly FieldSpec[]
  | readonly [base: DTypeSpec, shape: number | readonly number[]];

const simple = new Map<string, DType>();

/** One object for each simple native dtype, as in numpy, where pickles share them. */
function simpleDType(code: string, order: ByteOrder): DType {
  const kind = code[0] as DTypeParts['kind'];
  const size = Number(code.slice(1));
  const make = (): DType =>
    new DType({ kind, itemsize: kind === 'U' ? size * 4 : size, byteorder: order });
  if (order !== hostOrder && order !== '|') return make();
  if ('SUV'.includes(kind)) return make();
  let found = simple.get(code);
  if (found === undefined) {
    found = make();
    simple.set(code, found);
  }
  return found;
}

/**
 * The DType that `spec` names. Throws DTypeError if it names none.
 *
 * @param options.align lay out the fields of a list as a C compiler would
 */
export function dtype<D extends string>(
  spec: D | DType<D>,
  options?: { readonly align?: boolean },
): DType<D>;
export function dtype(spec: DTypeSpec, options?: { readonly align?: boolean }): DType;
export function dtype(spec: DTypeSpec, options: { readonly align?: boolean } = {}): DType {
  if (spec instanceof DType) return spec;
  if (typeof spec === 'string') return parseText(spec, options.align ?? false);
  if (Array.isArray(spec)) {
    return isSubarraySpec(spec)
      ? subarrayDType(dtype(spec[0], options), spec[1])
      : fieldList(spec as readonly FieldSpec[], options.align ?? false);
  }
  if (typeof spec === 'object' && spec !== null && 'names' in spec && 'formats' in spec) {
    return layout(spec, spec.aligned ?? options.align ?? false);
  }
  throw new DTypeError(`not a dtype: ${String(spec)}`);
}

function isSubarraySpec(
  spec: readonly unknown[],
): spec is readonly [DTypeSpec, number | readonly number[]] {
  const shape = spec[1];
  return (
    spec.length === 2 &&
    (typeof shape === 'number' ||
      (Array.isArray(shape) && shape.every((length) => typeof length === 'number')))
  );
}

function parseText(spec: string, align: boolean): DType {
  if (spec.includes(',') || /^[(\d]/.test(spec)) return parseList(spec, align);
  const order = /^[<>=|]/.test(spec) ? (spec[0] as string) : '=';
  const rest = order === '=' && spec[0] !== '=' ? spec : spec.slice(1);
  const byteorder = order === '<' || order === '>' ? order : hostOrder;
  const code = codeOfName.get(rest);
  if (code !== undefined && (rest.length === 1 || rest === spec)) {
    return simpleDType(code, byteorder);
  }
  const time = /^(M8|m8|datetime64|timedelta64)(\[.*\])?$/.exec(rest);
  if (time !== null) {
    const kind = (time[1] as string).startsWith('d') || time[1] === 'M8' ? 'M' : 'm';
    return new DType({ kind, itemsize: 8, byteorder, unit: parseUnit(time[2] ?? '', spec) });
  }
  const sized =
    /^([biufcSUVO])(\d{1,10})$/.exec(rest) ?? (rest[0] === 'a' && /^(a)(\d+)$/.exec(rest));
  if (!sized) throw new DTypeError(`unknown dtype '${spec}'`);
  try {
    return simpleDType(`${sized[1] === 'a' ? 'S' : sized[1]}${Number(sized[2])}`, byteorder);
  } catch (cause) {
    throw new DTypeError(`unknown dtype '${spec}': ${(cause as Error).message}`);
  }
}

/** numpy's short form: dtypes between commas, each with a count or shape before it. */
function parseList(spec: string, align: boolean): DType {
  const item = /\s*(?:\(([\d\s,]*)\)|(\d+))?([<>=|]?[A-Za-z?_][\w?]*(?:\[[^\]]*\])?)\s*(,|$)/y;
  const types: DType[] = [];
  while (item.lastIndex < spec.length) {
    const match = item.exec(spec);
    if (match === null) throw new DTypeError(`unknown dtype '${spec}'`);
    const base = parseText(match[3] as string, align);
    const shape = match[1]
      ?.split(',')
      .filter((length) => length.trim() !== '')
      .map(Number);
    if (shape !== undefined) types.push(subarrayDType(base, shape));
    else types.push(match[2] === undefined ? base : subarrayDType(base, Number(match[2])));
    if (match[4] === '') break;
  }
  if (types.length === 1 && !spec.includes(',', spec.indexOf(')') + 1)) return types[0] as DType;
  return fieldList(
    types.map((type, i) => [`f${i}`, type] as const),
    align,
  );
}

/** A dtype whose element is an array of `base`. */
export function subarrayDType(base: DType, shape: number | readonly number[]): DType {
  if (shape === 1 && typeof shape === 'number') return base;
  const lengths = typeof shape === 'number' ? [shape] : [...shape];
  if (lengths.length === 0) return base;
  if (!lengths.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new DTypeError(`(${lengths}) is not the shape of a subarray`);
  }
  return new DType({
    kind: 'V',
    itemsize: lengths.reduce((product, length) => product * length, base.itemsize),
    alignment: base.alignment,
    subarray: { base, shape: lengths },
  });
}

function fieldList(specs: readonly FieldSpec[], align: boolean): DType {
  const names: string[] = [];
  const titles: (string | undefined)[] = [];
  const formats: DType[] = [];
  specs.forEach((spec, i) => {
    if (!Array.isArray(spec) || spec.length < 2 || spec.length > 3) {
      throw new DTypeError(`field ${i} of a dtype: expected [name, dtype] or [name, dtype, shape]`);
    }
    const [label, format, shape] = spec as readonly [unknown, DTypeSpec, (number | number[])?];
    const [title, name] = Array.isArray(label) ? (label as unknown[]) : [undefined, label];
    if (typeof name !== 'string' || (title !== undefined && typeof title !== 'string')) {
      throw new DTypeError(`field ${i} of a dtype: its name is not text`);
    }
    names.push(name === '' ? `f${i}` : name);
    titles.push(title as string | undefined);
    const type = dtype(format, { align });
    formats.push(shape === undefined ? type : subarrayDType(type, shape));
  });
  return layout({ names, formats, titles }, align);
}

function layout(spec: LayoutSpec, align: boolean): DType {
  const { names, offsets, titles } = spec;
  if (spec.formats.length !== names.length || (offsets && offsets.length !== names.length)) {
    throw new DTypeError('names, formats and offsets of a dtype must have the same length');
  }
  const fields = new Map<string, Field>();
  let end = 0;
  let largest = 0;
  let alignment = 1;
  names.forEach((name, i) => {
    const type = dtype(spec.formats[i] as DTypeSpec, { align });
    if (align) {
      alignment = Math.max(alignment, type.alignment);
      end = Math.ceil(end / type.alignment) * type.alignment;
    }
    const offset = offsets?.[i] ?? end;
    if (!Number.isSafeInteger(offset) || offset < 0 || (align && offset % type.alignment !== 0)) {
      throw new DTypeError(`field '${name}' cannot lie at offset ${offset}`);
    }
    const title = titles?.[i] ?? undefined;
    const field: Field = { dtype: type, offset, title };
    for (const key of title === undefined ? [name] : [name, title]) {
      if (fields.has(key)) throw new DTypeError(`field '${key}' occurs twice`);
      fields.set(key, field);
    }
    end = offset + type.itemsize;
    largest = Math.max(largest, end);
  });
  const needed = align ? Math.ceil(largest / alignment) * alignment : largest;
  const itemsize = spec.itemsize ?? needed;
  if (itemsize < largest || (align && itemsize % alignment !== 0)) {
    throw new DTypeError(`an element of ${itemsize} bytes is too small for its fields`);
  }
  return new DType({
    kind: 'V',
    itemsize,
    alignment,
    names: [...names],
    fields,
    aligned: align,
  });
}

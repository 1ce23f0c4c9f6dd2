// dtypes of numpy, and numbers as short as their dtype lets them be.

import { describeFloat, describeText } from './describe-scalars.ts';
import type { NumpyDType } from './numpy-dtype.ts';

const NAMES: ReadonlyMap<string, string> = new Map(
  'b bool|i int|u uint|f float|c complex'.split('|').map((pair) => {
    const [kind = '', name = ''] = pair.split(' ');
    return [kind, name];
  }),
);

/** The name of a dtype of numbers, such as float64; undefined for others. */
export function dtypeName({ kind, itemsize, fields, subarray }: NumpyDType): string | undefined {
  const name = NAMES.get(kind);
  if (name === undefined || fields !== undefined || subarray !== undefined) return undefined;
  return kind === 'b' ? name : `${name}${itemsize * 8}`;
}

/** What stands in `dtype(...)`. */
export function dtypeText(dtype: NumpyDType): string {
  const { fields, subarray, byteorder } = dtype;
  if (subarray === undefined && fields === undefined) {
    const name = dtypeName(dtype);
    return `'${name === undefined || byteorder === '>' ? formatText(dtype) : name}'`;
  }
  return partText(dtype);
}

/** As it stands among the fields of another dtype. */
function partText(dtype: NumpyDType): string {
  const { fields, subarray } = dtype;
  if (subarray !== undefined) return `(${partText(subarray.base)}, ${shapeText(subarray.shape)})`;
  if (fields === undefined) return `'${formatText(dtype)}'`;
  let end = 0;
  const isPacked = Array.from(fields.values()).every(({ dtype: type, offset }) => {
    const starts = offset === end;
    end += type.itemsize;
    return starts;
  });
  return isPacked && end === dtype.itemsize ? packedText(fields) : spacedText(dtype);
}

type Fields = NonNullable<NumpyDType['fields']>;

function packedText(fields: Fields): string {
  const items = Array.from(fields, ([name, { dtype: type, title }]) => {
    const label =
      title === null
        ? describeText(name)
        : `(${describeText(String(title))}, ${describeText(name)})`;
    const { subarray } = type;
    return subarray === undefined
      ? `(${label}, ${partText(type)})`
      : `(${label}, ${partText(subarray.base)}, ${shapeText(subarray.shape)})`;
  });
  return `[${items.join(', ')}]`;
}

function spacedText({ fields, itemsize }: NumpyDType): string {
  const all = Array.from(fields as Fields);
  const names = all.map(([name]) => describeText(name)).join(', ');
  const formats = all.map(([, { dtype }]) => partText(dtype)).join(', ');
  const offsets = all.map(([, { offset }]) => offset).join(', ');
  return `{'names': [${names}], 'formats': [${formats}], 'offsets': [${offsets}], 'itemsize': ${itemsize}}`;
}

function formatText(dtype: NumpyDType): string {
  if (dtype.kind === 'b') return '?';
  return dtype.byteorder === '|' ? dtype.str.slice(1) : dtype.str;
}

/** A shape as a tuple. */
export function shapeText(shape: readonly number[]): string {
  return `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
}

/** The shortest text that is this float of 2, 4 or 8 bytes. */
export function shortFloat(value: number, itemsize: number): string {
  return describeFloat(shortest(value, itemsize));
}

/** The number with the fewest digits that is this float of 2, 4 or 8 bytes. */
export function shortest(value: number, itemsize: number): number {
  if (itemsize >= 8 || !Number.isFinite(value) || value === 0) return value;
  for (let digits = 1; digits < 10; digits++) {
    const candidate = Number(exponential(value, digits - 1));
    if (isNearest(candidate, value, itemsize)) return candidate;
  }
  return value;
}

function isNearest(candidate: number, value: number, itemsize: number): boolean {
  if (itemsize === 4) return Math.fround(candidate) === value;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value) || 1)), -14);
  return Math.abs(candidate - value) < 2 ** (exponent - 11);
}

/** The number with an exponent, a half rounded to an even digit as Python does, where JavaScript rounds it up. */
export function exponential(value: number, decimals: number): string {
  const [digits = '', exponent] = value.toExponential(60).split('e');
  const end = digits.indexOf('.') + 1 + decimals;
  const even = evenHalf(digits.slice(0, end), digits.slice(end));
  return even === undefined
    ? value.toExponential(decimals)
    : `${even.replace(/\.$/, '')}e${exponent}`;
}

/** The number with eight decimals, rounded so. */
export function fixed(value: number): string {
  const exact = value.toFixed(40);
  return evenHalf(exact.slice(0, -32), exact.slice(-32)) ?? value.toFixed(8);
}

/** The first digits alone, if the others are exactly a half and the last of the first ones is even. */
function evenHalf(first: string, rest: string): string | undefined {
  return /[02468]\.?$/.test(first) && /^50*$/.test(rest) ? first : undefined;
}

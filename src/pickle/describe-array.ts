// Arrays of numpy in its layout: columns of equal width, a line for each row, wrapped at 75 characters, and of more than a
// thousand elements only the first and last three of each axis.

import type { PyComplex } from './complex.ts';
import { dtypeName, dtypeText, shapeText } from './describe-dtype.ts';
import { floatColumn, mostDecimal } from './describe-floats.ts';
import type { DescriptionPart } from './describe-known.ts';
import { describeBytes, describeText } from './describe-scalars.ts';
import type { NumpyArray } from './numpy-array.ts';
import { datetimeText } from './numpy-datetime.ts';
import type { NumpyDType } from './numpy-dtype.ts';

const WIDTH = 75;
const EDGE = 3;
const MOST = 1000;
/** Of arrays of many axes even the ends are too many. */
const MOST_SHOWN = 20_000;
const START = 'array(';

/** The pieces of an array's text. Elements that hold others have their own text, and their lines are not wrapped. */
export function describeArray(array: NumpyArray): Iterable<DescriptionPart> {
  const { dtype, shape, size } = array;
  const notes: string[] = [];
  const isCut = size > MOST && dtype.kind !== 'O' && array.module.startsWith('numpy._core');
  if (isCut || (size === 0 && !(shape.length === 1 && shape[0] === 0)))
    notes.push(`shape=${shapeText(shape)}`);
  if (size === 0 || !isImplied(dtype)) notes.push(`dtype=${dtypeNote(dtype)}`);
  const note = notes.map((text) => `, ${text}`).join('');
  if (size === 0) return [`${START}[]${note})`];
  if (dtype.kind === 'O' || dtype.fields !== undefined || dtype.subarray !== undefined) {
    return [START, { value: array.toArray() }, `${note})`];
  }
  const shown = shape.reduce((count, length) => count * Math.min(length, 2 * EDGE), 1);
  if (size > MOST && shown > MOST_SHOWN)
    return [`${START}[...], shape=${shapeText(shape)}${note})`];
  const tree = elements(array, size > MOST);
  const text = layOut(tree, shape.length, START.length, WIDTH - 1);
  if (note === '') return [`${START}${text})`];
  const last = text.length - text.lastIndexOf('\n') - 1 + (text.includes('\n') ? 0 : START.length);
  const separator = last + note.length + 1 > WIDTH ? `,\n${' '.repeat(START.length)}` : ', ';
  return [`${START}${text}${separator}${note.slice(2)})`];
}

/** Types that an array of such elements would have anyway. */
function isImplied(dtype: NumpyDType): boolean {
  const name = dtypeName(dtype) ?? '';
  return dtype.byteorder !== '>' && ['bool', 'int64', 'float64', 'complex128'].includes(name);
}

function dtypeNote(dtype: NumpyDType): string {
  const { kind, unit, byteorder } = dtype;
  if (kind === 'O') return 'object';
  if (kind === 'M') return `'datetime64[${unit}]'`;
  if (kind === 'm') return `'timedelta64[${unit}]'`;
  const name = dtypeName(dtype);
  if (name !== undefined) return byteorder === '>' ? `'${dtype.str}'` : name;
  return kind === 'S' || kind === 'U' || kind === 'V' ? plainNote(dtype) : dtypeText(dtype);
}

function plainNote(dtype: NumpyDType): string {
  return dtype.fields === undefined && dtype.subarray === undefined
    ? `'${dtype.str}'`
    : dtypeText(dtype);
}

type Tree = string | readonly Tree[];

const LEFT_OUT = '...';

/** The texts of the elements, in one width, as lists of lists. */
function elements(array: NumpyArray, isShort: boolean): Tree {
  const { shape } = array;
  const kept = shape.map((length) =>
    isShort && length > 2 * EDGE
      ? Array.from({ length: 2 * EDGE }, (_, i) => (i < EDGE ? i : length - 2 * EDGE + i))
      : Array.from({ length }, (_, i) => i),
  );
  const values: unknown[] = [];
  const collect = (indexes: number[]): void => {
    const axis = kept[indexes.length];
    if (axis === undefined) values.push(array.get(...indexes));
    else for (const index of axis) collect([...indexes, index]);
  };
  collect([]);
  const all = textsOf(values, array);
  let next = 0;
  const build = (depth: number): Tree => {
    const axis = kept[depth];
    if (axis === undefined) return all[next++] as string;
    const items: Tree[] = axis.map(() => build(depth + 1));
    if (axis.length < (shape[depth] as number)) items.splice(EDGE, 0, LEFT_OUT);
    return items;
  };
  return build(0);
}

function textsOf(values: readonly unknown[], array: NumpyArray): string[] {
  const { kind, itemsize, unit } = array.dtype;
  const axes = array.shape.length;
  const most = mostDecimal(kind === 'c' ? itemsize / 2 : itemsize, array.module);
  switch (kind) {
    case 'f':
      return floatColumn(values as number[], itemsize, most);
    case 'c': {
      const numbers = values as PyComplex[];
      const reals = floatColumn(
        numbers.map(({ real }) => real),
        itemsize / 2,
        most,
      );
      const imaginary = floatColumn(
        numbers.map(({ imag }) => imag),
        itemsize / 2,
        most,
        true,
      );
      // what pads the imaginary part stands behind its letter
      return reals.map((real, i) => {
        const part = imaginary[i] as string;
        const end = part.trimEnd();
        return `${real}${end}j${' '.repeat(part.length - end.length)}`;
      });
    }
    case 'U':
      return values.map((value) => describeText(value as string));
    case 'S':
      return values.map((value) => describeBytes(value as Uint8Array));
    case 'b':
      return values.map((value) => (value === true ? 'True' : 'False').padStart(axes > 0 ? 5 : 0));
    case 'M':
      return column(values.map((value) => `'${datetimeText(value as bigint, unit)}'`));
    case 'm':
      return column(values.map((value) => durationText(value as bigint)));
    default:
      return column(values.map(String));
  }
}

function durationText(value: bigint): string {
  return value === -(2n ** 63n) ? "'NaT'" : String(value);
}

function column(texts: readonly string[]): string[] {
  const width = Math.max(...texts.map((text) => text.length));
  return texts.map((text) => text.padStart(width));
}

/** Lists of lists of texts over lines; `indent` characters stand before the first one. */
function layOut(tree: Tree, axes: number, indent: number, width: number): string {
  if (typeof tree === 'string') return tree;
  const start = ' '.repeat(indent + 1);
  if (axes > 1) {
    const rows = tree.map((row) => layOut(row, axes - 1, indent + 1, width - 1));
    return `[${rows.join(`,${'\n'.repeat(axes - 1)}${start}`)}]`;
  }
  const lines: string[] = [];
  let line = start;
  tree.forEach((item, i) => {
    const word = item as string;
    const isLast = i === tree.length - 1;
    if (line.length + word.length > width - 1 && line !== start) {
      lines.push(line.trimEnd());
      line = start;
    }
    line += isLast ? word : `${word}, `;
  });
  lines.push(line);
  return `[${lines.join('\n').slice(indent + 1)}]`;
}

// Arrays of numpy in its layout: columns of equal width, a line for each row, wrapped at 75 characters, and of more than a
// thousand elements only the first and last three of each axis.

import type { PyComplex } from './complex.ts';
import { dtypeName, dtypeText, shapeText, shortest } from './describe-dtype.ts';
import type { DescriptionPart } from './describe-known.ts';
import { describeBytes, describeFloat, describeText } from './describe-scalars.ts';
import type { NumpyArray } from './numpy-array.ts';
import { datetimeText } from './numpy-datetime.ts';
import type { NumpyDType } from './numpy-dtype.ts';

const WIDTH = 75;
const EDGE = 3;
const MOST = 1000;
const START = 'array(';

/** The pieces of an array's text. Elements that hold others have their own text, and their lines are not wrapped. */
export function describeArray(array: NumpyArray): Iterable<DescriptionPart> {
  const { dtype, shape, size } = array;
  const notes: string[] = [];
  if (size === 0 && !(shape.length === 1 && shape[0] === 0))
    notes.push(`shape=${shapeText(shape)}`);
  if (size === 0 || !isImplied(dtype)) notes.push(`dtype=${dtypeNote(dtype)}`);
  const note = notes.map((text) => `, ${text}`).join('');
  if (size === 0) return [`${START}[]${note})`];
  if (dtype.kind === 'O' || dtype.fields !== undefined || dtype.subarray !== undefined) {
    return [START, { value: array.toArray() }, `${note})`];
  }
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
  const { shape, dtype } = array;
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
  const all = textsOf(values, dtype);
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

function textsOf(values: readonly unknown[], dtype: NumpyDType): string[] {
  const { kind, itemsize, unit } = dtype;
  switch (kind) {
    case 'f':
      return floatColumn(values as number[], itemsize);
    case 'c': {
      const numbers = values as PyComplex[];
      const reals = floatColumn(
        numbers.map(({ real }) => real),
        itemsize / 2,
      );
      const imaginary = floatColumn(
        numbers.map(({ imag }) => imag),
        itemsize / 2,
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
      return column(values.map((value) => (value === true ? 'True' : 'False')));
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

/** Floats with their points below each other: in decimals, or with exponents where they are far apart. */
function floatColumn(values: readonly number[], itemsize: number, signed = false): string[] {
  const finite = values.filter(Number.isFinite).map((value) => shortest(value, itemsize));
  const sizes = finite.filter((value) => value !== 0).map(Math.abs);
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const isWide = sizes.length > 0 && (high >= 1e8 || low < 1e-4 || high / low > 1000);
  const texts = values.map((value) => {
    if (!Number.isFinite(value)) return undefined;
    const number = shortest(value, itemsize);
    return isWide ? exponentText(number) : decimalText(number);
  });
  const known = texts.filter((text) => text !== undefined);
  const sign = (text: string): string => (signed && !text.startsWith('-') ? `+${text}` : text);
  const before = (text: string): number => sign(text).indexOf('.');
  const left = Math.max(0, ...known.map(before));
  const [right, exponent] = isWide
    ? [
        Math.max(0, ...known.map((text) => digitsOf(text).length)),
        Math.max(0, ...known.map((text) => exponentOf(text).length)),
      ]
    : [Math.max(0, ...known.map((text) => text.length - text.indexOf('.') - 1)), 0];
  const whole = left + 1 + right + exponent;
  const width = Math.max(
    whole,
    ...values.map((value, i) => (texts[i] === undefined ? sign(describeFloat(value)).length : 0)),
  );
  return values.map((value, i) => {
    const text = texts[i];
    if (text === undefined) return sign(describeFloat(value)).padStart(width);
    const start = ' '.repeat(width - whole + left - before(text));
    if (!isWide) return (start + sign(text)).padEnd(width);
    const point = text.indexOf('.');
    const mantissa = sign(text.slice(0, point + 1)) + digitsOf(text).padEnd(right, '0');
    return `${start}${mantissa}${exponentOf(text)}`.padEnd(width);
  });
}

/** At most eight decimals, and none that are zeros at the end. */
function decimalText(value: number): string {
  const text = describeFloat(value);
  if (text.includes('e')) return trimmed(value.toFixed(8));
  const decimals = text.length - text.indexOf('.') - 1;
  return trimmed(decimals > 8 ? value.toFixed(8) : text);
}

function trimmed(text: string): string {
  return text.replace(/0+$/, '');
}

function exponentText(value: number): string {
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const fraction = digits.split('.')[1] ?? '';
  const [short = '', shortExponent = exponent] =
    fraction.length > 8 ? value.toExponential(8).split('e') : [digits, exponent];
  const power = Number(shortExponent);
  const mantissa = short.includes('.') ? trimmed(short) : `${short}.`;
  const text = String(Math.abs(power)).padStart(2, '0');
  const sign = Object.is(value, -0) ? '-' : '';
  return `${sign}${mantissa}e${power < 0 ? '-' : '+'}${text}`;
}

function digitsOf(text: string): string {
  return text.slice(text.indexOf('.') + 1, text.indexOf('e'));
}

function exponentOf(text: string): string {
  return text.slice(text.indexOf('e'));
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

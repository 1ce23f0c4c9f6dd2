// Columns of floats in numpy's layout: points below each other, and as few digits as tell the numbers apart.

import { exponential, fixed, shortest } from './describe-dtype.ts';
import { describeFloat } from './describe-scalars.ts';

/** From where on numbers have exponents: in numpy 2 below what a float of this size has digits for. */
export function mostDecimal(itemsize: number, module: string): number {
  if (!module.startsWith('numpy._core') || itemsize >= 8) return 1e8;
  return itemsize === 4 ? 1e6 : 1e3;
}

/** Floats with their points below each other: in decimals, or with exponents where they are far apart. */
export function floatColumn(
  values: readonly number[],
  itemsize: number,
  most: number,
  signed = false,
): string[] {
  const finite = values.filter(Number.isFinite).map((value) => shortest(value, itemsize));
  const sizes = finite.filter((value) => value !== 0).map(Math.abs);
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const isWide = sizes.length > 0 && (high >= most || low < 1e-4 || high / low > 1000);
  const texts = values.map((value) => {
    if (!Number.isFinite(value)) return undefined;
    const number = shortest(value, itemsize);
    return isWide ? exponentText(number, value) : decimalText(number, value);
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
    // digits beyond the shortest are those of the number itself, not zeros
    const isShort = digitsOf(text).length < right;
    const full = isShort ? withExponent(exponential(value, right), value) : text;
    return (start + sign(full)).padEnd(width);
  });
}

/** The shortest number for a value, in at most eight decimals, and none that are zeros at the end. */
function decimalText(short: number, value: number): string {
  const text = describeFloat(short);
  if (text.includes('e')) return trimmed(fixed(value));
  const decimals = text.length - text.indexOf('.') - 1;
  return trimmed(decimals > 8 ? fixed(value) : text);
}

function trimmed(text: string): string {
  return text.replace(/0+$/, '');
}

function exponentText(short: number, value: number): string {
  const text = short.toExponential();
  const decimals = text.indexOf('e') - text.indexOf('.') - 1;
  return withExponent(
    text.includes('.') && decimals > 8 ? trimmedDigits(exponential(value, 8)) : text,
    value,
  );
}

/** JavaScript's form in numpy's: a point in any case, and an exponent of two digits. */
function withExponent(text: string, value = 1): string {
  const [digits = '', power = '0'] = text.split('e');
  const point = digits.includes('.') ? digits : `${digits}.`;
  const sign = power.startsWith('-') ? '-' : '+';
  return `${Object.is(value, -0) ? '-' : ''}${point}e${sign}${power.replace(/^[+-]/, '').padStart(2, '0')}`;
}

function trimmedDigits(text: string): string {
  const [digits = '', power] = text.split('e');
  return `${trimmed(digits)}e${power}`;
}

function digitsOf(text: string): string {
  return text.slice(text.indexOf('.') + 1, text.indexOf('e'));
}

function exponentOf(text: string): string {
  return text.slice(text.indexOf('e'));
}

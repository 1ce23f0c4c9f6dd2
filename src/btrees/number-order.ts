// The order of Python's numbers among each other: int, float, bool and Decimal, by their exact value.

import { Decimal, PyFloat } from '../pickle/index.ts';
import { KeyOrderError } from './errors.ts';

/** A number as it can be compared; `undefined` for what is none. */
export function numberOf(value: unknown): number | bigint | Decimal | undefined {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    default:
      if (value instanceof PyFloat) return value.value;
      return value instanceof Decimal ? value : undefined;
  }
}

/** Below 0, 0 or above 0. NaN stands after whatever it is compared with, as in Python. @throws KeyOrderError for NaN as a Decimal */
export function compareNumbers(a: number | bigint | Decimal, b: number | bigint | Decimal): number {
  if (a instanceof Decimal || b instanceof Decimal) return compareExact(exact(a), exact(b));
  if (a < b) return -1;
  if (a > b || Number.isNaN(a) !== Number.isNaN(b)) return 1;
  return 0;
}

/** sign * 0.digits * 10 ** magnitude, with digits that neither begin nor end with 0. */
interface Exact {
  readonly sign: number;
  readonly digits: string;
  readonly magnitude: number;
}

const ZERO: Exact = { sign: 0, digits: '', magnitude: 0 };

function exact(value: number | bigint | Decimal): Exact {
  if (value instanceof Decimal) return exactDecimal(value.text);
  if (typeof value === 'bigint') return scaled(value, 0);
  if (Number.isNaN(value)) throw new KeyOrderError('NaN and a Decimal have no order');
  if (!Number.isFinite(value)) return infinite(value);
  let whole = value;
  let halvings = 0;
  for (; !Number.isInteger(whole); halvings++) whole *= 2;
  // x / 2**n is x * 5**n / 10**n
  return scaled(BigInt(whole) * 5n ** BigInt(halvings), -halvings);
}

function exactDecimal(text: string): Exact {
  if (text.includes('NaN'))
    throw new KeyOrderError('a Decimal that is NaN and other numbers have no order');
  if (text.endsWith('Infinity')) return infinite(text.startsWith('-') ? -1 : 1);
  const [number = '', exponent = '0'] = text.split('E');
  const [whole = '', fraction = ''] = number.split('.');
  return scaled(
    BigInt(whole + fraction),
    Number(exponent) - fraction.length,
    whole.startsWith('-'),
  );
}

/** The exact form of value * 10 ** exponent. */
function scaled(value: bigint, exponent: number, negative: boolean = value < 0n): Exact {
  if (value === 0n) return ZERO;
  const digits = String(value < 0n ? -value : value);
  return {
    sign: negative ? -1 : 1,
    digits: digits.replace(/0+$/, ''),
    magnitude: digits.length + exponent,
  };
}

function infinite(value: number): Exact {
  return { sign: Math.sign(value), digits: '', magnitude: Number.POSITIVE_INFINITY };
}

function compareExact(a: Exact, b: Exact): number {
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.magnitude !== b.magnitude) return a.magnitude < b.magnitude ? -a.sign : a.sign;
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -a.sign : a.sign;
}

// decimal.Decimal: a number in decimal digits, kept as the text that Python writes.

import { PickleError } from './errors.ts';
import { defineKey, defineKeyNumber, numericKey } from './key.ts';
import type { KnownType } from './known-type.ts';
import { type PyTuple, pyGlobal, tuple } from './values.ts';

// What Python's str() of a Decimal looks like; the length bounds what is parsed.
const FORM = /^-?(?:\d+(?:\.\d+)?(?:E[+-]\d+)?|Infinity|s?NaN\d*)$/;
const MAX_LENGTH = 4300;

/** A Decimal. There is no arithmetic: `toString` gives the exact digits, `toNumber` the nearest number. */
export class Decimal {
  readonly text: string;

  /** @throws PickleError (`PICKLE_VALUE`) unless the text is as Python's `str` writes a Decimal, such as `-1.50` or `1E+3`. */
  constructor(text: string) {
    if (!isDecimal(text)) {
      throw new PickleError(
        `${JSON.stringify(text.slice(0, 60))} is not a Decimal as Python writes it`,
        {},
        'PICKLE_VALUE',
      );
    }
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }

  /** The nearest number: digits beyond 15 or so are lost. */
  toNumber(): number {
    return Number(this.text.includes('NaN') ? 'NaN' : this.text);
  }
}

function isDecimal(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_LENGTH && FORM.test(value);
}

export const DECIMAL_TYPE: KnownType = {
  callable: pyGlobal('decimal', 'Decimal'),
  prototype: Decimal.prototype,
  construct: (args: PyTuple): Decimal | undefined =>
    args.length === 1 && isDecimal(args[0]) ? new Decimal(args[0] as string) : undefined,
  args: ({ text }: Decimal) => tuple(text),
};

/** The digits without zeros at either end, and the power of ten that they are multiplied by. */
interface Parts {
  readonly sign: string;
  readonly digits: string;
  readonly exponent: number;
}

function parts(text: string): Parts | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return {
    sign,
    digits,
    exponent: Number(exponent) - fraction.length + all.length - digits.length,
  };
}

// 2, 2.00 and 2E+0 are one key with the int 2; 1.5 and 1.50 are one key, which equals no float here.
defineKeyNumber(Decimal.prototype, ({ text }) => {
  const found = parts(text);
  if (found === undefined) return undefined;
  const { sign, digits, exponent } = found;
  if (digits === '') return 0;
  if (exponent < 0 || exponent > MAX_LENGTH) return undefined;
  return numericKey(BigInt(`${sign}${digits}${'0'.repeat(exponent)}`));
});
defineKey(Decimal.prototype, ({ text }) => {
  const found = parts(text);
  if (found === undefined) return `decimal ${text};`;
  return `decimal ${found.sign}${found.digits}E${found.exponent};`;
});

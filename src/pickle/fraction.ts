// fractions.Fraction: two ints in lowest terms.

import { PickleError } from './errors.ts';
import { defineKey, defineKeyNumber, numericKey } from './key.ts';
import { isInt, type KnownType } from './known-type.ts';
import { type PyTuple, pyGlobal, tuple } from './values.ts';

/** Longest part, in bits, that lowest terms are made sure of: it costs the square of it. */
const MAX_BITS = 4096;

/** A Fraction, without arithmetic. */
export class Fraction {
  readonly numerator: bigint;
  /** Above zero. */
  readonly denominator: bigint;

  /** @throws PickleError (`PICKLE_VALUE`) unless the fraction is in lowest terms with a denominator above zero. */
  constructor(numerator: number | bigint, denominator: number | bigint = 1) {
    if (!isFraction(numerator, denominator)) {
      throw new PickleError(
        `${numerator}/${denominator} is not a fraction in lowest terms`,
        {},
        'PICKLE_VALUE',
      );
    }
    this.numerator = BigInt(numerator);
    this.denominator = BigInt(denominator);
  }

  toString(): string {
    return this.denominator === 1n ? `${this.numerator}` : `${this.numerator}/${this.denominator}`;
  }

  /** The nearest number, or one beside it. */
  toNumber(): number {
    return Number(this.numerator) / Number(this.denominator);
  }
}

function isFraction(numerator: unknown, denominator: unknown): boolean {
  if (!isInt(numerator) || !isInt(denominator) || denominator <= 0) return false;
  let left = BigInt(numerator) < 0n ? -BigInt(numerator) : BigInt(numerator);
  let right = BigInt(denominator);
  if (left >> BigInt(MAX_BITS) !== 0n || right >> BigInt(MAX_BITS) !== 0n) return false;
  while (right !== 0n) [left, right] = [right, left % right];
  return left === 1n;
}

/** Those that Python before 3.11 wrote, as one text. */
const asText = new WeakSet<Fraction>();

function fractionOfText(text: unknown): Fraction | undefined {
  if (typeof text !== 'string' || text.length > MAX_BITS) return undefined;
  const match = /^(-?\d+)(?:\/(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [numerator, denominator] = [BigInt(match[1] as string), BigInt(match[2] ?? 1)];
  if (!isFraction(numerator, denominator)) return undefined;
  const fraction = new Fraction(numerator, denominator);
  asText.add(fraction);
  return String(fraction) === text ? fraction : undefined;
}

export const FRACTION_TYPE: KnownType = {
  callable: pyGlobal('fractions', 'Fraction'),
  prototype: Fraction.prototype,
  construct(args: PyTuple) {
    const [numerator, denominator] = args as unknown as [bigint, bigint];
    if (args.length === 1) return fractionOfText(numerator);
    return args.length === 2 && isFraction(numerator, denominator)
      ? new Fraction(numerator, denominator)
      : undefined;
  },
  args(fraction: Fraction) {
    const { numerator, denominator } = fraction;
    return asText.has(fraction)
      ? tuple(String(fraction))
      : tuple(numericKey(numerator), numericKey(denominator));
  },
};

defineKeyNumber(Fraction.prototype, (fraction) => {
  const { numerator, denominator } = fraction;
  if (denominator === 1n) return numericKey(numerator);
  const isExact = (denominator & (denominator - 1n)) === 0n && numerator >> 52n === 0n;
  return isExact ? fraction.toNumber() : undefined;
});
defineKey(Fraction.prototype, (fraction) => `fraction ${fraction};`);

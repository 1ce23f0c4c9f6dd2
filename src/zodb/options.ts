// Options of public functions are checked at the edge: a name that is not known is more often a slip than a wish.

import { ArgumentError } from './errors.ts';

/** @throws ArgumentError unless `options` is an object whose names are all among `known` */
export function checkOptions(of: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new ArgumentError(`the options of ${of} are an object, got ${String(options)}`);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new ArgumentError(
      `${of} has no option ${JSON.stringify(name)}: its options are ${known.join(', ')}`,
    );
  }
}

/** A whole number from 0 on. @throws ArgumentError */
export function count(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new ArgumentError(`${name} must be a non-negative integer, got ${String(value)}`);
}

/** @throws ArgumentError */
export function flag(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value === 'boolean') return value;
  throw new ArgumentError(`${name} must be true or false, got ${String(value)}`);
}

/** @throws ArgumentError */
export function text(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new ArgumentError(`${name} must be text, got ${String(value)}`);
}

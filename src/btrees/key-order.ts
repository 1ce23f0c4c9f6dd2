// The order of keys in the O families: None first, then Python's `<` of the keys' own type. Text goes by code point, bytes
// by byte, numbers of all kinds by value, tuples and lists by their items, dates and UUIDs as one would think.

import { PyByteArray, PyFloat, PyTuple, UUID } from '../pickle/index.ts';
import { compareDates, isDateLike } from './date-order.ts';
import { KeyOrderError } from './errors.ts';
import { compareNumbers, numberOf } from './number-order.ts';

/** A key class of one's own: Python's method of this name. */
interface Orderable {
  __lt__(other: unknown): boolean;
}

/**
 * Below 0, 0 or above 0, as `a` stands before, with or after `b`.
 * @throws KeyOrderError where Python's `<` raises TypeError
 */
export function compareKeys(a: unknown, b: unknown): number {
  if (a === null) return b === null ? 0 : -1;
  if (b === null) return 1;
  return compareValues(a, b);
}

/**
 * Checks that a key can have an order at all, before it goes into a tree.
 * @throws KeyOrderError
 */
export function checkOrderable(key: unknown): void {
  if (key === null || numberOf(key) !== undefined || typeof key === 'string') return;
  if (typeof key === 'object') {
    if (Array.isArray(key) || bytesOf(key) !== undefined || key instanceof UUID) return;
    if (isDateLike(key) || isOrderable(key)) return;
  }
  throw new KeyOrderError(`${describe(key)} has no order, so it cannot be a key`);
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const x = numberOf(a);
  if (x !== undefined) {
    const y = numberOf(b);
    if (y !== undefined) return compareNumbers(x, y);
  } else if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    const order = compareObjects(a, b);
    if (order !== undefined) return order;
  }
  if (a === null && b === null) return 0;
  throw new KeyOrderError(`${describe(a)} and ${describe(b)} have no order`);
}

/** `undefined` if these two have no order. */
function compareObjects(a: object, b: object): number | undefined {
  const bytes = bytesOf(a);
  if (bytes !== undefined) {
    const others = bytesOf(b);
    return others && compareBytes(bytes, others);
  }
  if (Array.isArray(a)) {
    const alike = Array.isArray(b) && a instanceof PyTuple === b instanceof PyTuple;
    return alike ? compareItems(a, b) : undefined;
  }
  if (a instanceof UUID) return b instanceof UUID ? compareNumbers(a.int, b.int) : undefined;
  if (isDateLike(a)) return compareDates(a, b);
  if (!isOrderable(a) || !isOrderable(b)) return undefined;
  return a.__lt__(b) ? -1 : b.__lt__(a) ? 1 : 0;
}

/**
 * The order by code point. That of UTF-16 code units differs from it only where a surrogate meets a unit above the
 * surrogates.
 */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === a.length || at === b.length) return a.length - b.length;
  const x = a.charCodeAt(at);
  const y = b.charCodeAt(at);
  if (x < 0xd800 || y < 0xd800) return x - y;
  const split = at > 0 && isHighSurrogate(a.charCodeAt(at - 1)) ? at - 1 : at;
  const i = isLowSurrogate(x) || isLowSurrogate(y) ? split : at;
  return (a.codePointAt(i) as number) - (b.codePointAt(i) as number);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareItems(a: readonly unknown[], b: readonly unknown[]): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    if (a[i] === b[i]) continue;
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** The content of bytes and bytearray, which Python orders among each other. */
function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return value instanceof PyByteArray ? value.bytes : undefined;
}

function isOrderable(value: object): value is Orderable {
  return typeof Object.getPrototypeOf(value)?.__lt__ === 'function';
}

/** A key as error messages show it. */
export function describe(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  }
  if (typeof value === 'function') return `the class or function ${value.name}`;
  if (typeof value !== 'object') return String(value);
  if (value instanceof PyTuple) return 'a tuple';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Uint8Array) return `bytes of length ${value.length}`;
  if (value instanceof PyFloat) return String(value);
  return `an object of class ${value.constructor?.name ?? 'without a name'}`;
}

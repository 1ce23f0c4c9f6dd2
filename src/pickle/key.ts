// Python's equality of keys as equality of JavaScript primitives: 1, 1.0 and True are one key, str and bytes never equal,
// tuples and frozensets compare by their items, other objects by identity.

import { PickleError } from './errors.ts';
import { isBytes, isMap, isPlainObject, isSet } from './realms.ts';
import { PersistentRef, PyByteArray, PyFloat, PyRawText, PyString2, PyTuple } from './values.ts';

/** The text of a value that equals for equal keys only; undefined: it may not be a key. `part` gives the text of a part. */
export type KeyText<T> = (value: T, part: (value: unknown) => string) => string | undefined;

const keyTexts = new Map<object, KeyText<never>>();

/** Says how values of a class compare as keys, or with `unhashable` that they may not be keys. */
export function defineKey<T extends object>(prototype: T, text: KeyText<T>): void {
  keyTexts.set(prototype, text);
}

/** For `defineKey`: values of this class may not be keys. */
export function unhashable(): undefined {
  return undefined;
}

/** The number that a value equals, if it equals one. */
export type KeyNumber<T> = (value: T) => number | bigint | undefined;

const keyNumbers = new Map<object, KeyNumber<never>>();

/** Says which number a value of a class equals as a key; undefined leaves it to `defineKey`. */
export function defineKeyNumber<T extends object>(prototype: T, number: KeyNumber<T>): void {
  keyNumbers.set(prototype, number);
}

function keyNumber(value: object): number | bigint | undefined {
  const number = keyNumbers.get(Object.getPrototypeOf(value)) as KeyNumber<object> | undefined;
  return number?.(value);
}

const HASHABLE_TYPES = new Set(['string', 'number', 'bigint', 'boolean']);
const MAX_KEY_LENGTH = 65536;
const MAX_KEY_DEPTH = 500;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** A number or bigint as the one of the two that all equal Python numbers share. */
export function numericKey(value: number | bigint): number | bigint {
  if (typeof value === 'number') {
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
  }
  return value <= MAX_SAFE && value >= -MAX_SAFE ? Number(value) : value;
}

/** Whether a value can be a key at all, by its own type: the items of a tuple are looked at when the key is used. */
export function isHashable(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== 'object') return HASHABLE_TYPES.has(typeof value);
  if (Array.isArray(value)) return value instanceof PyTuple;
  const text = keyTexts.get(Object.getPrototypeOf(value));
  if (text !== undefined) return text !== unhashable;
  return !(value instanceof PyByteArray || isMap(value) || isSet(value));
}

/**
 * The text of a composite key (bytes, tuple, frozenset, ...), or undefined for a key that is used by identity.
 * @throws PickleError (`PICKLE_VALUE`) for a list, dict, set or bytearray, also inside a tuple; (`PICKLE_LIMIT`) if the
 * key is longer than 64 Ki characters or nested more than 500 deep.
 */
export function compositeKey(key: unknown): string | undefined {
  if (typeof key !== 'object' || key === null) throw unhashableKey(key);
  if (
    Array.isArray(key) ||
    key instanceof PersistentRef ||
    key instanceof PyRawText ||
    key instanceof PyString2 ||
    keyTexts.has(Object.getPrototypeOf(key)) ||
    isBytes(key) ||
    !isHashable(key)
  ) {
    return keyText(key, 0, { left: MAX_KEY_LENGTH });
  }
  return undefined;
}

/** A key as one that a Map compares as Python does: a primitive, a text apart from all strings, or the object itself. */
export function pathKey(key: unknown): unknown {
  if (typeof key === 'string') return key.charCodeAt(0) === 0 ? `\0${key}` : key;
  const plain = plainKey(key);
  if (plain !== undefined) return plain;
  const text = compositeKey(key);
  return text === undefined ? key : `\0(${text}`;
}

/** The key as a Map compares it the Python way, or undefined for a composite key and for one used by identity. */
export function plainKey(key: unknown): unknown {
  switch (typeof key) {
    case 'string':
      return key;
    case 'number':
    case 'bigint':
      return numericKey(key);
    case 'boolean':
      return key ? 1 : 0;
    case 'object':
      if (key === null) return null;
      if (key instanceof PyFloat) return numericKey(key.value);
      if (key instanceof PyString2) return asciiText(key.bytes);
      return keyNumber(key);
    default:
      // functions and symbols: compositeKey refuses them
      return undefined;
  }
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

function keyText(value: unknown, depth: number, budget: { left: number }): string {
  const text = keyTextUncounted(value, depth, budget);
  budget.left -= text.length;
  if (budget.left < 0) {
    throw new PickleError(`a key is longer than ${MAX_KEY_LENGTH}`, {}, 'PICKLE_LIMIT');
  }
  return text;
}

function keyTextUncounted(value: unknown, depth: number, budget: { left: number }): string {
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`;
    case 'boolean':
      return value ? 'i1;' : 'i0;';
    case 'number':
    case 'bigint':
      return `i${numericKey(value)};`;
    case 'object':
      break;
    default:
      throw unhashableKey(value);
  }
  if (value === null) return 'n';
  if (depth > MAX_KEY_DEPTH) {
    throw new PickleError(`a key is nested more than ${MAX_KEY_DEPTH} deep`, {}, 'PICKLE_LIMIT');
  }
  const part = (item: unknown): string => keyText(item, depth + 1, budget);
  if (value instanceof PyFloat) return `i${numericKey(value.value)};`;
  if (value instanceof PyString2) {
    const ascii = asciiText(value.bytes);
    return ascii === undefined ? bytesText('2', value.bytes, budget) : part(ascii);
  }
  if (isBytes(value)) return bytesText('b', value, budget);
  if (value instanceof PyRawText) return bytesText('u', value.utf8, budget);
  if (value instanceof PyTuple) {
    let text = 't(';
    for (let i = 0; i < value.length; i++) text += part(value[i]);
    return `${text})`;
  }
  if (value instanceof PersistentRef) {
    return `r${Array.isArray(value.pid) ? value.pid.map(part).join('') : part(value.pid)};`;
  }
  const number = keyNumber(value);
  if (number !== undefined) return `i${number};`;
  const own = keyTexts.get(Object.getPrototypeOf(value)) as KeyText<object> | undefined;
  if (own !== undefined) {
    const text = own(value, part);
    if (text === undefined) throw unhashableKey(value);
    return text;
  }
  if (!isHashable(value)) throw unhashableKey(value);
  let identity = identities.get(value);
  if (identity === undefined) {
    lastIdentity += 1;
    identity = lastIdentity;
    identities.set(value, identity);
  }
  return `o${identity};`;
}

function bytesText(mark: string, bytes: Uint8Array, budget: { left: number }): string {
  if (bytes.length > budget.left) {
    throw new PickleError(`a key is longer than ${MAX_KEY_LENGTH}`, {}, 'PICKLE_LIMIT');
  }
  let text = `${mark}${bytes.length}:`;
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}

/** The text of ASCII bytes, undefined if one is above 0x7f. */
export function asciiText(bytes: Uint8Array): string | undefined {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/**
 * Checks a key of a Map or a member of a Set, which know nothing of Python's rules.
 * @throws PickleError for what neither Python nor `decode` would take as one
 */
export function checkKey(key: unknown): void {
  if (typeof key !== 'object' || key === null) return;
  checkMember(key);
  if (plainKey(key) === undefined) compositeKey(key);
}

/** The same by the object's own type alone: the items of a tuple are looked at when it is used as a key. */
export function checkMember(member: object): void {
  if (isPlainObject(member) || !isHashable(member)) throw unhashableKey(member);
}

/** The error for a value that may not be a key. */
export function unhashableKey(value: unknown): PickleError {
  const type =
    typeof value === 'object' && value !== null
      ? Array.isArray(value)
        ? 'a list'
        : isPlainObject(value)
          ? 'a plain object'
          : `a ${Object.getPrototypeOf(value)?.constructor?.name ?? 'object'}`
      : `a value of type ${typeof value}`;
  return new PickleError(`${type} cannot be a key`, {}, 'PICKLE_VALUE');
}

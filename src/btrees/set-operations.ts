// Union, intersection and difference of sets and mappings of one family, with or without weights. Results are plain Sets and
// Buckets: objects by themselves, of any length.

import { ArgumentError } from '../zodb/errors.ts';
import type { Collection } from './collection.ts';
import { Cursor } from './cursor.ts';
import { held, type KeyDatatype } from './datatypes.ts';
import { ALL } from './iterate.ts';
import { describe } from './key-order.ts';
import type { Bucket, SortedMapping } from './mapping.ts';
import { LeafData, Node, setData } from './node.ts';
import type { KeySet } from './sets.ts';

/** Keys without a family of their own: anything iterable, or in integer families one integer. */
export type Keys<KIn> = Iterable<KIn> | number | bigint;

type Nothing = null | undefined;

/** The keys of a sorted collection, one after the other. */
interface Walk {
  readonly key: unknown;
  readonly value: unknown;
  next(): boolean;
}

/**
 * The keys of both, as a Set. Where one argument is null the other is given back as it is.
 * @throws ArgumentError for collections of two families, or none; KeyOrderError
 */
export function union<K, KIn>(
  a: Collection<K, KIn>,
  b: Collection<K, KIn> | Keys<KIn>,
): KeySet<K, KIn>;
export function union<K, KIn>(a: Keys<KIn>, b: Collection<K, KIn>): KeySet<K, KIn>;
export function union<T>(a: Nothing, b: T): T;
export function union<T>(a: T, b: Nothing): T;
export function union(a: unknown, b: unknown): unknown {
  if (isNothing(a)) return b;
  if (isNothing(b)) return a;
  const family = familyOf(a, b);
  const keys: unknown[] = [];
  const [left, right] = [walk(family, a), walk(family, b)];
  join(family, left, right, {
    left: () => keys.push(left.key),
    both: () => keys.push(left.key),
    right: () => keys.push(right.key),
  });
  return makeSet(family, keys);
}

/**
 * The keys that are in both, as a Set. Where one argument is null the other is given back as it is.
 * @throws ArgumentError for collections of two families, or none; KeyOrderError
 */
export function intersection<K, KIn>(
  a: Collection<K, KIn>,
  b: Collection<K, KIn> | Keys<KIn>,
): KeySet<K, KIn>;
export function intersection<K, KIn>(a: Keys<KIn>, b: Collection<K, KIn>): KeySet<K, KIn>;
export function intersection<T>(a: Nothing, b: T): T;
export function intersection<T>(a: T, b: Nothing): T;
export function intersection(a: unknown, b: unknown): unknown {
  if (isNothing(a)) return b;
  if (isNothing(b)) return a;
  const family = familyOf(a, b);
  const keys: unknown[] = [];
  const [left, right] = [walk(family, a), walk(family, b)];
  join(family, left, right, { both: () => keys.push(left.key) });
  return makeSet(family, keys);
}

/**
 * What is in the first and not in the second: of a mapping a Bucket with the values, else a Set. Where one argument is null
 * the first is given back as it is.
 * @throws ArgumentError for collections of two families, or none; KeyOrderError
 */
export function difference<K, V, KIn, VIn>(
  a: SortedMapping<K, V, KIn, VIn>,
  b: Collection<K, KIn> | Keys<KIn>,
): Bucket<K, V, KIn, VIn>;
export function difference<K, KIn>(
  a: Collection<K, KIn>,
  b: Collection<K, KIn> | Keys<KIn>,
): KeySet<K, KIn>;
export function difference<K, KIn>(a: Keys<KIn>, b: Collection<K, KIn>): KeySet<K, KIn>;
export function difference<T>(a: T, b: Nothing): T;
export function difference(a: Nothing, b: unknown): null;
export function difference(a: unknown, b: unknown): unknown {
  if (isNothing(a) || isNothing(b)) return a ?? null;
  const family = familyOf(a, b);
  const keys: unknown[] = [];
  const values: unknown[] = [];
  const left = walk(family, a);
  join(family, left, walk(family, b), {
    left: () => {
      keys.push(left.key);
      values.push(left.value);
    },
  });
  return isMapping(a) ? makeBucket(family, keys, values) : makeSet(family, keys);
}

/**
 * The keys of all parts, as a Set of the class given.
 * @throws ArgumentError for a family whose keys are not integers, parts of another family, and what cannot be a key
 */
export function multiunion<K, KIn>(
  setClass: new () => KeySet<K, KIn>,
  parts: Iterable<Collection<K, KIn> | Keys<KIn>>,
): KeySet<K, KIn> {
  const family = new setClass();
  const { key: type } = family._p_family;
  if (type.weighted === undefined) {
    throw new ArgumentError(`multiunion takes integer keys, not those of ${setClass.name}`);
  }
  const keys: unknown[] = [];
  for (const part of parts) {
    checkFamily(family, part);
    const each = walk(family, part);
    while (each.next()) keys.push(each.key);
  }
  return makeSet(family, sorted(type, keys)) as KeySet<K, KIn>;
}

/** How both keys and the keys of either one are taken; what has no function is left out. */
interface Join {
  left?: () => unknown;
  both?: () => unknown;
  right?: () => unknown;
}

/** Walks two collections side by side. */
export function join(family: Node, left: Walk, right: Walk, take: Join): void {
  const { compare } = family._p_family.key;
  let inLeft = left.next();
  let inRight = right.next();
  while (inLeft && inRight) {
    const order = compare(left.key, right.key);
    if (order < 0) take.left?.();
    else if (order > 0) take.right?.();
    else take.both?.();
    if (order <= 0) inLeft = left.next();
    if (order >= 0) inRight = right.next();
  }
  for (; inLeft && take.left !== undefined; inLeft = left.next()) take.left();
  for (; inRight && take.right !== undefined; inRight = right.next()) take.right();
}

/** Any node of the one family that the arguments are of. @throws ArgumentError */
export function familyOf(a: unknown, b: unknown): Node {
  const family = [a, b].find((argument) => argument instanceof Node);
  if (family === undefined) {
    throw new ArgumentError('one of the arguments must be a set or mapping of a BTrees family');
  }
  checkFamily(family, a);
  checkFamily(family, b);
  return family;
}

function checkFamily(family: Node, argument: unknown): void {
  if (!(argument instanceof Node) || argument._p_family === family._p_family) return;
  throw new ArgumentError(
    `a collection of ${argument._p_family.name} cannot be combined with one of ${family._p_family.name}`,
  );
}

export function isMapping(argument: unknown): boolean {
  return argument instanceof Node && argument._p_hasValues;
}

export function walk(family: Node, argument: unknown): Walk {
  if (argument instanceof Node) return new Cursor(argument, ALL);
  const { key: type } = family._p_family;
  const given =
    typeof argument === 'number' || typeof argument === 'bigint' ? [argument] : argument;
  if (typeof (given as Iterable<unknown> | undefined)?.[Symbol.iterator] !== 'function') {
    throw new ArgumentError(`a collection or something iterable is needed, got ${describe(given)}`);
  }
  return new KeyWalk(
    sorted(
      type,
      Array.from(given as Iterable<unknown>, (key) => held(type, key)),
    ),
  );
}

class KeyWalk implements Walk {
  readonly #keys: readonly unknown[];
  #at = -1;
  readonly value = undefined;

  constructor(keys: readonly unknown[]) {
    this.#keys = keys;
  }

  get key(): unknown {
    return this.#keys[this.#at];
  }

  next(): boolean {
    return ++this.#at < this.#keys.length;
  }
}

/** In order, and each key once. */
function sorted(type: KeyDatatype, keys: unknown[]): unknown[] {
  return keys
    .sort(type.compare)
    .filter((key, at) => at === 0 || type.compare(keys[at - 1], key) !== 0);
}

export function makeSet(family: Node, keys: unknown[]): Node {
  const made = new family._p_results.set();
  setData(made, new LeafData(keys, undefined, undefined));
  return made;
}

export function makeBucket(family: Node, keys: unknown[], values: unknown[]): Node {
  const made = new family._p_results.bucket();
  setData(made, new LeafData(keys, values, undefined));
  return made;
}

function isNothing(argument: unknown): argument is Nothing {
  return argument === null || argument === undefined;
}

// Iterators over keys, values and entries between bounds.

import { ArgumentError } from '../zodb/errors.ts';
import { type Bounds, Cursor } from './cursor.ts';
import { held } from './datatypes.ts';
import type { Node } from './node.ts';

/** Which keys: all by default, bounds included, in ascending order. */
export interface Range<K> {
  /** The smallest key, or where it would be. */
  readonly min?: K | undefined;
  /** The largest key, or where it would be. */
  readonly max?: K | undefined;
  /** Leave `min` itself out. */
  readonly excludeMin?: boolean | undefined;
  /** Leave `max` itself out. */
  readonly excludeMax?: boolean | undefined;
  /** In descending order. */
  readonly reverse?: boolean | undefined;
}

/** How what a node holds is shown. */
export type Show = (held: unknown) => unknown;

function boundsOf(node: Node, range: Range<unknown> | undefined): Bounds {
  if (range === undefined) return ALL;
  if (typeof range !== 'object' || range === null) {
    throw new ArgumentError('a range is an object { min, max, excludeMin, excludeMax, reverse }');
  }
  const { min, max, excludeMin = false, excludeMax = false, reverse = false } = range;
  const { key } = node._p_family;
  return {
    min: min === undefined ? undefined : held(key, min),
    max: max === undefined ? undefined : held(key, max),
    excludeMin,
    excludeMax,
    reverse,
  };
}

export const ALL: Bounds = {
  min: undefined,
  max: undefined,
  excludeMin: false,
  excludeMax: false,
  reverse: false,
};

/** @throws ArgumentError for bounds that cannot be keys */
export function keysOf<K>(
  node: Node,
  range: Range<unknown> | undefined,
  show: Show,
): IterableIterator<K> {
  return generateKeys(new Cursor(node, boundsOf(node, range)), show) as IterableIterator<K>;
}

/** @throws ArgumentError for bounds that cannot be keys */
export function valuesOf<V>(
  node: Node,
  range: Range<unknown> | undefined,
  show: Show,
): IterableIterator<V> {
  return generateValues(new Cursor(node, boundsOf(node, range)), show) as IterableIterator<V>;
}

/** @throws ArgumentError for bounds that cannot be keys */
export function entriesOf<K, V>(
  node: Node,
  range: Range<unknown> | undefined,
  showKey: Show,
  showValue: Show,
): IterableIterator<[K, V]> {
  const cursor = new Cursor(node, boundsOf(node, range));
  return generateEntries(cursor, showKey, showValue) as IterableIterator<[K, V]>;
}

function* generateKeys(cursor: Cursor, show: Show): IterableIterator<unknown> {
  while (cursor.next()) yield show(cursor.key);
}

function* generateValues(cursor: Cursor, show: Show): IterableIterator<unknown> {
  while (cursor.next()) yield show(cursor.value);
}

function* generateEntries(
  cursor: Cursor,
  showKey: Show,
  showValue: Show,
): IterableIterator<[unknown, unknown]> {
  while (cursor.next()) yield [showKey(cursor.key), showValue(cursor.value)];
}

/** The smallest key not below `from`, or with `last` the largest not above it, as nodes hold it. */
export function outermostKey(node: Node, from: unknown, last: boolean): unknown {
  const bound = from === undefined ? undefined : held(node._p_family.key, from);
  const cursor = new Cursor(node, { ...ALL, [last ? 'max' : 'min']: bound, reverse: last });
  return cursor.next() ? cursor.key : undefined;
}

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

/** What iterators of JavaScript inherit: `map`, `filter` and the rest, where there are any. */
const BUILT_IN: object = Object.getPrototypeOf(Object.getPrototypeOf([].values()));

/** Faster than a generator: the engine can compile it into the loop that uses it. */
abstract class Walk<T> implements IterableIterator<T> {
  protected readonly cursor: Cursor;

  constructor(node: Node, range: Range<unknown> | undefined) {
    this.cursor = new Cursor(node, boundsOf(node, range));
  }

  abstract next(): IteratorResult<T, undefined>;

  [Symbol.iterator](): this {
    return this;
  }

  get [Symbol.toStringTag](): string {
    return 'BTree Iterator';
  }
}

Object.setPrototypeOf(Walk.prototype, BUILT_IN);

class KeyWalk<K> extends Walk<K> {
  readonly #show: Show;

  constructor(node: Node, range: Range<unknown> | undefined, show: Show) {
    super(node, range);
    this.#show = show;
  }

  next(): IteratorResult<K, undefined> {
    if (!this.cursor.next()) return { done: true, value: undefined };
    const show = this.#show;
    return { done: false, value: show(this.cursor.key) as K };
  }
}

class ValueWalk<V> extends Walk<V> {
  readonly #show: Show;

  constructor(node: Node, range: Range<unknown> | undefined, show: Show) {
    super(node, range);
    this.#show = show;
  }

  next(): IteratorResult<V, undefined> {
    if (!this.cursor.next()) return { done: true, value: undefined };
    const show = this.#show;
    return { done: false, value: show(this.cursor.value) as V };
  }
}

class EntryWalk<K, V> extends Walk<[K, V]> {
  readonly #showKey: Show;
  readonly #showValue: Show;

  constructor(node: Node, range: Range<unknown> | undefined, showKey: Show, showValue: Show) {
    super(node, range);
    this.#showKey = showKey;
    this.#showValue = showValue;
  }

  next(): IteratorResult<[K, V], undefined> {
    if (!this.cursor.next()) return { done: true, value: undefined };
    const { key, value } = this.cursor;
    const showKey = this.#showKey;
    const showValue = this.#showValue;
    return { done: false, value: [showKey(key) as K, showValue(value) as V] };
  }
}

/** @throws ArgumentError for bounds that cannot be keys */
export function keysOf<K>(
  node: Node,
  range: Range<unknown> | undefined,
  show: Show,
): IterableIterator<K> {
  return new KeyWalk(node, range, show);
}

/** @throws ArgumentError for bounds that cannot be keys */
export function valuesOf<V>(
  node: Node,
  range: Range<unknown> | undefined,
  show: Show,
): IterableIterator<V> {
  return new ValueWalk(node, range, show);
}

/** @throws ArgumentError for bounds that cannot be keys */
export function entriesOf<K, V>(
  node: Node,
  range: Range<unknown> | undefined,
  showKey: Show,
  showValue: Show,
): IterableIterator<[K, V]> {
  return new EntryWalk(node, range, showKey, showValue);
}

/** The smallest key not below `from`, or with `last` the largest not above it, as nodes hold it. */
export function outermostKey(node: Node, from: unknown, last: boolean): unknown {
  const bound = from === undefined ? undefined : held(node._p_family.key, from);
  const cursor = new Cursor(node, { ...ALL, [last ? 'max' : 'min']: bound, reverse: last });
  return cursor.next() ? cursor.key : undefined;
}

// A dict: Map-like, in insertion order, with Python's equality of keys. Keys and values stand in one interleaved array,
// as they came from the pickle; most dicts are only iterated or asked for few keys, so the index is built at the first
// look-up in a large one.

import { PickleError } from './errors.ts';
import {
  asciiText,
  compositeKey,
  defineKey,
  isHashable,
  plainKey,
  unhashable,
  unhashableKey,
} from './key.ts';
import { PyString2 } from './values.ts';

/** In the place of a deleted key. */
const DELETED: unique symbol = Symbol('deleted');
/** Up to this many entries a look-up compares keys one by one. */
const SMALL = 8;

/** From an items array that was given up to the one that took its place: how iterators find their way. */
const successors = new WeakMap<unknown[], unknown[]>();

/** The interleaved keys and values of a dict as they were read: the first key of each equal pair is not yet settled. */
export let rawItems: (dict: PyDict) => unknown[];

/** Appends keys and values in turn, `source[from]` to `source[to - 1]`, as a decoder reads them. */
export let appendRawItems: (
  dict: PyDict,
  source: readonly unknown[],
  from: number,
  to: number,
) => void;

/** Gives a new dict these keys and values in turn; the array becomes its own. */
export let adoptItems: <D extends PyDict>(dict: D, items: unknown[]) => D;

/**
 * A dict. `get`, `set`, `has` and `delete` compare keys as Python does: 1, 1n, `float(1)` and true are one key, text and
 * bytes never are, tuples and frozensets compare by items, other objects by identity. The key that was first set is
 * the one that iteration gives. A list, dict or set as a key throws PickleError (`PICKLE_VALUE`).
 */
export class PyDict<K = unknown, V = unknown> {
  #items: unknown[] = [];
  /** Number of deleted entries in #items. */
  #deleted = 0;
  /** Whether equal keys have been merged. */
  #settled = true;
  /** Keys that a Map compares as Python does, to their position in #items. */
  #plain: Map<unknown, number> | undefined;
  /** Composite keys by their text. */
  #composite: Map<string, number> | undefined;

  static {
    rawItems = (dict) => {
      if (dict.#deleted > 0) dict.#compact();
      return dict.#items;
    };
    appendRawItems = (dict, source, from, to) => {
      if ((to - from) % 2 !== 0) throw new PickleError('a key without a value');
      for (let at = from; at < to; at += 2) {
        const key = source[at];
        if (typeof key !== 'string' && !isHashable(key)) throw unhashableKey(key);
      }
      let items = dict.#items;
      // most dicts are filled at once
      if (items.length === 0) {
        items = source.slice(from, to);
        dict.#items = items;
      } else for (let at = from; at < to; at++) items.push(source[at]);
      dict.#settled = items.length <= 2;
      dict.#plain = undefined;
      dict.#composite = undefined;
    };
    adoptItems = (dict, items) => {
      dict.#items = items;
      dict.#settled = items.length <= 2;
      dict.#plain = undefined;
      dict.#composite = undefined;
      return dict;
    };
  }

  constructor(entries?: Iterable<readonly [K, V]> | null) {
    if (entries) for (const [key, value] of entries) this.set(key, value);
  }

  /** A dict over keys and values in turn. The array becomes the dict's own; of equal keys the last value counts. */
  static fromItems<K = unknown, V = unknown>(items: unknown[]): PyDict<K, V> {
    const dict = new PyDict<K, V>();
    dict.#items = items;
    dict.#settled = items.length <= 2;
    return dict;
  }

  /** A dict of the own enumerable properties of an object. */
  static fromObject<V = unknown>(object: Readonly<Record<string, V>>): PyDict<string, V> {
    return new PyDict(Object.entries(object));
  }

  get size(): number {
    this.#settle();
    return this.#items.length / 2 - this.#deleted;
  }

  get [Symbol.toStringTag](): string {
    return 'PyDict';
  }

  get(key: K): V | undefined {
    const at = this.#find(key);
    return at < 0 ? undefined : (this.#items[at + 1] as V);
  }

  has(key: K): boolean {
    return this.#find(key) >= 0;
  }

  set(key: K, value: V): this {
    const at = this.#find(key);
    if (at >= 0) {
      this.#items[at + 1] = value;
      return this;
    }
    const position = this.#items.push(key, value) - 2;
    if (this.#plain !== undefined) this.#indexKey(key, position);
    return this;
  }

  delete(key: K): boolean {
    const at = this.#find(key);
    if (at < 0) return false;
    if (this.#plain !== undefined) this.#unindexKey(key);
    this.#items[at] = DELETED;
    this.#items[at + 1] = undefined;
    this.#deleted += 1;
    if (this.#deleted > 16 && this.#deleted * 4 > this.#items.length) this.#compact();
    return true;
  }

  clear(): void {
    this.#items.fill(DELETED);
    this.#replaceItems([]);
    this.#settled = true;
  }

  forEach(callback: (value: V, key: K, dict: PyDict<K, V>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  *keys(): IterableIterator<K> {
    for (const entry of this.entries()) yield entry[0];
  }

  *values(): IterableIterator<V> {
    for (const entry of this.entries()) yield entry[1];
  }

  *entries(): IterableIterator<[K, V]> {
    this.#settle();
    let items = this.#items;
    for (let at = 0; ; at += 2) {
      while (items !== this.#items) {
        at = liveBefore(items, at);
        items = successors.get(items) ?? this.#items;
      }
      if (at >= items.length) return;
      if (items[at] !== DELETED) yield [items[at] as K, items[at + 1] as V];
    }
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  /** For JSON: an object where all keys are text, else a list of pairs. */
  toJSON(): Record<string, V> | [K, V][] {
    const entries = [...this];
    return entries.every(([key]) => typeof key === 'string')
      ? (Object.fromEntries(entries) as Record<string, V>)
      : entries;
  }

  /** The position of a key in #items, or -1. */
  #find(key: unknown): number {
    this.#settle();
    if (this.#plain === undefined) {
      if (this.#items.length > SMALL * 2) this.#buildIndex();
      else if (typeof key === 'string') return this.#findText(key);
      else return this.#findBySearch(key);
    }
    const plain = plainKey(key);
    if (plain !== undefined) return this.#plain?.get(plain) ?? -1;
    const text = compositeKey(key);
    const at = text === undefined ? this.#plain?.get(key) : this.#composite?.get(text);
    return at ?? -1;
  }

  #findText(key: string): number {
    const items = this.#items;
    for (let at = 0; at < items.length; at += 2) {
      const candidate = items[at];
      if (candidate === key) return at;
      if (candidate instanceof PyString2 && asciiText(candidate.bytes) === key) return at;
    }
    return -1;
  }

  #findBySearch(key: unknown): number {
    const items = this.#items;
    const plain = plainKey(key);
    if (plain !== undefined) {
      for (let at = 0; at < items.length; at += 2) {
        const candidate = items[at];
        if (candidate !== DELETED && sameZero(plainKey(candidate), plain)) return at;
      }
      return -1;
    }
    const text = compositeKey(key);
    for (let at = 0; at < items.length; at += 2) {
      const candidate = items[at];
      if (candidate === key) return at;
      if (text !== undefined && typeof candidate === 'object' && candidate !== null) {
        if (plainKey(candidate) === undefined && compositeKey(candidate) === text) return at;
      }
    }
    return -1;
  }

  /** Merges equal keys: the first key keeps its place, the last value counts. */
  #settle(): void {
    if (this.#settled) return;
    const read = this.#items;
    this.#settled = true;
    this.#items = [];
    try {
      this.#buildIndex();
      for (let at = 0; at < read.length; at += 2) {
        const key = read[at];
        // Python's NaN equals nothing, so a dict may hold several.
        if (Number.isNaN(key)) this.#items.push(key, read[at + 1]);
        else this.set(key as K, read[at + 1] as V);
      }
    } catch (error) {
      this.#items = read;
      this.#settled = false;
      this.#plain = undefined;
      throw error;
    }
    if (this.#items.length <= SMALL * 2) this.#plain = undefined;
  }

  #buildIndex(): void {
    this.#plain = new Map();
    this.#composite = undefined;
    for (let at = 0; at < this.#items.length; at += 2) {
      if (this.#items[at] !== DELETED) this.#indexKey(this.#items[at], at);
    }
  }

  #indexKey(key: unknown, position: number): void {
    const plain = plainKey(key);
    if (plain !== undefined) {
      this.#plain?.set(plain, position);
      return;
    }
    const text = compositeKey(key);
    if (text === undefined) this.#plain?.set(key, position);
    else {
      this.#composite ??= new Map();
      this.#composite.set(text, position);
    }
  }

  #unindexKey(key: unknown): void {
    const plain = plainKey(key);
    if (plain !== undefined) this.#plain?.delete(plain);
    else {
      const text = compositeKey(key);
      if (text === undefined) this.#plain?.delete(key);
      else this.#composite?.delete(text);
    }
  }

  #compact(): void {
    const kept: unknown[] = [];
    for (let at = 0; at < this.#items.length; at += 2) {
      if (this.#items[at] !== DELETED) kept.push(this.#items[at], this.#items[at + 1]);
    }
    this.#replaceItems(kept);
  }

  #replaceItems(items: unknown[]): void {
    successors.set(this.#items, items);
    this.#items = items;
    this.#deleted = 0;
    this.#plain = undefined;
    this.#composite = undefined;
  }
}

defineKey(PyDict.prototype, unhashable);

function sameZero(a: unknown, b: unknown): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function liveBefore(items: unknown[], end: number): number {
  let live = 0;
  for (let at = 0; at < end && at < items.length; at += 2) if (items[at] !== DELETED) live += 2;
  return live;
}

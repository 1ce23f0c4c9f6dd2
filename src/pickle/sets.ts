// set and frozenset: in insertion order (the order in which they are written), with Python's equality of items.

import { PyDict, rawItems } from './dict.ts';
import { defineKey, unhashable } from './key.ts';

/** The dict whose keys are the members. */
export let rawMemberDict: (set: PySet | PyFrozenSet) => PyDict;

/** The members of a set as they were read, with null beside each; equal ones are not yet merged. */
export function rawMembers(set: PySet | PyFrozenSet): unknown[] {
  return rawItems(rawMemberDict(set));
}

/** What a set and a frozenset have in common. */
class Members<T> {
  readonly #dict: PyDict<T, null>;

  static {
    rawMemberDict = (set) => (set as Members<unknown>).#dict as PyDict;
  }

  constructor(items?: Iterable<T> | null) {
    const interleaved: unknown[] = [];
    if (items) for (const item of items) interleaved.push(item, null);
    this.#dict = PyDict.fromItems<T, null>(interleaved);
  }

  get size(): number {
    return this.#dict.size;
  }

  has(item: T): boolean {
    return this.#dict.has(item);
  }

  forEach(callback: (item: T, again: T, set: this) => void): void {
    for (const item of this) callback(item, item, this);
  }

  keys(): IterableIterator<T> {
    return this.#dict.keys();
  }

  values(): IterableIterator<T> {
    return this.#dict.keys();
  }

  *entries(): IterableIterator<[T, T]> {
    for (const item of this) yield [item, item];
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#dict.keys();
  }

  /** For JSON: a list. */
  toJSON(): T[] {
    return [...this];
  }
}

/** A set: Set-like, with the key rules of PyDict. */
export class PySet<T = unknown> extends Members<T> {
  get [Symbol.toStringTag](): 'PySet' {
    return 'PySet';
  }

  add(item: T): this {
    if (!this.has(item)) rawMemberDict(this).set(item, null);
    return this;
  }

  delete(item: T): boolean {
    return rawMemberDict(this).delete(item);
  }

  clear(): void {
    rawMemberDict(this).clear();
  }
}

/** A frozenset: as PySet without the methods that change it. It may be a key. */
export class PyFrozenSet<T = unknown> extends Members<T> {
  get [Symbol.toStringTag](): 'PyFrozenSet' {
    return 'PyFrozenSet';
  }
}

defineKey(PySet.prototype, unhashable);
defineKey(PyFrozenSet.prototype, (set, part) => `z{${Array.from(set, part).sort().join('')}}`);

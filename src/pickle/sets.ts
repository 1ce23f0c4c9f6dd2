// set and frozenset: in insertion order (the order in which they are written), with Python's equality of items.

import { PyDict, rawItems } from './dict.ts';
import { defineKey, unhashable } from './key.ts';

/** The dict whose keys are the members. */
export let rawMemberDict: (set: PySet | PyFrozenSet) => PyDict;

/** The members of a set as they were read, with null beside each; equal ones are not yet merged. */
export function rawMembers(set: PySet | PyFrozenSet): unknown[] {
  return rawItems(rawMemberDict(set));
}

/** A set: Set-like, with the key rules of PyDict. */
export class PySet<T = unknown> {
  #members: PyDict<T, null>;

  static {
    rawMemberDict = (set) => (set instanceof PySet ? set.#members : membersOf(set)) as PyDict;
  }

  constructor(items?: Iterable<T> | null) {
    this.#members = membersFrom(items);
  }

  get size(): number {
    return this.#members.size;
  }

  get [Symbol.toStringTag](): string {
    return 'PySet';
  }

  has(item: T): boolean {
    return this.#members.has(item);
  }

  add(item: T): this {
    if (!this.#members.has(item)) this.#members.set(item, null);
    return this;
  }

  delete(item: T): boolean {
    return this.#members.delete(item);
  }

  clear(): void {
    this.#members.clear();
  }

  forEach(callback: (item: T, again: T, set: PySet<T>) => void): void {
    for (const item of this) callback(item, item, this);
  }

  keys(): IterableIterator<T> {
    return this.#members.keys();
  }

  values(): IterableIterator<T> {
    return this.#members.keys();
  }

  *entries(): IterableIterator<[T, T]> {
    for (const item of this) yield [item, item];
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#members.keys();
  }
}

let membersOf: (set: PyFrozenSet) => PyDict;

/** A frozenset: as PySet without the methods that change it. It may be a key. */
export class PyFrozenSet<T = unknown> {
  readonly #members: PyDict<T, null>;

  static {
    membersOf = (set) => set.#members as PyDict;
  }

  constructor(items?: Iterable<T> | null) {
    this.#members = membersFrom(items);
  }

  get size(): number {
    return this.#members.size;
  }

  get [Symbol.toStringTag](): string {
    return 'PyFrozenSet';
  }

  has(item: T): boolean {
    return this.#members.has(item);
  }

  forEach(callback: (item: T, again: T, set: PyFrozenSet<T>) => void): void {
    for (const item of this) callback(item, item, this);
  }

  keys(): IterableIterator<T> {
    return this.#members.keys();
  }

  values(): IterableIterator<T> {
    return this.#members.keys();
  }

  *entries(): IterableIterator<[T, T]> {
    for (const item of this) yield [item, item];
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#members.keys();
  }
}

defineKey(PySet.prototype, unhashable);
defineKey(PyFrozenSet.prototype, (set, part) => `z{${Array.from(set, part).sort().join('')}}`);

function membersFrom<T>(items: Iterable<T> | null | undefined): PyDict<T, null> {
  const interleaved: unknown[] = [];
  if (items) for (const item of items) interleaved.push(item, null);
  return PyDict.fromItems<T, null>(interleaved);
}

// PersistentList: Python's persistent list. Its mutators mark it changed, and it is stored whole, in one record. Class name
// and the `data` attribute: persistent.list.

import { ArgumentError } from './errors.ts';
import { Persistent } from './persistent.ts';

/** A persistent list. Indexes may be negative, counted from the end; `list[0]` is not supported, `list.at(0)` is. */
export class PersistentList<T = any> extends Persistent {
  static readonly _p_direct: boolean = true;

  data: T[] = [];

  constructor(items?: Iterable<T>) {
    super();
    if (items !== undefined) this.data = [...items];
  }

  get length(): number {
    return this.#loaded().length;
  }

  /** The item at an index; `undefined` if there is none. */
  at(index: number): T | undefined {
    return this.#loaded().at(index);
  }

  /** Replaces the item at an index. @throws ArgumentError if there is none */
  set(index: number, item: T): this {
    const at = this.#position(index);
    this.#changing()[at] = item;
    return this;
  }

  /** Inserts items before an index. @throws ArgumentError */
  insert(index: number, ...items: T[]): void {
    this.splice(index, 0, ...items);
  }

  /** Appends items; the new length. */
  push(...items: T[]): number {
    return this.#changing().push(...items);
  }

  /** Takes the last item away; `undefined` if there is none. */
  pop(): T | undefined {
    return this.length === 0 ? undefined : this.#changing().pop();
  }

  /** Takes the first item away; `undefined` if there is none. */
  shift(): T | undefined {
    return this.length === 0 ? undefined : this.#changing().shift();
  }

  /** Inserts items at the beginning; the new length. */
  unshift(...items: T[]): number {
    return this.#changing().unshift(...items);
  }

  /** As `splice` of arrays: replaces `count` items from `start` on, and gives the old ones. */
  splice(start: number, count: number = Number.POSITIVE_INFINITY, ...items: T[]): T[] {
    return this.#changing().splice(start, count, ...items);
  }

  /** Takes the first item away that is `item`; false if there is none. */
  delete(item: T): boolean {
    const at = this.#loaded().indexOf(item);
    if (at < 0) return false;
    this.#changing().splice(at, 1);
    return true;
  }

  /** Takes all items away. */
  clear(): void {
    if (this.length > 0) this.#changing().length = 0;
  }

  reverse(): this {
    this.#changing().reverse();
    return this;
  }

  /** Sorts in place, as `sort` of arrays: as text unless `compare` is given. */
  sort(compare?: (a: T, b: T) => number): this {
    this.#changing().sort(compare);
    return this;
  }

  includes(item: T): boolean {
    return this.#loaded().includes(item);
  }

  indexOf(item: T, from?: number): number {
    return this.#loaded().indexOf(item, from);
  }

  /** A plain array of the items from `start` up to but without `end`. */
  slice(start?: number, end?: number): T[] {
    return this.#loaded().slice(start, end);
  }

  keys(): IterableIterator<number> {
    return this.#loaded().keys();
  }

  values(): IterableIterator<T> {
    return this.#loaded().values();
  }

  entries(): IterableIterator<[number, T]> {
    return this.#loaded().entries();
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.values();
  }

  #loaded(): T[] {
    this._p_activate();
    return this.data;
  }

  #changing(): T[] {
    this._p_changed = true;
    return this.#loaded();
  }

  #position(index: number): number {
    const { length } = this;
    const at = index < 0 ? length + index : index;
    if (!Number.isInteger(index) || at < 0 || at >= length) {
      throw new ArgumentError(`index ${index} is not in a list of length ${length}`);
    }
    return at;
  }
}

// BTree and Bucket: mappings from keys to values, sorted by key.

import { ArgumentError } from '../zodb/errors.ts';
import { stateOf } from '../zodb/object-state.ts';
import { INSERTED, setInLeaf } from './bucket.ts';
import { entriesByValue } from './by-value.ts';
import { Collection } from './collection.ts';
import { held, heldIfAny, heldKey } from './datatypes.ts';
import { entriesOf, type Range, valuesOf } from './iterate.ts';
import { contentOf } from './node.ts';
import { NumberMapping, type Numbers } from './numbers.ts';
import { valueAt } from './search.ts';
import { difference, type Keys } from './set-operations.ts';
import { setInTree } from './tree.ts';

/** What BTrees and Buckets have in common: keys in order, with values. */
export abstract class SortedMapping<K, V, KIn = K, VIn = V> extends Collection<K, KIn> {
  /** @throws ArgumentError, KeyOrderError */
  constructor(entries?: Iterable<readonly [KIn, VIn]>) {
    super();
    if (entries !== undefined) this.update(entries);
  }

  /**
   * The value of a key; the second argument if it is not there, and for what cannot be a key.
   * @throws KeyOrderError
   */
  get(key: KIn): V | undefined;
  get<D>(key: KIn, otherwise: D): V | D;
  get(key: KIn, otherwise?: unknown): unknown {
    const content = contentOf(stateOf(this));
    const { key: keyType, value: valueType } = content.family;
    const value = valueAt(content, heldIfAny(keyType, key));
    return value === undefined ? otherwise : valueType.show(value);
  }

  /** Sets the value of a key. @throws ArgumentError for a key or value that is not of the family's type, KeyOrderError */
  set(key: KIn, value: VIn): this {
    this.#put(key, value, false);
    return this;
  }

  /** Sets the value of a key that is not there yet; false if it is. @throws ArgumentError, KeyOrderError */
  insert(key: KIn, value: VIn): boolean {
    return this.#put(key, value, true) === INSERTED;
  }

  /** The value of a key, which is set to the given one if it is not there. @throws ArgumentError, KeyOrderError */
  setDefault(key: KIn, value: VIn): V {
    const found = this.get(key);
    if (found !== undefined) return found;
    this.#put(key, value, false);
    return this.get(key) as V;
  }

  /** Deletes a key and gives its value; the second argument if it is not there. @throws ArgumentError, KeyOrderError */
  pop(key: KIn): V | undefined;
  pop<D>(key: KIn, otherwise: D): V | D;
  pop(key: KIn, otherwise?: unknown): unknown {
    const content = contentOf(stateOf(this));
    const { key: keyType, value: valueType } = content.family;
    const value = valueAt(content, held(keyType, key));
    if (value === undefined) return otherwise;
    this.delete(key);
    return valueType.show(value);
  }

  /** Deletes the smallest key and gives it with its value; `undefined` if there is none. */
  popItem(): [K, V] | undefined {
    const key = this.minKey();
    return key === undefined ? undefined : [key, this.pop(key as unknown as KIn) as V];
  }

  /**
   * Sets all entries of a Map, another mapping, or any other pairs, one after the other.
   * @throws ArgumentError, KeyOrderError; what came before the wrong one is set
   */
  update(entries: Iterable<readonly [KIn, VIn]>): void {
    if (typeof entries?.[Symbol.iterator] !== 'function') {
      throw new ArgumentError('entries are something iterable, of pairs [key, value]');
    }
    for (const entry of entries) {
      if (!Array.isArray(entry) || entry.length !== 2) {
        throw new ArgumentError('each entry is a pair [key, value]');
      }
      this.#put(entry[0], entry[1], false);
    }
  }

  /** The values in the order of their keys. @throws ArgumentError, KeyOrderError */
  values(range?: Range<KIn>): IterableIterator<V> {
    return valuesOf(this, range, this._p_family.value.show);
  }

  /** Keys and values in the order of the keys. @throws ArgumentError, KeyOrderError */
  entries(range?: Range<KIn>): IterableIterator<[K, V]> {
    const { key, value } = this._p_family;
    return entriesOf(this, range, key.show, value.show);
  }

  /** Calls a function with each value and key, in the order of the keys. */
  forEach(callback: (value: V, key: K, mapping: this) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  /** A Bucket of the entries whose key is not among the others. @throws ArgumentError, KeyOrderError */
  difference(others: Collection<K, KIn> | Keys<KIn>): Bucket<K, V, KIn, VIn> {
    return difference<K, V, KIn, VIn>(this, others);
  }

  /**
   * Values and keys where the value is at least `min`, the largest first. Where `min` is above 0, values are divided by it:
   * integers to the whole number below.
   * @throws ArgumentError for a family whose values are not numbers
   */
  byValue(min: VIn): [value: V, key: K][] {
    const { key: keyType, value: valueType } = this._p_family;
    return entriesByValue(this, min).map(([value, key]) => [
      valueType.show(value) as V,
      keyType.show(key) as K,
    ]);
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  /** A view for those who know that all numbers are small: 64-bit keys and values are numbers, not bigints. */
  asNumbers(): NumberMapping<Numbers<K>, Numbers<V>, KIn, VIn> {
    return new NumberMapping(this);
  }

  #put(key: KIn, value: VIn, onlyIfAbsent: boolean): number {
    const content = contentOf(stateOf(this));
    const { key: keyType, value: valueType } = content.family;
    const wanted = heldKey(keyType, key);
    const given = held(valueType, value);
    return content.children === undefined
      ? setInLeaf(content, content.state, wanted, given, onlyIfAbsent)
      : setInTree(content, wanted, given, onlyIfAbsent);
  }
}

/** A leaf of a BTree, also of use by itself: a small sorted mapping in one record. */
export abstract class Bucket<K, V, KIn = K, VIn = V> extends SortedMapping<K, V, KIn, VIn> {}

/** A sorted mapping of any size: only the buckets that are used are loaded, only those that change are stored. */
export abstract class BTree<K, V, KIn = K, VIn = V> extends SortedMapping<K, V, KIn, VIn> {
  /** How many entries a bucket, and how many children a node, may have before it is split. A subclass may set them. */
  declare static readonly maxLeafSize: number;
  declare static readonly maxInternalSize: number;
}

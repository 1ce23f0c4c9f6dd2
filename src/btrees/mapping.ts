// BTree and Bucket: mappings from keys to values, sorted by key.

import { ArgumentError } from '../zodb/errors.ts';
import { INSERTED, setInLeaf } from './bucket.ts';
import { Collection } from './collection.ts';
import { Cursor } from './cursor.ts';
import { type Datatype, FLOAT32, held } from './datatypes.ts';
import { ALL, entriesOf, type Range, valuesOf } from './iterate.ts';
import { isTree } from './node.ts';
import { NumberMapping, type Numbers } from './numbers.ts';
import { valueAt } from './search.ts';
import { setInTree } from './tree.ts';

/** What BTrees and Buckets have in common: keys in order, with values. */
export abstract class SortedMapping<K, V, KIn = K, VIn = V> extends Collection<K, KIn> {
  constructor(entries?: Iterable<readonly [KIn, VIn]>) {
    super();
    if (entries !== undefined) for (const [key, value] of entries) this.set(key, value);
  }

  /** The value of a key; `undefined` if it is not there, and for what cannot be a key. @throws KeyOrderError */
  get(key: KIn): V | undefined {
    const { key: keyType, value: valueType } = this._p_family;
    const value = valueAt(this, keyType.hold(key));
    return value === undefined ? undefined : (valueType.show(value) as V);
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

  /** The values in the order of their keys. @throws ArgumentError, KeyOrderError */
  values(range?: Range<KIn>): IterableIterator<V> {
    return valuesOf(this, range, this._p_family.value.show);
  }

  /** Keys and values in the order of the keys. @throws ArgumentError, KeyOrderError */
  entries(range?: Range<KIn>): IterableIterator<[K, V]> {
    const { key, value } = this._p_family;
    return entriesOf(this, range, key.show, value.show);
  }

  /**
   * Values and keys where the value is at least `min`, the largest first. Where `min` is above 0, values are divided by it:
   * integers to the whole number below.
   * @throws ArgumentError for a family whose values are not numbers
   */
  byValue(min: VIn): [value: V, key: K][] {
    const { key: keyType, value: valueType, name } = this._p_family;
    if (valueType.weighted === undefined) {
      throw new ArgumentError(`the values of ${name} have no order`);
    }
    const least = held(valueType, min) as number;
    const found: [value: number | bigint, key: unknown][] = [];
    const cursor = new Cursor(this, ALL);
    while (cursor.next()) {
      const value = cursor.value as number | bigint;
      if (value >= least) found.push([value, cursor.key]);
    }
    const divided = found.map(([value, key]): [unknown, unknown] => [
      least > 0 ? quotient(valueType, value, least) : value,
      key,
    ]);
    divided.sort((a, b) => descending(a[0], b[0]) || keyType.compare(b[1], a[1]));
    return divided.map(([value, key]) => [valueType.show(value) as V, keyType.show(key) as K]);
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  /** A view for those who know that all numbers are small: 64-bit keys and values are numbers, not bigints. */
  asNumbers(): NumberMapping<Numbers<K>, Numbers<V>, KIn, VIn> {
    return new NumberMapping(this);
  }

  #put(key: KIn, value: VIn, onlyIfAbsent: boolean): number {
    const { key: keyType, value: valueType } = this._p_family;
    const heldKey = held(keyType, key);
    const heldValue = held(valueType, value);
    keyType.check(heldKey);
    return isTree(this)
      ? setInTree(this, heldKey, heldValue, onlyIfAbsent)
      : setInLeaf(this, this, heldKey, heldValue, onlyIfAbsent);
  }
}

function quotient(type: Datatype, value: number | bigint, divisor: number | bigint): unknown {
  if (type === FLOAT32) return (value as number) / (divisor as number);
  return type.hold(BigInt(value) / BigInt(divisor));
}

function descending(a: unknown, b: unknown): number {
  return (a as number) > (b as number) ? -1 : (a as number) < (b as number) ? 1 : 0;
}

/** A leaf of a BTree, also of use by itself: a small sorted mapping in one record. */
export abstract class Bucket<K, V, KIn = K, VIn = V> extends SortedMapping<K, V, KIn, VIn> {}

/** A sorted mapping of any size: only the buckets that are used are loaded, only those that change are stored. */
export abstract class BTree<K, V, KIn = K, VIn = V> extends SortedMapping<K, V, KIn, VIn> {
  /** How many entries a bucket, and how many children a node, may have before it is split. A subclass may set them. */
  declare static readonly maxLeafSize: number;
  declare static readonly maxInternalSize: number;
}

// TreeSet and Set: sorted sets of keys.

import { INSERTED, setInLeaf } from './bucket.ts';
import { Collection } from './collection.ts';
import { held } from './datatypes.ts';
import type { Range } from './iterate.ts';
import { isTree } from './node.ts';
import { NumberSet, type Numbers } from './numbers.ts';
import { setInTree } from './tree.ts';

/** What TreeSets and Sets have in common: keys in order. */
export abstract class SortedSet<K, KIn = K> extends Collection<K, KIn> {
  constructor(keys?: Iterable<KIn>) {
    super();
    if (keys !== undefined) for (const key of keys) this.insert(key);
  }

  /** Adds a key. @throws ArgumentError for a key that is not of the family's type, KeyOrderError */
  add(key: KIn): this {
    this.insert(key);
    return this;
  }

  /** Adds a key; false if it is there already. @throws ArgumentError, KeyOrderError */
  insert(key: KIn): boolean {
    const { key: type } = this._p_family;
    const heldKey = held(type, key);
    type.check(heldKey);
    const outcome = isTree(this)
      ? setInTree(this, heldKey, undefined, true)
      : setInLeaf(this, this, heldKey, undefined, true);
    return outcome === INSERTED;
  }

  /** The keys in order, as `keys()`. */
  values(range?: Range<KIn>): IterableIterator<K> {
    return this.keys(range);
  }

  [Symbol.iterator](): IterableIterator<K> {
    return this.keys();
  }

  /** A view for those who know that all numbers are small: 64-bit keys are numbers, not bigints. */
  asNumbers(): NumberSet<Numbers<K>, KIn> {
    return new NumberSet(this);
  }
}

/** A leaf of a TreeSet, also of use by itself: a small sorted set in one record. */
export abstract class KeySet<K, KIn = K> extends SortedSet<K, KIn> {}

/** A sorted set of any size. */
export abstract class TreeSet<K, KIn = K> extends SortedSet<K, KIn> {
  /** How many entries a bucket, and how many children a node, may have before it is split. A subclass may set them. */
  declare static readonly maxLeafSize: number;
  declare static readonly maxInternalSize: number;
}

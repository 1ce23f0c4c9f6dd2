// TreeSet and Set: sorted sets of keys.

import { ArgumentError } from '../zodb/errors.ts';
import { stateOf } from '../zodb/object-state.ts';
import { INSERTED, setInLeaf } from './bucket.ts';
import { Collection } from './collection.ts';
import { heldKey } from './datatypes.ts';
import type { Range } from './iterate.ts';
import { contentOf, emptyLike, leafData } from './node.ts';
import { NumberSet, type Numbers } from './numbers.ts';
import { difference, type Keys } from './set-operations.ts';
import { setInTree } from './tree.ts';

/** What TreeSets and Sets have in common: keys in order. */
export abstract class SortedSet<K, KIn = K> extends Collection<K, KIn> {
  /** @throws ArgumentError, KeyOrderError */
  constructor(keys?: Iterable<KIn>) {
    super();
    if (keys !== undefined) this.update(keys);
  }

  /** Adds a key. @throws ArgumentError for a key that is not of the family's type, KeyOrderError */
  add(key: KIn): this {
    this.insert(key);
    return this;
  }

  /** Adds a key; false if it is there already. @throws ArgumentError, KeyOrderError */
  insert(key: KIn): boolean {
    const content = contentOf(stateOf(this));
    const wanted = heldKey(content.family.key, key);
    const outcome =
      content.children === undefined
        ? setInLeaf(content, content.state, wanted, undefined, true)
        : setInTree(content, wanted, undefined, true);
    return outcome === INSERTED;
  }

  /** Deletes the smallest key and gives it; `undefined` if there is none. */
  pop(): K | undefined {
    const key = this.minKey();
    if (key !== undefined) this.delete(key as unknown as KIn);
    return key;
  }

  /**
   * Adds all keys, one after the other, and says how many are new.
   * @throws ArgumentError, KeyOrderError; what came before the wrong one is added
   */
  update(keys: Iterable<KIn>): number {
    let added = 0;
    for (const key of checkedKeys(keys)) if (this.insert(key)) added++;
    return added;
  }

  /** Keeps only those keys that are among the others, too. @throws KeyOrderError */
  intersectionUpdate(others: Iterable<KIn>): void {
    const kept = [...checkedKeys(others)].filter((key) => this.has(key));
    this.clear();
    this.update(kept);
  }

  /** Deletes those keys that are among the others. @throws ArgumentError, KeyOrderError */
  differenceUpdate(others: Iterable<KIn>): void {
    if (others === (this as unknown)) this.clear();
    else for (const key of checkedKeys(others)) this.delete(key);
  }

  /** Deletes each of the others that is there, and adds each that is not. @throws ArgumentError, KeyOrderError */
  symmetricDifferenceUpdate(others: Iterable<KIn>): void {
    if (others === (this as unknown)) this.clear();
    else for (const key of checkedKeys(others)) if (!this.delete(key)) this.insert(key);
  }

  /** A Set of the keys that are not among the others. @throws ArgumentError, KeyOrderError */
  difference(others: Collection<K, KIn> | Keys<KIn>): KeySet<K, KIn> {
    return difference<K, KIn>(this, others);
  }

  /** A set of the same class: the keys that are either here or among the others. @throws ArgumentError, KeyOrderError */
  symmetricDifference(others: Iterable<KIn>): this {
    const made = emptyLike(this) as this;
    made.update(this as unknown as Iterable<KIn>);
    made.symmetricDifferenceUpdate(others === (this as unknown) ? [...others] : others);
    return made;
  }

  /** Whether none of the others is here. @throws KeyOrderError */
  isDisjointFrom(others: Iterable<KIn>): boolean {
    for (const key of checkedKeys(others)) if (this.has(key)) return false;
    return true;
  }

  /** The keys in order, as `keys()`. */
  values(range?: Range<KIn>): IterableIterator<K> {
    return this.keys(range);
  }

  /** Calls a function with each key twice, as JavaScript's sets do, in order. */
  forEach(callback: (key: K, again: K, set: this) => void): void {
    for (const key of this) callback(key, key, this);
  }

  [Symbol.iterator](): IterableIterator<K> {
    return this.keys();
  }

  /** A view for those who know that all numbers are small: 64-bit keys are numbers, not bigints. */
  asNumbers(): NumberSet<Numbers<K>, KIn> {
    return new NumberSet(this);
  }
}

function checkedKeys<KIn>(keys: Iterable<KIn>): Iterable<KIn> {
  if (typeof keys?.[Symbol.iterator] === 'function') return keys;
  throw new ArgumentError('keys are something iterable');
}

/** A leaf of a TreeSet, also of use by itself: a small sorted set in one record. */
export abstract class KeySet<K, KIn = K> extends SortedSet<K, KIn> {
  /** The key at a position, from the end if it is below 0; `undefined` if there is none. */
  at(index: number): K | undefined {
    const key = leafData(this).keys.at(index);
    return key === undefined ? undefined : (this._p_family.key.show(key) as K);
  }
}

/** A sorted set of any size. */
export abstract class TreeSet<K, KIn = K> extends SortedSet<K, KIn> {
  /** How many entries a bucket, and how many children a node, may have before it is split. A subclass may set them. */
  declare static readonly maxLeafSize: number;
  declare static readonly maxInternalSize: number;
}

// What mappings and sets of all families have in common: their keys.

import { stateOf } from '../zodb/object-state.ts';
import { clearLeaf, deleteFromLeaf, getLeafState, setLeafState } from './bucket.ts';
import { checkTree } from './check.ts';
import { held, heldIfAny } from './datatypes.ts';
import { keysOf, outermostKey, type Range } from './iterate.ts';
import { mergeLeaves, mergeTrees } from './merge.ts';
import { contentOf, isTree, Node } from './node.ts';
import { countKeys, hasKey } from './search.ts';
import { intersection, type Keys, union } from './set-operations.ts';
import type { KeySet } from './sets.ts';
import { ABSENT, clearTree, deleteFromTree } from './tree.ts';
import { getTreeState, setTreeState } from './tree-state.ts';

/** Keys are given as `KIn` and come out as `K`: L and Q families take numbers and bigints and give bigints. */
export abstract class Collection<K, KIn = K> extends Node {
  /** Whether a key is there; false also for what cannot be a key. @throws KeyOrderError */
  has(key: KIn): boolean {
    const content = contentOf(stateOf(this));
    return hasKey(content, heldIfAny(content.family.key, key));
  }

  /** Deletes a key; false if it was not there. @throws ArgumentError, KeyOrderError */
  delete(key: KIn): boolean {
    const content = contentOf(stateOf(this));
    const wanted = held(content.family.key, key);
    return content.children === undefined
      ? deleteFromLeaf(content, content.state, wanted)
      : deleteFromTree(content, wanted) !== ABSENT;
  }

  /** Deletes all keys. */
  clear(): void {
    if (isTree(this)) clearTree(this);
    else clearLeaf(this);
  }

  /** The number of keys. It is not stored: a tree loads all its buckets to count them. */
  get size(): number {
    return countKeys(this);
  }

  /** The smallest key, or the smallest not below `from`; `undefined` if there is none. @throws ArgumentError, KeyOrderError */
  minKey(from?: KIn): K | undefined {
    return this.#shown(outermostKey(this, from, false));
  }

  /** The largest key, or the largest not above `to`; `undefined` if there is none. @throws ArgumentError, KeyOrderError */
  maxKey(to?: KIn): K | undefined {
    return this.#shown(outermostKey(this, to, true));
  }

  /** A Set of the keys of this one and the others. @throws ArgumentError, KeyOrderError */
  union(others: Collection<K, KIn> | Keys<KIn>): KeySet<K, KIn> {
    return union(this, others);
  }

  /** A Set of the keys that are also among the others. @throws ArgumentError, KeyOrderError */
  intersection(others: Collection<K, KIn> | Keys<KIn>): KeySet<K, KIn> {
    return intersection(this, others);
  }

  /** The keys in order. @throws ArgumentError, KeyOrderError */
  keys(range?: Range<KIn>): IterableIterator<K> {
    return keysOf(this, range, this._p_family.key.show);
  }

  /**
   * Checks the structure, all nodes and all keys.
   * @throws CorruptedDataError that names everything that is wrong
   */
  check(): void {
    checkTree(this);
  }

  /**
   * Merges the states of two transactions that changed the same object; `old` is what both began with.
   * @throws BTreesConflictError where the changes do not go together
   */
  static _p_resolveConflict(
    this: new () => Collection<any, any>,
    old: unknown,
    committed: unknown,
    changed: unknown,
  ): unknown {
    const node = new this();
    return isTree(node)
      ? mergeTrees(node, old, committed, changed)
      : mergeLeaves(node, old, committed, changed);
  }

  __getstate__(): unknown {
    return isTree(this) ? getTreeState(this) : getLeafState(this);
  }

  __setstate__(state: unknown): void {
    const { kinds } = stateOf(this);
    if (isTree(this)) setTreeState(this, state, kinds);
    else setLeafState(this, state, kinds);
  }

  #shown(key: unknown): K | undefined {
    return key === undefined ? undefined : (this._p_family.key.show(key) as K);
  }
}

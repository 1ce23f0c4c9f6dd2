// Walking the keys of a leaf or tree in order, between bounds, forwards or backwards.
//
// The tree may change while it is walked. A cursor finds out, because its last key is no longer where it was, and then
// looks its place up again: it meets every key once that was there all the time.

import { stateOf } from '../zodb/object-state.ts';
import {
  changes,
  contentOf,
  isTree,
  type LeafData,
  leafData,
  type Node,
  treeData,
} from './node.ts';
import { findLeaf, lastLeaf, leafBefore, search } from './search.ts';

/** Bounds as nodes hold keys; `undefined` is an open end. */
export interface Bounds {
  readonly min: unknown;
  readonly max: unknown;
  readonly excludeMin: boolean;
  readonly excludeMax: boolean;
  readonly reverse: boolean;
}

export class Cursor {
  readonly #root: Node;
  readonly #bounds: Bounds;
  readonly #step: number;
  #leaf: Node | undefined;
  #data: LeafData | undefined;
  #keys: readonly unknown[] = [];
  #values: readonly unknown[] | undefined;
  /** The count of changes up to which this position is known to be right; -1 before the first key. */
  #seen = -1;
  /** What the root held when this leaf was entered: a cleared tree keeps its old leaves as they were. */
  #top: unknown;
  #length = 0;
  /** Where the next key is, if nothing has changed. */
  #at = 0;
  /** Where to stop in this leaf: its end, or the far bound. */
  #end = 0;

  /** Where `next` has arrived, as nodes hold it. */
  key: unknown;
  value: unknown;

  constructor(root: Node, bounds: Bounds) {
    this.#root = root;
    this.#bounds = bounds;
    this.#step = bounds.reverse ? -1 : 1;
  }

  /** Moves to the next key; false at the end. */
  next(): boolean {
    if ((changes !== this.#seen || this.#at === this.#end) && !this.#find()) return false;
    const at = this.#at;
    this.key = this.#keys[at];
    if (this.#values !== undefined) this.value = this.#values[at];
    this.#at = at + this.#step;
    return true;
  }

  /** Finds the next key after a change, or in another leaf; false if there is none. */
  #find(): boolean {
    if (this.#seen < 0) this.#start();
    else if (changes !== this.#seen) this.#findAgain();
    while (this.#data !== undefined) {
      if (this.#at !== this.#end) return true;
      this.#toNextLeaf(this.#data);
    }
    this.#at = this.#end;
    return false;
  }

  #start(): void {
    const { min, max, excludeMin, excludeMax, reverse } = this.#bounds;
    if (reverse) {
      if (max !== undefined) this.#seekBefore(max, !excludeMax);
      else this.#enter(outermostLeaf(this.#root, true), Number.POSITIVE_INFINITY);
    } else if (min !== undefined) this.#seekAfter(min, !excludeMin);
    else this.#enter(outermostLeaf(this.#root, false), 0);
  }

  /** Something has changed since the last key was met. */
  #findAgain(): void {
    const { reverse } = this.#bounds;
    if (this.#leaf === undefined) return;
    const data = leafData(this.#leaf);
    const inPlace =
      data === this.#data &&
      contentOf(stateOf(this.#root)) === this.#top &&
      data.keys.length === this.#length &&
      data.keys[this.#at - this.#step] === this.key;
    if (inPlace) this.#seen = changes;
    else if (reverse) this.#seekBefore(this.key, false);
    else this.#seekAfter(this.key, false);
  }

  #seekAfter(key: unknown, including: boolean): void {
    const leaf = findLeaf(this.#root, key);
    this.#enter(leaf, leaf === undefined ? 0 : this.#firstFrom(leaf, key, including));
  }

  #seekBefore(key: unknown, including: boolean): void {
    const leaf = findLeaf(this.#root, key);
    this.#enter(leaf, leaf === undefined ? 0 : this.#firstFrom(leaf, key, !including) - 1);
  }

  #enter(leaf: Node | undefined, at: number): void {
    this.#leaf = leaf;
    this.#data = undefined;
    this.#seen = changes;
    if (leaf === undefined) return;
    const data = leafData(leaf);
    const { min, max, excludeMin, excludeMax, reverse } = this.#bounds;
    this.#data = data;
    this.#keys = data.keys;
    this.#values = data.values;
    this.#top = contentOf(stateOf(this.#root));
    this.#length = data.keys.length;
    if (reverse) {
      this.#end = min === undefined ? -1 : this.#firstFrom(leaf, min, !excludeMin) - 1;
      this.#at = Math.max(Math.min(at, this.#length - 1), this.#end);
    } else {
      this.#end = max === undefined ? this.#length : this.#firstFrom(leaf, max, excludeMax);
      this.#at = Math.min(at, this.#end);
    }
    this.#seen = changes;
  }

  #toNextLeaf(data: LeafData): void {
    const { reverse } = this.#bounds;
    const boundReached = reverse ? this.#end >= 0 : this.#end < this.#length;
    if (boundReached || !isTree(this.#root)) this.#enter(undefined, 0);
    else if (!reverse) this.#enter(data.next, 0);
    else this.#enter(leafBefore(this.#root, data.keys[0]), Number.POSITIVE_INFINITY);
  }

  /** The position of the first key not below a key, or without `including` of the first one above. */
  #firstFrom(leaf: Node, key: unknown, including: boolean): number {
    const at = search(leafData(leaf).keys, key);
    if (at < 0) return ~at;
    return including ? at : at + 1;
  }
}

function outermostLeaf(root: Node, last: boolean): Node | undefined {
  if (!isTree(root)) return root;
  const { children, first } = treeData(root);
  return last && children.length > 0 ? lastLeaf(root) : first;
}

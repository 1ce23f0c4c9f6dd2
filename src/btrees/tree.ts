// Trees: setting and deleting keys. Nodes are split and removed at the same points as by Python's C extension, and marked
// changed in the same order, so both write the same records.

import { stateOf } from '../zodb/object-state.ts';
import { constructorOf } from '../zodb/persistent.ts';
import { deleteFromLeaf, INSERTED, setInLeaf, skipNext, splitLeaf, UNCHANGED } from './bucket.ts';
import { carryKinds } from './float-kinds.ts';
import {
  countChange,
  emptyLike,
  firstLeaf,
  isTree,
  leafData,
  lengthOf,
  type Node,
  type NodeSizes,
  newLeaf,
  setData,
  TreeData,
  treeData,
} from './node.ts';
import { childIndex, lastLeaf } from './search.ts';

/** What is stored when a leaf changes: its tree as long as the leaf has no record of its own. */
function ownerOf(leaf: Node, tree: Node): Node {
  return stateOf(leaf).oid === undefined ? tree : leaf;
}

/** Whoever changes something below this node relies on the node itself: commit fails if another changed it. */
function readCurrent(tree: Node): void {
  stateOf(tree).jar?.readCurrent(tree);
}

/** Sets a key in a tree; gives what `setInLeaf` gives. */
export function setInTree(tree: Node, key: unknown, value: unknown, onlyIfAbsent: boolean): number {
  if (treeData(tree).children.length === 0) startLeaf(tree);
  readCurrent(tree);
  const { keys, children } = treeData(tree);
  const at = childIndex(tree, keys, key);
  const child = children[at] as Node;
  let outcome: number;
  if (isTree(child)) {
    treeData(child).inner = true;
    outcome = setInTree(child, key, value, onlyIfAbsent);
  } else {
    outcome = setInLeaf(child, ownerOf(child, tree), key, value, onlyIfAbsent);
    if (outcome !== UNCHANGED && treeData(tree).children[at] !== child) {
      return setInTree(tree, key, value, onlyIfAbsent);
    }
  }
  if (outcome === INSERTED) {
    const { maxLeafSize, maxInternalSize } = sizesOf(tree);
    if (lengthOf(child) > (isTree(child) ? maxInternalSize : maxLeafSize)) splitChild(tree, at);
  }
  return outcome;
}

function startLeaf(tree: Node): void {
  const data = changing(tree);
  const leaf = newLeaf(tree);
  data.children.push(leaf);
  data.first = leaf;
}

/**
 * The content of a tree node that is about to change. Loading other nodes may have made a ghost of it since it was last
 * looked at; from here on it stays loaded.
 */
function changing(tree: Node): TreeData {
  countChange();
  tree._p_changed = true;
  return treeData(tree);
}

function sizesOf(tree: Node): NodeSizes {
  return constructorOf(tree) as unknown as NodeSizes;
}

function splitChild(tree: Node, at: number): void {
  const data = changing(tree);
  const child = data.children[at] as Node;
  const [right, separator] = isTree(child) ? splitTree(child) : splitLeaf(child);
  data.children.splice(at + 1, 0, right);
  data.keys.splice(at, 0, separator);
  carryKinds(separator, child, tree);
  if (data.children.length >= 2 * sizesOf(tree).maxInternalSize) splitRoot(tree, data);
}

/** Moves the right half of a tree node to a new one; the key between the halves goes up. */
function splitTree(tree: Node): [right: Node, separator: unknown] {
  const data = changing(tree);
  const at = data.children.length >>> 1;
  const right = emptyLike(tree);
  const children = data.children.splice(at);
  const [separator, ...keys] = data.keys.splice(at - 1);
  setData(right, new TreeData(children, keys, firstLeaf(children[0] as Node)));
  treeData(right).inner = true;
  stateOf(right).kinds = stateOf(tree).kinds;
  return [right, separator];
}

/** A root keeps its identity: what it holds moves to a child, and that is split. */
function splitRoot(tree: Node, data: TreeData): void {
  const child = emptyLike(tree);
  setData(child, new TreeData(data.children, data.keys, data.first));
  treeData(child).inner = true;
  stateOf(child).kinds = stateOf(tree).kinds;
  data.children = [child];
  data.keys = [];
  splitChild(tree, 0);
}

/** What became of a deletion: the key was not there; it was deleted; with it the leftmost leaf of this node. */
export const ABSENT = 0;
export const DELETED = 1;
export const FIRST_LEAF_DELETED = 2;

/** Deletes a key from a tree. Nodes that become empty are taken out; others are never merged. */
export function deleteFromTree(tree: Node, key: unknown): number {
  if (treeData(tree).children.length === 0) return ABSENT;
  readCurrent(tree);
  const { keys, children } = treeData(tree);
  const at = childIndex(tree, keys, key);
  const child = children[at] as Node;
  let outcome: number;
  if (isTree(child)) {
    treeData(child).inner = true;
    outcome = deleteFromTree(child, key);
  } else {
    outcome = deleteFromLeaf(child, ownerOf(child, tree), key) ? DELETED : ABSENT;
    if (outcome !== ABSENT && treeData(tree).children[at] !== child)
      return deleteFromTree(tree, key);
  }
  if (outcome === ABSENT) return ABSENT;
  const left = lengthOf(child);
  if (left > 0 && at > 0 && startsWith(tree, at, key)) {
    const leaf = firstLeaf(child);
    const [first] = leafData(leaf).keys;
    changing(tree).keys[at - 1] = first;
    carryKinds(first, leaf, tree);
  }
  if (outcome === FIRST_LEAF_DELETED) outcome = firstLeafGone(tree, at);
  if (left > 0) return outcome;
  if (!isTree(child)) outcome = leafGone(tree, at);
  const data = changing(tree);
  data.children.splice(at, 1);
  if (data.keys.length > 0) data.keys.splice(Math.max(at - 1, 0), 1);
  return outcome;
}

/** Whether the key before child `at` is this one. */
function startsWith(tree: Node, at: number, key: unknown): boolean {
  return tree._p_family.key.compare(key, treeData(tree).keys[at - 1]) === 0;
}

/** The leftmost leaf under child `at` is gone: the leaf before it, wherever that is, has a new successor. */
function firstLeafGone(tree: Node, at: number): number {
  const data = treeData(tree);
  if (at > 0) {
    skipNext(lastLeaf(data.children[at - 1] as Node));
    return DELETED;
  }
  const { first } = treeData(data.children[0] as Node);
  changing(tree).first = first;
  return FIRST_LEAF_DELETED;
}

/** The leaf that is child `at` has become empty. */
function leafGone(tree: Node, at: number): number {
  const data = treeData(tree);
  if (at > 0) {
    skipNext(data.children[at - 1] as Node);
    return DELETED;
  }
  const { next } = leafData(data.children[0] as Node);
  changing(tree).first = next;
  return FIRST_LEAF_DELETED;
}

export function clearTree(tree: Node): void {
  if (treeData(tree).children.length === 0) return;
  tree._p_changed = true;
  setData(tree, new TreeData([], [], undefined));
}

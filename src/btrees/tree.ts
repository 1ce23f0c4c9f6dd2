// Trees: setting and deleting keys. Nodes are split and removed at the same points as by Python's C extension, and marked
// changed in the same order, so both write the same records.

import { markChanged, type ObjectState, stateOf } from '../zodb/object-state.ts';
import {
  deleteAt,
  deleteFromLeaf,
  INSERTED,
  setInLeaf,
  skipNext,
  splitLeaf,
  UNCHANGED,
} from './bucket.ts';
import { carryKinds } from './float-kinds.ts';
import {
  contentOf,
  countChange,
  emptyLike,
  firstLeaf,
  isTree,
  type LeafData,
  leafData,
  lengthOf,
  type Node,
  newLeaf,
  nodeOf,
  setData,
  sizesOf,
  TreeData,
  treeData,
} from './node.ts';
import { childFor, childIndex, lastLeaf, searchChild, searchIn } from './search.ts';

/** What is stored when a leaf changes: its tree as long as the leaf has no record of its own. */
function ownerOf(leaf: ObjectState, tree: ObjectState): ObjectState {
  return leaf.oid === undefined ? tree : leaf;
}

/** Whoever changes something below this node relies on the node itself: commit fails if another changed it. */
function readCurrent(tree: TreeData): void {
  const { jar, self } = tree.state;
  if (jar === undefined) return;
  const { readMark } = jar;
  if (readMark !== undefined && readMark === tree.readMark) return;
  jar.readCurrent(self);
  tree.readMark = readMark;
}

/** Sets a key in a tree; gives what `setInLeaf` gives. */
export function setInTree(
  root: TreeData,
  key: unknown,
  value: unknown,
  onlyIfAbsent: boolean,
): number {
  if (isPrimitive(key)) {
    const outcome = setWithoutSplit(root, key, value, onlyIfAbsent);
    if (outcome !== undefined) return outcome;
  }
  return setOnPath(nodeOf(root.state), key, value, onlyIfAbsent);
}

/** Looking such a key up runs nothing that could change the tree or turn the nodes on the way into ghosts. */
function isPrimitive(key: unknown): boolean {
  return typeof key === 'number' || typeof key === 'string';
}

/** Sets a key where no node changes but the leaf: that is nearly always. `undefined` if it is not so. */
function setWithoutSplit(
  root: TreeData,
  key: unknown,
  value: unknown,
  onlyIfAbsent: boolean,
): number | undefined {
  let tree = root;
  for (;;) {
    readCurrent(tree);
    const at = childFor(tree, key);
    const child = tree.children[at];
    if (child === undefined) return undefined;
    const below = contentOf(child);
    if (below.children === undefined) {
      if (below.keys.length >= sizesOf(tree).maxLeafSize) return undefined;
      const position = searchChild(below, tree, at, key);
      const owner = ownerOf(below.state, tree.state);
      return setInLeaf(below, owner, key, value, onlyIfAbsent, position);
    }
    below.inner = true;
    tree = below;
  }
}

function setOnPath(tree: Node, key: unknown, value: unknown, onlyIfAbsent: boolean): number {
  if (treeData(tree).children.length === 0) startLeaf(tree);
  const data = treeData(tree);
  const { keys, children, state } = data;
  readCurrent(data);
  const at = childIndex(keys, key);
  const child = children[at] as ObjectState;
  const below = contentOf(child);
  let outcome: number;
  if (below.children === undefined) {
    outcome = setInLeaf(below, ownerOf(below.state, state), key, value, onlyIfAbsent);
    if (outcome !== UNCHANGED && treeData(tree).children[at] !== child) {
      return setOnPath(tree, key, value, onlyIfAbsent);
    }
  } else {
    below.inner = true;
    outcome = setOnPath(nodeOf(child), key, value, onlyIfAbsent);
  }
  if (outcome === INSERTED) {
    const { maxLeafSize, maxInternalSize } = sizesOf(treeData(tree));
    const grown = nodeOf(child);
    if (lengthOf(grown) > (isTree(grown) ? maxInternalSize : maxLeafSize)) splitChild(tree, at);
  }
  return outcome;
}

function startLeaf(tree: Node): void {
  const data = changing(tree);
  const leaf = newLeaf(tree);
  data.children.push(stateOf(leaf));
  data.first = leaf;
}

/**
 * The content of a tree node that is about to change. Loading other nodes may have made a ghost of it since it was last
 * looked at; from here on it stays loaded.
 */
function changing(tree: Node): TreeData {
  countChange();
  markChanged(stateOf(tree));
  return treeData(tree);
}

function splitChild(tree: Node, at: number): void {
  const data = changing(tree);
  const child = nodeOf(data.children[at] as ObjectState);
  const [right, separator] = isTree(child) ? splitTree(child) : splitLeaf(child);
  data.children.splice(at + 1, 0, stateOf(right));
  data.keys.splice(at, 0, separator);
  carryKinds(separator, child, tree);
  if (data.children.length >= 2 * sizesOf(data).maxInternalSize) splitRoot(tree, data);
}

/** Moves the right half of a tree node to a new one; the key between the halves goes up. */
function splitTree(tree: Node): [right: Node, separator: unknown] {
  const data = changing(tree);
  const at = data.children.length >>> 1;
  const right = emptyLike(tree);
  const children = data.children.splice(at);
  const [separator, ...keys] = data.keys.splice(at - 1);
  setData(right, new TreeData(children, keys, firstLeaf(nodeOf(children[0] as ObjectState))));
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
  data.children = [stateOf(child)];
  data.keys = [];
  splitChild(tree, 0);
}

/** What became of a deletion: the key was not there; it was deleted; with it the leftmost leaf of this node. */
export const ABSENT = 0;
export const DELETED = 1;
export const FIRST_LEAF_DELETED = 2;

/** Deletes a key from a tree. Nodes that become empty are taken out; others are never merged. */
export function deleteFromTree(root: TreeData, key: unknown): number {
  const outcome = isPrimitive(key) ? deleteInside(root, key) : undefined;
  return outcome ?? deleteOnPath(nodeOf(root.state), key);
}

/** Deletes a key where no node changes but the leaf: that is nearly always. `undefined` if it is not so. */
function deleteInside(root: TreeData, key: unknown): number | undefined {
  let tree = root;
  for (;;) {
    if (tree.children.length === 0) return ABSENT;
    readCurrent(tree);
    const before = searchIn(tree, key);
    // Such a key is replaced by another one.
    if (before >= 0) return undefined;
    const below = contentOf(tree.children[~before] as ObjectState);
    if (below.children === undefined) {
      const at = searchChild(below, tree, ~before, key);
      if (at < 0) return ABSENT;
      if (below.keys.length === 1) return undefined;
      deleteAt(below, ownerOf(below.state, tree.state), at);
      return DELETED;
    }
    below.inner = true;
    tree = below;
  }
}

function deleteOnPath(tree: Node, key: unknown): number {
  if (treeData(tree).children.length === 0) return ABSENT;
  const before = treeData(tree);
  const { keys, children, state } = before;
  readCurrent(before);
  const at = childIndex(keys, key);
  const child = children[at] as ObjectState;
  const below = contentOf(child);
  let outcome: number;
  if (below.children === undefined) {
    const deleted = deleteFromLeaf(below, ownerOf(below.state, state), key);
    outcome = deleted ? DELETED : ABSENT;
    if (deleted && treeData(tree).children[at] !== child) return deleteOnPath(tree, key);
  } else {
    below.inner = true;
    outcome = deleteOnPath(nodeOf(child), key);
  }
  if (outcome === ABSENT) return ABSENT;
  const node = nodeOf(child);
  const left = lengthOf(node);
  if (left > 0 && at > 0 && startsWith(tree, at, key)) {
    const leaf = firstLeaf(node);
    const [first] = leafData(leaf).keys;
    changing(tree).keys[at - 1] = first;
    carryKinds(first, leaf, tree);
  }
  if (outcome === FIRST_LEAF_DELETED) outcome = firstLeafGone(tree, at);
  if (left > 0) return outcome;
  if (!isTree(node)) outcome = leafGone(tree, at);
  const data = changing(tree);
  data.children.splice(at, 1);
  if (data.keys.length > 0) data.keys.splice(Math.max(at - 1, 0), 1);
  return outcome;
}

/** Whether the key before child `at` is this one. */
function startsWith(tree: Node, at: number, key: unknown): boolean {
  const { family, keys } = treeData(tree);
  return family.key.compare(key, keys[at - 1]) === 0;
}

/** The leftmost leaf under child `at` is gone: the leaf before it, wherever that is, has a new successor. */
function firstLeafGone(tree: Node, at: number): number {
  const data = treeData(tree);
  if (at > 0) {
    skipNext(lastLeaf(nodeOf(data.children[at - 1] as ObjectState)));
    return DELETED;
  }
  const { first } = contentOf(data.children[0] as ObjectState) as TreeData;
  changing(tree).first = first;
  return FIRST_LEAF_DELETED;
}

/** The leaf that is child `at` has become empty. */
function leafGone(tree: Node, at: number): number {
  const data = treeData(tree);
  if (at > 0) {
    skipNext(nodeOf(data.children[at - 1] as ObjectState));
    return DELETED;
  }
  const { next } = contentOf(data.children[0] as ObjectState) as LeafData;
  changing(tree).first = next;
  return FIRST_LEAF_DELETED;
}

export function clearTree(tree: Node): void {
  if (treeData(tree).children.length === 0) return;
  tree._p_changed = true;
  setData(tree, new TreeData([], [], undefined));
}

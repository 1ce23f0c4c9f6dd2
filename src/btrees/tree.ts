// Trees: descending, splitting, shrinking, and their state. Nodes are split and removed at the same points as by
// Python's C extension, and marked changed in the same order, so both write the same records.
//
//   state    None                                            empty
//            ((leafstate,),)                                 one leaf that has no record of its own
//            ((child0, key1, child1, ...), firstleaf)        otherwise; child0 has no key

import { type Kinds, PyTuple, tuple } from '../pickle/index.ts';
import { stateOf } from '../zodb/object-state.ts';
import { constructorOf, type PersistentClass } from '../zodb/persistent.ts';
import {
  damaged,
  deleteFromLeaf,
  getLeafState,
  INSERTED,
  read,
  setInLeaf,
  setLeafState,
  skipNext,
  splitLeaf,
  UNCHANGED,
} from './bucket.ts';
import { carryKinds, keepKinds } from './float-kinds.ts';
import {
  countChange,
  emptyLike,
  firstLeaf,
  isTree,
  leafData,
  lengthOf,
  type Node,
  type NodeSizes,
  setData,
  TreeData,
  treeData,
} from './node.ts';

/** The position of the child that a key belongs to. */
function childIndex(tree: Node, keys: readonly unknown[], key: unknown): number {
  const at = tree._p_family.key.search(keys, key);
  return at < 0 ? ~at : at + 1;
}

/** The leaf that a key belongs to; `undefined` in an empty tree. */
export function findLeaf(root: Node, key: unknown): Node | undefined {
  let node: Node | undefined = root;
  while (node !== undefined && isTree(node)) {
    const { keys, children }: TreeData = treeData(node);
    node = children[childIndex(node, keys, key)];
  }
  return node;
}

/** The value of a key in a tree or leaf; `undefined` if it is not there, or is no key at all. */
export function valueAt(root: Node, key: unknown): unknown {
  const leaf = key === undefined ? undefined : findLeaf(root, key);
  if (leaf === undefined) return undefined;
  const { keys, values } = leafData(leaf);
  const at = root._p_family.key.search(keys, key);
  return at < 0 ? undefined : values?.[at];
}

/** Whether a tree or leaf has a key. */
export function hasKey(root: Node, key: unknown): boolean {
  const leaf = key === undefined ? undefined : findLeaf(root, key);
  return leaf !== undefined && root._p_family.key.search(leafData(leaf).keys, key) >= 0;
}

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

function newLeaf(tree: Node): Node {
  return new (tree._p_leafClass as PersistentClass<Node>)();
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

/** How many keys a tree or leaf has. */
export function countKeys(root: Node): number {
  if (!isTree(root)) return leafData(root).keys.length;
  let count = 0;
  for (let leaf = treeData(root).first; leaf !== undefined; leaf = leafData(leaf).next) {
    count += leafData(leaf).keys.length;
  }
  return count;
}

/** The rightmost leaf under a node that is not empty. */
export function lastLeaf(root: Node): Node {
  let node = root;
  while (isTree(node)) node = treeData(node).children.at(-1) as Node;
  return node;
}

/** The leaf before the one that a key belongs to; `undefined` if that is the first. */
export function leafBefore(root: Node, key: unknown): Node | undefined {
  let before: Node | undefined;
  let node = root;
  while (isTree(node)) {
    const { keys, children } = treeData(node);
    const at = childIndex(node, keys, key);
    if (at > 0) before = children[at - 1];
    const child = children[at];
    if (child === undefined) break;
    node = child;
  }
  return before === undefined ? undefined : lastLeaf(before);
}

export function clearTree(tree: Node): void {
  if (treeData(tree).children.length === 0) return;
  tree._p_changed = true;
  setData(tree, new TreeData([], [], undefined));
}

export function getTreeState(tree: Node): PyTuple | null {
  const { children, keys, first, inner } = treeData(tree);
  const [only] = children;
  if (only === undefined) return null;
  // Python goes by the oid alone. Within an inner node that is wrong: the leaf before this one would refer to another copy.
  const embedded = !inner && !isTree(only) && stateOf(only).oid === undefined;
  if (children.length === 1 && embedded) {
    return tuple(tuple(getLeafState(only)));
  }
  const { key: keyType } = tree._p_family;
  const items = new PyTuple<unknown>();
  for (let i = 0; i < children.length; i++) {
    if (i > 0) items.push(keyType.write(keys[i - 1]));
    items.push(children[i]);
  }
  return tuple<unknown>(items, first);
}

/**
 * `kinds` are those of the record that the state is from.
 * @throws CorruptedDataError for a state that is not one of a tree of this family
 */
export function setTreeState(tree: Node, state: unknown, kinds: Kinds | undefined): void {
  keepKinds(tree, kinds);
  if (state === null) {
    setData(tree, new TreeData([], [], undefined));
    return;
  }
  const [items, first] = state instanceof PyTuple ? (state as unknown[]) : [];
  if (!(items instanceof PyTuple) || (state as PyTuple).length > 2) {
    throw damaged(tree, 'the state of a tree is None or a tuple that begins with a tuple');
  }
  if ((state as PyTuple).length === 1) {
    if (items.length !== 1) throw damaged(tree, 'a tree without first bucket holds one bucket');
    const leaf = newLeaf(tree);
    setLeafState(leaf, items[0], kinds);
    setData(tree, new TreeData([leaf], [], leaf));
    return;
  }
  if (items.length % 2 === 0) throw damaged(tree, 'a child or the key before it is missing');
  if (!isLeafOf(tree, first)) throw damaged(tree, 'the first bucket is not a bucket of this tree');
  const children: Node[] = [];
  const keys: unknown[] = [];
  for (let i = 0; i < items.length; i += 2) {
    if (i > 0) keys.push(read(tree, tree._p_family.key, items, i - 1, kinds));
    const child = items[i];
    if (!isLeafOf(tree, child) && !isSameTree(tree, child)) {
      throw damaged(tree, 'a child is neither a node of this tree nor one of its buckets');
    }
    children.push(child);
  }
  setData(tree, new TreeData(children, keys, first));
}

function isLeafOf(tree: Node, value: unknown): value is Node {
  return value instanceof (tree._p_leafClass as PersistentClass<Node>);
}

function isSameTree(tree: Node, value: unknown): value is Node {
  return value instanceof tree._p_baseClass && constructorOf(value) === constructorOf(tree);
}

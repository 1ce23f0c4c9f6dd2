// Finding the way through a tree: the position of a key among sorted ones, and the leaf it belongs to.

import { type ObjectState, stateOf } from '../zodb/object-state.ts';
import { OBJECT } from './datatypes.ts';
import { searchBetween, searchIntegers } from './integer-search.ts';
import { compareKeys } from './key-order.ts';
import {
  contentOf,
  isTree,
  type LeafData,
  leafData,
  type Node,
  nodeOf,
  type TreeData,
  treeData,
} from './node.ts';

/**
 * The position of a key among sorted ones; `~position` where it would stand if it is not there. Keys are as nodes hold
 * them, of any family: the order of numbers is the same in all.
 * @throws KeyOrderError
 */
export function search(keys: readonly unknown[], key: unknown): number {
  if (typeof key === 'number') return searchNumber(keys, key);
  if (typeof key === 'string' && isPlain(key)) return searchPlain(keys, key);
  return searchAny(keys, key);
}

/** As `search`, in a leaf, or among the keys between the children of a node. */
export function searchIn({ keys, family }: LeafData | TreeData, key: unknown): number {
  if (typeof key !== 'number' || family.key === OBJECT) return search(keys, key);
  return searchIntegers(keys, key) ?? searchNumber(keys, key);
}

/** As `searchIn`, in the leaf that is child `at` of a node. */
export function searchChild(leaf: LeafData, parent: TreeData, at: number, key: unknown): number {
  const from = parent.keys[at - 1];
  const to = parent.keys[at];
  return typeof key === 'number' &&
    typeof from === 'number' &&
    typeof to === 'number' &&
    leaf.family.key !== OBJECT &&
    leaf.keys.length > 0
    ? searchBetween(leaf.keys, key, from, to)
    : searchIn(leaf, key);
}

function searchAny(keys: readonly unknown[], key: unknown): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareKeys(keys[middle], key);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return ~low;
}

function searchNumber(keys: readonly unknown[], key: number): number {
  let low = 0;
  let high = keys.length;
  // Keys are often added in ascending order.
  const last = keys[high - 1];
  if (typeof last === 'number' && last < key) return ~high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = keys[middle];
    if (typeof found === 'number' ? found < key : compareKeys(found, key) < 0) low = middle + 1;
    else high = middle;
  }
  const found = keys[low];
  if (found === key) return low;
  if (typeof found === 'number' || low === keys.length) return ~low;
  return compareKeys(found, key) === 0 ? low : ~low;
}

const PLAIN_LENGTH = 64;

/** Whether a text is short and all below the surrogates: then `<` orders it among all texts as code points do. */
function isPlain(text: string): boolean {
  if (text.length > PLAIN_LENGTH) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0xd800) return false;
  return true;
}

function searchPlain(keys: readonly unknown[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = keys[middle];
    if (typeof found === 'string' ? found < key : compareKeys(found, key) < 0) low = middle + 1;
    else high = middle;
  }
  return keys[low] === key ? low : ~low;
}

/** The position of the child that a key belongs to, by the keys between the children. */
export function childIndex(keys: readonly unknown[], key: unknown): number {
  return typeof key === 'number' ? childOfNumber(keys, key) : childOfAny(keys, key);
}

/**
 * How many keys are not above a number. It multiplies by the results of comparisons in place of branching on them: the inner
 * nodes of a tree stay in the processor's cache, so a branch that it foresaw wrongly would be what takes the time. In leaves,
 * which come from memory, it is better to branch: the processor then reads ahead.
 */
function childOfNumber(keys: readonly unknown[], key: number): number {
  let low = 0;
  let count = keys.length;
  const last = keys[count - 1];
  if (typeof last === 'number' && last <= key) return count;
  while (count > 1) {
    const half = count >>> 1;
    const found = keys[low + half - 1];
    if (typeof found !== 'number') return childOfAny(keys, key);
    low += half * Number(found <= key);
    count -= half;
  }
  if (count === 0) return 0;
  const found = keys[low];
  return typeof found === 'number' ? low + Number(found <= key) : childOfAny(keys, key);
}

function childOfAny(keys: readonly unknown[], key: unknown): number {
  const at = search(keys, key);
  return at < 0 ? ~at : at + 1;
}

/** The position of the child of a node that a key belongs to. */
export function childFor({ keys, family }: TreeData, key: unknown): number {
  if (typeof key !== 'number' || family.key === OBJECT) return childIndex(keys, key);
  const at = searchIntegers(keys, key);
  if (at === undefined) return childOfNumber(keys, key);
  return at < 0 ? ~at : at + 1;
}

/** The leaf that a key belongs to; `undefined` in an empty tree. */
export function findLeaf(root: Node, key: unknown): Node | undefined {
  const leaf = leafFor(contentOf(stateOf(root)), key);
  return leaf && nodeOf(leaf.state);
}

function leafFor(root: LeafData | TreeData, key: unknown): LeafData | undefined {
  let content = root;
  while (content.children !== undefined) {
    const child = content.children[childFor(content, key)];
    if (child === undefined) return undefined;
    content = contentOf(child);
  }
  return content;
}

/** The value of a key that is looked up in a tree. */
function valueBelow(root: TreeData, key: unknown): unknown {
  let tree = root;
  for (;;) {
    const at = childFor(tree, key);
    const child = tree.children[at];
    if (child === undefined) return undefined;
    const below = contentOf(child);
    if (below.children === undefined) {
      const found = searchChild(below, tree, at, key);
      return found < 0 ? undefined : below.values?.[found];
    }
    tree = below;
  }
}

/** The value of a key in a tree or leaf; `undefined` if it is not there, or is no key at all. */
export function valueAt(root: LeafData | TreeData, key: unknown): unknown {
  if (key === undefined) return undefined;
  if (root.children !== undefined) return valueBelow(root, key);
  const at = searchIn(root, key);
  return at < 0 ? undefined : root.values?.[at];
}

/** Whether a tree or leaf has a key. */
export function hasKey(root: LeafData | TreeData, key: unknown): boolean {
  const leaf = key === undefined ? undefined : leafFor(root, key);
  return leaf !== undefined && searchIn(leaf, key) >= 0;
}

/** How many keys a tree or leaf has. */
export function countKeys(root: Node): number {
  const content = contentOf(stateOf(root));
  if (content.children === undefined) return content.keys.length;
  let count = 0;
  for (let leaf = content.first; leaf !== undefined; leaf = leafData(leaf).next) {
    count += leafData(leaf).keys.length;
  }
  return count;
}

/** The rightmost leaf under a node that is not empty. */
export function lastLeaf(root: Node): Node {
  let node = root;
  while (isTree(node)) node = nodeOf(treeData(node).children.at(-1) as ObjectState);
  return node;
}

/** The leaf before the one that a key belongs to; `undefined` if that is the first. */
export function leafBefore(root: Node, key: unknown): Node | undefined {
  let before: Node | undefined;
  let node = root;
  while (isTree(node)) {
    const { keys, children } = treeData(node);
    const at = childIndex(keys, key);
    if (at > 0) before = nodeOf(children[at - 1] as ObjectState);
    const child = children[at];
    if (child === undefined) break;
    node = nodeOf(child);
  }
  return before === undefined ? undefined : lastLeaf(before);
}

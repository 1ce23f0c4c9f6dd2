// Finding the way through a tree.

import { isTree, leafData, type Node, type TreeData, treeData } from './node.ts';

/** The position of the child that a key belongs to. */
export function childIndex(tree: Node, keys: readonly unknown[], key: unknown): number {
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

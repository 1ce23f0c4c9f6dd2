// The consistency check of a tree: the links between its nodes, and the order of its keys.

import { ArgumentError, CorruptedDataError } from '../zodb/errors.ts';
import { stateOf } from '../zodb/object-state.ts';
import { KeyOrderError } from './errors.ts';
import { describe } from './key-order.ts';
import { isTree, leafData, Node, nodeOf, treeData } from './node.ts';

/**
 * Checks all nodes of a tree, or one leaf.
 * @throws CorruptedDataError that names everything that is wrong
 */
export function checkTree(root: Node): void {
  const problems = findProblems(root);
  if (problems.length === 0) return;
  throw new CorruptedDataError(`${root.constructor.name}: ${problems.join('; ')}`, {
    oid: stateOf(root).oid,
  });
}

/** Everything that is wrong with a tree, one sentence each; empty if nothing is. @throws ArgumentError */
export function findProblems(root: Node): string[] {
  if (!(root instanceof Node))
    throw new ArgumentError('only what is of a BTrees class can be checked');
  const check = new Check();
  check.node(root, '', undefined, undefined);
  if (isTree(root)) check.chain();
  return check.problems;
}

class Check {
  readonly problems: string[] = [];
  /** The leaves from left to right, as the tree nodes have them. */
  readonly #leaves: Node[] = [];
  readonly #visited = new Set<Node>();

  node(node: Node, path: string, low: unknown, high: unknown): Node | undefined {
    if (this.#visited.has(node)) {
      this.#report(path, 'a node stands in the tree twice');
      return undefined;
    }
    this.#visited.add(node);
    return isTree(node) ? this.#tree(node, path, low, high) : this.#leaf(node, path, low, high);
  }

  /** The `next` of each leaf is the leaf that follows in the tree. */
  chain(): void {
    for (let i = 0; i < this.#leaves.length; i++) {
      if (leafData(this.#leaves[i] as Node).next !== this.#leaves[i + 1]) {
        this.#report(`bucket ${i}`, 'the next bucket is not the one that follows in the tree');
      }
    }
  }

  #tree(tree: Node, path: string, low: unknown, high: unknown): Node | undefined {
    const { children: states, keys, first } = treeData(tree);
    const children = states.map(nodeOf);
    if (children.length === 0) {
      if (first !== undefined) this.#report(path, 'an empty tree has a first bucket');
      if (path !== '') this.#report(path, 'an inner node is empty');
      return undefined;
    }
    const kind = isTree(children[0] as Node);
    if (children.some((child) => isTree(child) !== kind)) {
      this.#report(path, 'children are of both kinds');
    }
    this.#keys(tree, keys, path, low, high);
    let leftmost: Node | undefined;
    for (let i = 0; i < children.length; i++) {
      const from = i === 0 ? low : keys[i - 1];
      const to = i < keys.length ? keys[i] : high;
      const leaf = this.node(children[i] as Node, `${path}/${i}`, from, to);
      if (i === 0) leftmost = leaf;
    }
    if (leftmost !== first) this.#report(path, 'the first bucket is not the leftmost one');
    return leftmost;
  }

  #leaf(leaf: Node, path: string, low: unknown, high: unknown): Node {
    const { keys } = leafData(leaf);
    this.#leaves.push(leaf);
    if (keys.length === 0 && path !== '') this.#report(path, 'a bucket is empty');
    this.#keys(leaf, keys, path, low, high);
    return leaf;
  }

  #keys(node: Node, keys: readonly unknown[], path: string, low: unknown, high: unknown): void {
    const { key: type } = node._p_family;
    try {
      for (const key of keys) type.check(key);
    } catch {
      // Keys of classes that are not known here: only Python can tell their order.
      return;
    }
    try {
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i];
        if (i > 0 && type.compare(keys[i - 1], key) >= 0) {
          this.#report(path, `key ${describe(key)} at ${i} does not come after the one before`);
        }
        if (low !== undefined && type.compare(key, low) < 0) {
          this.#report(path, `key ${describe(key)} at ${i} is below its bound ${describe(low)}`);
        }
        if (high !== undefined && type.compare(key, high) >= 0) {
          this.#report(path, `key ${describe(key)} at ${i} is not below ${describe(high)}`);
        }
      }
    } catch (error) {
      if (!(error instanceof KeyOrderError)) throw error;
      this.#report(path, error.message);
    }
  }

  #report(path: string, problem: string): void {
    this.problems.push(path === '' ? problem : `${path}: ${problem}`);
  }
}

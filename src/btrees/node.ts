// What all four kinds of objects of a family are: a persistent object, either a leaf (Bucket, Set: sorted keys, in a
// Bucket with values) or a tree (BTree, TreeSet: children, and the keys that separate them).

import { stateOf } from '../zodb/object-state.ts';
import { constructorOf, Persistent, type PersistentClass } from '../zodb/persistent.ts';
import type { Family } from './families.ts';

/** The content of a loaded leaf. */
export class LeafData {
  /** Sorted, as the family's key type holds them. */
  keys: unknown[];
  /** Beside the keys; `undefined` in a Set. */
  values: unknown[] | undefined;
  /** The following leaf of the same tree. */
  next: Node | undefined;

  constructor(keys: unknown[], values: unknown[] | undefined, next: Node | undefined) {
    this.keys = keys;
    this.values = values;
    this.next = next;
  }
}

/** The content of a loaded tree node. Child `i` holds the keys from `keys[i - 1]` on, up to but without `keys[i]`. */
export class TreeData {
  children: Node[];
  keys: unknown[];
  /** The leftmost leaf under this node; `undefined` in an empty tree. */
  first: Node | undefined;
  /** Known to stand below another node, so other nodes may refer to its leaves. */
  inner = false;

  constructor(children: Node[], keys: unknown[], first: Node | undefined) {
    this.children = children;
    this.keys = keys;
    this.first = first;
  }
}

/** How often any node was changed, loaded or dropped: while it stays the same, nothing that was looked up has moved. */
export let changes = 0;

/** To be called before keys are put into nodes or taken out of them. */
export function countChange(): void {
  changes++;
}

/** The content of a node, loaded if need be. */
export let leafData: (leaf: Node) => LeafData;
export let treeData: (tree: Node) => TreeData;
export let setData: (node: Node, data: LeafData | TreeData) => void;

export abstract class Node extends Persistent {
  // These stand on the prototype of each family's classes. Names in _p_ are never looked up in a record.
  declare readonly _p_family: Family;
  /** The class of the leaves of this tree; `undefined` for leaves. */
  declare readonly _p_leafClass: PersistentClass<Node> | undefined;
  declare readonly _p_hasValues: boolean;
  declare readonly _p_baseClass: PersistentClass<Node>;
  /** What set operations of the family make. */
  declare readonly _p_results: {
    readonly bucket: PersistentClass<Node>;
    readonly set: PersistentClass<Node>;
  };

  // The one field, so that ghosts stay small. Ghosts of subclasses have none at all until they are loaded.
  #data: LeafData | TreeData | undefined;

  static {
    const load = (node: Node): LeafData | TreeData => {
      node._p_activate();
      if (node.#data === undefined) {
        node.#data =
          node._p_leafClass === undefined
            ? new LeafData([], node._p_hasValues ? [] : undefined, undefined)
            : new TreeData([], [], undefined);
      }
      return node.#data;
    };
    leafData = (leaf) => {
      const state = stateOf(leaf);
      state.used = true;
      return (state.constructed && leaf.#data ? leaf.#data : load(leaf)) as LeafData;
    };
    treeData = (tree) => {
      const state = stateOf(tree);
      state.used = true;
      return (state.constructed && tree.#data ? tree.#data : load(tree)) as TreeData;
    };
    setData = (node, data) => {
      changes++;
      node.#data = data;
    };
  }

  override _p_clear(): void {
    changes++;
    if (#data in this) this.#data = undefined;
  }
}

export function isTree(node: Node): boolean {
  return node._p_leafClass !== undefined;
}

/** How many keys a leaf, or children a tree node, has. */
export function lengthOf(node: Node): number {
  return isTree(node) ? treeData(node).children.length : leafData(node).keys.length;
}

/** The leftmost leaf under a node that is not empty. */
export function firstLeaf(node: Node): Node {
  return isTree(node) ? (treeData(node).first as Node) : node;
}

/** A new, empty node of exactly the class of another. */
export function emptyLike(node: Node): Node {
  return new (constructorOf(node) as PersistentClass<Node>)();
}

/** A new, empty leaf for a tree. */
export function newLeaf(tree: Node): Node {
  return new (tree._p_leafClass as PersistentClass<Node>)();
}

/** Sizes at which nodes of a class are split; a subclass may set them. */
export interface NodeSizes {
  readonly maxLeafSize: number;
  readonly maxInternalSize: number;
}

// What all four kinds of objects of a family are: a persistent object, either a leaf (Bucket, Set: sorted keys, in a
// Bucket with values) or a tree (BTree, TreeSet: children, and the keys that separate them).

import { ArgumentError } from '../zodb/errors.ts';
import { type ObjectState, stateOf } from '../zodb/object-state.ts';
import { constructorOf, Persistent, type PersistentClass } from '../zodb/persistent.ts';
import type { Family } from './families.ts';

/** What the content of leaves and tree nodes begins with: who has it is found here without a look at its class. */
abstract class Content {
  /** That of the node which has this content; while it has, `state.content` is this. */
  state!: ObjectState;
  family!: Family;
}

/** The content of a loaded leaf. */
export class LeafData extends Content {
  /** Tells a leaf from a tree node. */
  readonly children: undefined = undefined;
  /** Sorted, as the family's key type holds them. */
  keys: unknown[];
  /** Beside the keys; `undefined` in a Set. */
  values: unknown[] | undefined;
  /** The following leaf of the same tree. */
  next: Node | undefined;

  constructor(keys: unknown[], values: unknown[] | undefined, next: Node | undefined) {
    super();
    this.keys = keys;
    this.values = values;
    this.next = next;
  }
}

/**
 * The content of a loaded tree node. Children are kept by their states: on the way to a key no object is looked at, of which
 * there are many classes and so many shapes. Child `i` holds the keys from `keys[i - 1]` on, up to but
 * without `keys[i]`.
 */
export class TreeData extends Content {
  children: ObjectState[];
  keys: unknown[];
  /** The leftmost leaf under this node; `undefined` in an empty tree. */
  first: Node | undefined;
  /** Known to stand below another node, so other nodes may refer to its leaves. */
  inner = false;
  /** At how many keys a leaf is split, and at how many children a node: known once it was asked for. */
  sizes: NodeSizes | undefined = undefined;
  /** The `readMark` of the jar when it was last told that this node is relied on. */
  readMark: object | undefined = undefined;

  constructor(children: ObjectState[], keys: unknown[], first: Node | undefined) {
    super();
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

/** The content of the node that has a state, loaded if need be. */
export function contentOf(state: ObjectState): LeafData | TreeData {
  state.used = true;
  return (state.content ?? load(state)) as LeafData | TreeData;
}

/** As `contentOf`, of what is known to be a leaf. */
export function leafData(leaf: Node): LeafData {
  return contentOf(stateOf(leaf)) as LeafData;
}

/** As `contentOf`, of what is known to be a tree node. */
export function treeData(tree: Node): TreeData {
  return contentOf(stateOf(tree)) as TreeData;
}

/** The node that a state belongs to. */
export function nodeOf(state: ObjectState): Node {
  return state.self as Node;
}

function load(state: ObjectState): unknown {
  const node = nodeOf(state);
  node._p_activate();
  if (state.content === undefined) {
    const isLeaf = node._p_leafClass === undefined;
    const values = node._p_hasValues ? [] : undefined;
    setData(node, isLeaf ? new LeafData([], values, undefined) : new TreeData([], [], undefined));
  }
  return state.content;
}

/** Gives a node its content. */
export function setData(node: Node, data: LeafData | TreeData): void {
  changes++;
  data.state = stateOf(node);
  data.family = node._p_family;
  data.state.content = data;
}

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

  override _p_clear(): void {
    changes++;
    stateOf(this).content = undefined;
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

/** @throws ArgumentError for a subclass with sizes that are no numbers above 0 */
export function sizesOf(tree: TreeData): NodeSizes {
  tree.sizes ??= checkedSizes(constructorOf(tree.state.self) as unknown as NamedSizes);
  return tree.sizes;
}

type NamedSizes = NodeSizes & { readonly name: string };

function checkedSizes({ maxLeafSize, maxInternalSize, name }: NamedSizes): NodeSizes {
  for (const size of [maxLeafSize, maxInternalSize]) {
    if (Number.isInteger(size) && size >= 1) continue;
    throw new ArgumentError(
      `maxLeafSize and maxInternalSize of ${name} must be integers above 0, got ${String(size)}`,
    );
  }
  return { maxLeafSize, maxInternalSize };
}

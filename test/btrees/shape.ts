// The shape of a tree: for a leaf its number of keys, for a node the shapes of its children.

import { isTree, leafData, type Node, nodeOf, treeData } from '../../src/btrees/node.ts';

export type Shape = number | Shape[];

export function shapeOf(node: Node): Shape {
  return isTree(node)
    ? treeData(node).children.map((child) => shapeOf(nodeOf(child)))
    : leafData(node).keys.length;
}

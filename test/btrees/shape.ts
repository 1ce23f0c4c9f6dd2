// The shape of a tree: for a leaf its number of keys, for a node the shapes of its children.

import { isTree, leafData, type Node, treeData } from '../../src/btrees/node.ts';

export type Shape = number | Shape[];

export function shapeOf(node: Node): Shape {
  return isTree(node) ? treeData(node).children.map(shapeOf) : leafData(node).keys.length;
}

// The state of a tree, as its record has it.
//
//   state    None                                            empty
//            ((leafstate,),)                                 one leaf that has no record of its own
//            ((child0, key1, child1, ...), firstleaf)        otherwise; child0 has no key

import { type Kinds, PyTuple, tuple } from '../pickle/index.ts';
import { type ObjectState, stateOf } from '../zodb/object-state.ts';
import { constructorOf, type PersistentClass } from '../zodb/persistent.ts';
import { damaged, getLeafState, read, setLeafState } from './bucket.ts';
import { keepKinds } from './float-kinds.ts';
import { isTree, type Node, newLeaf, nodeOf, setData, TreeData, treeData } from './node.ts';

export function getTreeState(tree: Node): PyTuple | null {
  const { children, keys, first, inner } = treeData(tree);
  const [only] = children;
  if (only === undefined) return null;
  // Python goes by the oid alone. Within an inner node that is wrong: the leaf before this one would refer to another copy.
  const child = nodeOf(only);
  const embedded = !inner && !isTree(child) && only.oid === undefined;
  if (children.length === 1 && embedded) {
    return tuple(tuple(getLeafState(child)));
  }
  const { key: keyType } = tree._p_family;
  const items = new PyTuple<unknown>();
  for (let i = 0; i < children.length; i++) {
    if (i > 0) items.push(keyType.write(keys[i - 1]));
    items.push(nodeOf(children[i] as ObjectState));
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
    setData(tree, new TreeData([stateOf(leaf)], [], leaf));
    return;
  }
  if (items.length % 2 === 0) throw damaged(tree, 'a child or the key before it is missing');
  if (!isLeafOf(tree, first)) throw damaged(tree, 'the first bucket is not a bucket of this tree');
  const children: ObjectState[] = [];
  const keys: unknown[] = [];
  for (let i = 0; i < items.length; i += 2) {
    if (i > 0) keys.push(read(tree, tree._p_family.key, items, i - 1, kinds));
    const child = items[i];
    if (!isLeafOf(tree, child) && !isSameTree(tree, child)) {
      throw damaged(tree, 'a child is neither a node of this tree nor one of its buckets');
    }
    children.push(stateOf(child));
  }
  setData(tree, new TreeData(children, keys, first));
}

function isLeafOf(tree: Node, value: unknown): value is Node {
  return value instanceof (tree._p_leafClass as PersistentClass<Node>);
}

function isSameTree(tree: Node, value: unknown): value is Node {
  return value instanceof tree._p_baseClass && constructorOf(value) === constructorOf(tree);
}

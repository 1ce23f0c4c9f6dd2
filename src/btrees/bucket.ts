// Leaves: looking up, changing and splitting one, and its state.
//
//   state    ((k0, v0, k1, v1, ...),)  or, with a following leaf,  ((k0, v0, ...), next);  a Set has no values

import { type Kinds, PyTuple, tuple } from '../pickle/index.ts';
import { CorruptedDataError } from '../zodb/errors.ts';
import { markChanged, type ObjectState, stateOf } from '../zodb/object-state.ts';
import { type Datatype, OBJECT } from './datatypes.ts';
import { inPlaceOf, itemOf, keepKinds } from './float-kinds.ts';
import {
  contentOf,
  countChange,
  emptyLike,
  LeafData,
  leafData,
  type Node,
  setData,
} from './node.ts';
import { searchIn } from './search.ts';

/** What a change did: nothing; a value was replaced; a key was inserted. */
export const UNCHANGED = 0;
export const REPLACED = 1;
export const INSERTED = 2;

/**
 * Sets a key in a leaf. `owner` is the state of the object that is stored when the leaf changes: of the leaf itself, or of its
 * tree while it has no record of its own. `at` is what a search for the key gives.
 */
export function setInLeaf(
  leaf: LeafData,
  owner: ObjectState,
  key: unknown,
  value: unknown,
  onlyIfAbsent: boolean,
  at: number = searchIn(leaf, key),
): number {
  const { values } = leaf;
  if (at < 0) {
    insertAt(changing(leaf, owner), ~at, key, value);
    return INSERTED;
  }
  if (values === undefined || onlyIfAbsent) return UNCHANGED;
  const { value: valueType } = leaf.family;
  const old = values[at];
  if (valueType.scalar && old === value) return UNCHANGED;
  const data = changing(leaf, owner);
  (data.values as unknown[])[at] =
    valueType === OBJECT ? inPlaceOf(value, old, owner.kinds) : value;
  return REPLACED;
}

/** Takes a key out of a leaf; false if it is not there. */
export function deleteFromLeaf(leaf: LeafData, owner: ObjectState, key: unknown): boolean {
  const at = searchIn(leaf, key);
  if (at < 0) return false;
  deleteAt(leaf, owner, at);
  return true;
}

/** Takes the key at a position out of a leaf. */
export function deleteAt(leaf: LeafData, owner: ObjectState, at: number): void {
  const { keys, values } = changing(leaf, owner);
  removeAt(keys, at);
  if (values !== undefined) removeAt(values, at);
}

/**
 * The content of a leaf that is about to change. Comparing keys that are persistent objects may have made a ghost of it;
 * from here on it stays loaded.
 */
function changing(leaf: LeafData, owner: ObjectState): LeafData {
  countChange();
  markChanged(owner);
  return leaf.state.content === leaf ? leaf : (contentOf(leaf.state) as LeafData);
}

/** From how many items on `splice` moves them faster than a loop. */
const MANY = 40;

function insertAt(data: LeafData, at: number, key: unknown, value: unknown): void {
  const { keys, values } = data;
  const { length } = keys;
  if (length - at > MANY) {
    keys.splice(at, 0, key);
    values?.splice(at, 0, value);
    return;
  }
  keys.push(key);
  if (values === undefined) {
    for (let i = length; i > at; i--) keys[i] = keys[i - 1];
    keys[at] = key;
    return;
  }
  values.push(value);
  for (let i = length; i > at; i--) {
    keys[i] = keys[i - 1];
    values[i] = values[i - 1];
  }
  keys[at] = key;
  values[at] = value;
}

function removeAt(items: unknown[], at: number): void {
  const last = items.length - 1;
  if (last - at > MANY) {
    items.splice(at, 1);
    return;
  }
  for (let i = at; i < last; i++) items[i] = items[i + 1];
  items.pop();
}

/** Takes out what stands from a position on. Both halves keep room for as many items as there were: they are to grow. */
function rightHalf(items: unknown[], at: number): unknown[] {
  const right = items.slice();
  const count = items.length - at;
  for (let i = 0; i < count; i++) right[i] = items[at + i];
  right.length = count;
  items.length = at;
  return right;
}

/** Moves the right half of a leaf to a new one after it; its first key separates them. */
export function splitLeaf(leaf: Node): [right: Node, separator: unknown] {
  const data = changing(leafData(leaf), stateOf(leaf));
  const at = data.keys.length >>> 1;
  const right = emptyLike(leaf);
  const keys = rightHalf(data.keys, at);
  const values = data.values && rightHalf(data.values, at);
  setData(right, new LeafData(keys, values, data.next));
  data.next = right;
  stateOf(right).kinds = data.state.kinds;
  return [right, keys[0]];
}

/** Makes the leaf after this one's successor the successor: that one became empty. */
export function skipNext(leaf: Node): void {
  const data = changing(leafData(leaf), stateOf(leaf));
  data.next = data.next === undefined ? undefined : leafData(data.next).next;
}

/** Empties a leaf. */
export function clearLeaf(leaf: Node): void {
  if (leafData(leaf).keys.length === 0) return;
  leaf._p_changed = true;
  setData(leaf, new LeafData([], leaf._p_hasValues ? [] : undefined, undefined));
}

export function getLeafState(leaf: Node): PyTuple {
  const { keys, values, next } = leafData(leaf);
  const items = writeItems(leaf, keys, values);
  return next === undefined ? tuple(items) : tuple<unknown>(items, next);
}

/** What `readItems` undoes. */
export function writeItems(
  leaf: Node,
  keys: readonly unknown[],
  values: readonly unknown[] | undefined,
): PyTuple {
  const { key: keyType, value: valueType } = leaf._p_family;
  const items = new PyTuple<unknown>();
  for (let i = 0; i < keys.length; i++) {
    items.push(keyType.write(keys[i]));
    if (values !== undefined) items.push(valueType.write(values[i]));
  }
  return items;
}

/**
 * `kinds` are those of the record that the state is from.
 * @throws CorruptedDataError for a state that is not one of a leaf of this family
 */
export function setLeafState(leaf: Node, state: unknown, kinds: Kinds | undefined): void {
  const [items, next] = state instanceof PyTuple ? (state as unknown[]) : [];
  if (!(items instanceof PyTuple) || (state as PyTuple).length > 2) {
    throw damaged(leaf, 'the state of a bucket or set is a tuple that begins with a tuple');
  }
  if (next !== undefined && !isLeafLike(next, leaf)) {
    throw damaged(leaf, 'the successor of a bucket or set is not one of the same class');
  }
  const { keys, values } = readItems(leaf, items, kinds);
  keepKinds(leaf, kinds);
  setData(leaf, new LeafData(keys, values, next as Node | undefined));
}

/** The keys and values of a leaf's state. @throws CorruptedDataError */
export function readItems(
  leaf: Node,
  items: PyTuple,
  kinds?: Kinds,
): { keys: unknown[]; values: unknown[] | undefined } {
  const { key: keyType, value: valueType } = leaf._p_family;
  const step = leaf._p_hasValues ? 2 : 1;
  if (items.length % step !== 0) throw damaged(leaf, 'a key has no value');
  const keys: unknown[] = [];
  const values: unknown[] | undefined = leaf._p_hasValues ? [] : undefined;
  for (let i = 0; i < items.length; i += step) {
    keys.push(read(leaf, keyType, items, i, kinds));
    values?.push(read(leaf, valueType, items, i + 1, kinds));
  }
  return { keys, values };
}

function isLeafLike(value: unknown, leaf: Node): boolean {
  return value instanceof leaf._p_baseClass;
}

/** A key or value of a state. */
export function read(
  node: Node,
  type: Datatype,
  items: PyTuple,
  at: number,
  kinds: Kinds | undefined,
): unknown {
  const value = type.read(itemOf(items, at, kinds));
  if (value === undefined) throw damaged(node, `a key or value is not ${type.name}`);
  return value;
}

export function damaged(node: Node, message: string): CorruptedDataError {
  return new CorruptedDataError(`${node.constructor.name}: ${message}`, { oid: stateOf(node).oid });
}

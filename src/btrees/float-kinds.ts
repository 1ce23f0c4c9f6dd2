// Which whole numbers in O keys and values are floats. In a record that is known by place, and places move as a tree
// changes; so nodes hold such numbers as PyFloat, and for lists, dicts and tuples the kinds go wherever these go.

import { float, type Kinds, PyFloat, type PyTuple } from '../pickle/index.ts';
import { stateOf } from '../zodb/object-state.ts';
import { OBJECT } from './datatypes.ts';
import type { Node } from './node.ts';

/** One item of a recorded sequence: a PyFloat where it was a float. */
export function itemOf(items: PyTuple, at: number, kinds: Kinds | undefined): unknown {
  const item = items[at];
  if (kinds === undefined || typeof item !== 'number' || !Number.isSafeInteger(item)) return item;
  return kinds.of(items)?.isFloatItem(item, at) === true ? float(item) : item;
}

/** Lets a node that has just been read keep the kinds of its record, but for the places of its own keys and values. */
export function keepKinds(node: Node, kinds: Kinds | undefined): void {
  const { key, value } = node._p_family;
  const hasObjects = key === OBJECT || value === OBJECT;
  const isNeeded = hasObjects || kinds?.python2 !== undefined;
  stateOf(node).kinds = isNeeded ? kinds?.withoutPlaces() : undefined;
}

/** What to hold of a value that takes the place of another: 13 in the place of 12.5 is a float. */
export function inPlaceOf(value: unknown, old: unknown, kinds: Kinds | undefined): unknown {
  if (typeof value === 'number') {
    const wasFloat =
      old instanceof PyFloat || (typeof old === 'number' && !Number.isSafeInteger(old));
    return wasFloat && Number.isSafeInteger(value) ? float(value) : value;
  }
  if (typeof value === 'object' && value !== null && typeof old === 'object' && old !== null) {
    kinds?.inherit(value, old);
  }
  return value;
}

/** A key has been copied from one node to another. */
export function carryKinds(key: unknown, from: Node, to: Node): void {
  const { kinds } = stateOf(from);
  if (kinds === undefined || typeof key !== 'object' || key === null) return;
  const holder = stateOf(to);
  holder.kinds ??= kinds.withoutPlaces();
  holder.kinds.adopt(key, kinds);
}

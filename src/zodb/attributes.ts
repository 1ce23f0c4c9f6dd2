// The default state of a persistent object: its attributes, as Python's Persistent keeps them. A dictionary, or for
// classes with slots the pair (dictionary, slots); names that begin with _v_ or _p_ are never part of it.

import { rawItems } from '../pickle/dict.ts';
import { PyDict, PyTuple, tuple } from '../pickle/index.ts';
import { CorruptedDataError } from './errors.ts';
import { GenericObjectBase, rawAttribute } from './generic-object.ts';
import { isStoredName } from './object-handler.ts';
import { activate, checkedState, type ObjectState, stateOf } from './object-state.ts';
import {
  constructOnto,
  deleteAll,
  type Persistent,
  type PersistentClass,
  targetOf,
} from './persistent.ts';

type Attributes = Record<string, unknown>;

/** The attributes that a record would hold, by name; loads a ghost. @throws ArgumentError for what is not persistent */
export function* attributesOf(object: Persistent): IterableIterator<[string, unknown]> {
  checkedState(object);
  for (const name of Object.keys(object)) {
    if (isStoredName(name)) yield [name, (object as unknown as Attributes)[name]];
  }
}

/**
 * Any attribute by name, also one that JavaScript gives another meaning (`then`, `constructor`); loads a ghost.
 * @throws ArgumentError for what is not persistent
 */
export function getAttribute(object: Persistent, name: string): unknown {
  activate(checkedState(object));
  if (object instanceof GenericObjectBase) return rawAttribute(object, name);
  return Object.getOwnPropertyDescriptor(targetOf(object), name)?.value;
}

/** The state of an object without a `__getstate__` of its own. An attribute that is `undefined` is left out. */
export function getAttributes(object: Persistent): unknown {
  const { slots } = stateOf(object);
  const target = targetOf(object) as unknown as Attributes;
  const attributes = new PyDict();
  const inSlots = slots === undefined ? undefined : new PyDict();
  for (const name of Object.keys(target)) {
    const value = target[name];
    if (!isStoredName(name) || value === undefined) continue;
    if (slots?.has(name) === true) inSlots?.set(name, value);
    else attributes.set(name, value);
  }
  return inSlots === undefined
    ? attributes
    : tuple(attributes.size === 0 ? null : attributes, inSlots);
}

/**
 * Makes a record's state the attributes of the object that `holder` is of. The record's order is kept; fields of the class that
 * the record lacks follow with the values the constructor gave them.
 * @throws CorruptedDataError for a state that holds no attributes
 */
export function setAttributes(holder: ObjectState, state: unknown): void {
  const target = holder.target as unknown as Attributes;
  if (state instanceof PyDict) {
    holder.slots = undefined;
    replaceAttributes(target, rawItems(state));
    return;
  }
  const [attributes, slots] = splitState(holder, state);
  const items = attributes === undefined ? [] : rawItems(attributes);
  replaceAttributes(target, slots === undefined ? items : [...items, ...rawItems(slots)]);
  holder.slots = slots === undefined ? undefined : new Set([...slots.keys()].map(String));
}

/** `items` are names and values in turn. */
function replaceAttributes(target: Attributes, items: readonly unknown[]): void {
  const names = Object.keys(target);
  const inOrder = names.every((name, at) => name === items[2 * at]);
  const values = inOrder ? undefined : names.map((name) => target[name]);
  if (!inOrder) deleteAll(target, names);
  for (let at = 0; at < items.length; at += 2) define(target, String(items[at]), items[at + 1]);
  for (let at = 0; values !== undefined && at < names.length; at++) {
    const name = names[at] as string;
    if (!Object.hasOwn(target, name)) define(target, name, values[at]);
  }
}

/** Classes whose constructor gave no fields to the last object that came from a record. */
const fieldless = new WeakSet<PersistentClass>();

/** Runs the constructor of a loaded object the first time; later, brings fields back to what it gave them. */
export function renewFields(state: ObjectState, cls: PersistentClass): void {
  if (!state.constructed) {
    constructOnto(cls, state);
    if (Object.keys(state.target).length === 0) fieldless.add(cls);
    else fieldless.delete(cls);
    return;
  }
  if (fieldless.has(cls)) return;
  const fresh = targetOf(new cls());
  for (const [name, value] of Object.entries(fresh)) define(state.target, name, value);
}

function define(target: object, name: string, value: unknown): void {
  // What no prototype knows can be assigned, which is faster.
  if (!(name in target)) {
    (target as Attributes)[name] = value;
    return;
  }
  Object.defineProperty(target, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function splitState(
  { oid }: ObjectState,
  state: unknown,
): [PyDict | undefined, PyDict | undefined] {
  if (state === null) return [undefined, undefined];
  if (state instanceof PyTuple && state.length === 2) {
    const [attributes, slots] = state as unknown[];
    const dictionary = attributes === null ? undefined : attributes;
    if ((dictionary === undefined || dictionary instanceof PyDict) && slots instanceof PyDict) {
      return [dictionary, slots];
    }
  }
  throw new CorruptedDataError('the state of the object holds no attributes', { oid });
}

// Described objects of known types become values of those, when their pickle has ended and all of them is known. Wherever an
// object stood, its value stands then; one that leads back to itself stays a description, since it cannot be made from its parts.

import { isContainer } from './container-kinds.ts';
import { PyDateTime, PyTime } from './datetimes.ts';
import { appendRawItems, PyDict, rawItems } from './dict.ts';
import { PickleError } from './errors.ts';
import type { Kinds, Python2Writer } from './kinds.ts';
import { type KnownType, spelled, type TypeTable } from './known-type.ts';
import type { Memo } from './memo.ts';
import { sameSpelling } from './same-spelling.ts';
import { PyFrozenSet, PySet, rawMemberDict } from './sets.ts';
import { PyObject } from './values.ts';

/** The parts of a PyObject that may hold others. */
const PARTS = ['callable', 'args', 'kwargs', 'listItems', 'dictItems', 'state'] as const;

/** What the objects of one pickle are resolved by. */
export interface TypeResolver {
  /** Looked in before the second; undefined: there is none. */
  readonly own: TypeTable | undefined;
  readonly known: TypeTable;
  /** Of the same pickle: a value gets the kinds of its description. */
  readonly kinds: Kinds | undefined;
  readonly python2: Python2Writer | undefined;
  readonly memo: Memo;
}

/** The decoded value with the known ones in the places of their descriptions. @throws PickleError if a type's own code throws */
export function resolveTypes(root: unknown, resolver: TypeResolver): unknown {
  const made = new Map<object, object>();
  const state = new Map<object, 'open' | 'closed' | 'cyclic'>();
  const todo: object[] = [];
  const visit = (value: unknown): void => {
    if (!holdsOthers(value)) return;
    const seen = state.get(value);
    if (seen === undefined) todo.push(value);
    else if (seen === 'open' && value instanceof PyObject) state.set(value, 'cyclic');
  };
  const replace = (value: unknown): unknown =>
    made.size > 0 && value instanceof PyObject ? (made.get(value) ?? value) : value;

  visit(root);
  while (todo.length > 0) {
    const container = todo[todo.length - 1] as object;
    const seen = state.get(container);
    if (seen === undefined) {
      state.set(container, 'open');
      visitParts(container, visit);
      continue;
    }
    todo.pop();
    if (seen === 'closed') continue;
    replaceParts(container, replace, resolver.kinds);
    state.set(container, 'closed');
    if (container instanceof PyObject && seen !== 'cyclic') {
      const value = resolve(container, resolver);
      if (value !== undefined) made.set(container, value);
    }
  }
  if (made.size > 0) {
    resolver.memo.replace(replace);
    resolver.kinds?.replace(made);
  }
  return replace(root);
}

function holdsOthers(value: unknown): value is object {
  return (
    isContainer(value) ||
    ((value instanceof PyDateTime || value instanceof PyTime) && value.tzinfo !== undefined)
  );
}

/** The array in which the parts of a container stand; undefined for an object with parts of its own names. */
function slotsOf(container: object): unknown[] | undefined {
  if (Array.isArray(container)) return container;
  if (container instanceof PyDict) return rawItems(container);
  if (container instanceof PySet || container instanceof PyFrozenSet) {
    return rawItems(rawMemberDict(container));
  }
  return undefined;
}

function visitParts(container: object, visit: (value: unknown) => void): void {
  const slots = slotsOf(container);
  if (slots !== undefined) for (let i = 0; i < slots.length; i++) visit(slots[i]);
  else if (container instanceof PyObject) for (const part of PARTS) visit(container[part]);
  else visit((container as PyTime).tzinfo);
}

function replaceParts(
  container: object,
  replace: (value: unknown) => unknown,
  kinds: Kinds | undefined,
): void {
  const slots = slotsOf(container);
  if (slots !== undefined) {
    const isDict = !Array.isArray(container);
    let keysChanged = false;
    for (let i = 0; i < slots.length; i++) {
      const value = replace(slots[i]);
      if (value === slots[i]) continue;
      if (isDict && i % 2 === 0) {
        keysChanged = true;
        kinds?.moveKey(container, slots[i], value);
      }
      slots[i] = value;
    }
    // they may have become equal to others
    if (keysChanged) appendRawItems(dictOf(container), [], 0, 0);
  } else if (container instanceof PyObject) {
    for (const part of PARTS) (container[part] as unknown) = replace(container[part]);
  } else {
    const zoned = container as { tzinfo: unknown };
    zoned.tzinfo = replace(zoned.tzinfo);
  }
}

function dictOf(container: object): PyDict {
  return container instanceof PyDict ? container : rawMemberDict(container as PySet);
}

function resolve(
  object: PyObject,
  { own, known, kinds, python2 }: TypeResolver,
): object | undefined {
  const type = own?.of(object) ?? known.of(object);
  if (type?.fromPickle === undefined) return undefined;
  const value = called(type, () => type.fromPickle?.(object));
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== type.prototype) {
    throw new PickleError(`the type of ${type.callable} made a value of another class`);
  }
  const again = called(type, () => spelled(type, value));
  return sameSpelling(object, again, kinds, python2) ? value : undefined;
}

function called<T>(type: KnownType, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof PickleError) throw cause;
    throw new PickleError(`the registered type of ${type.callable} failed`, { cause });
  }
}

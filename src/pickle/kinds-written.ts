// The kinds of a value that has just been written: where floats stood before, and where they stand now. So 13 in the place of
// a 12.5 that a program stored itself is a float, as if the record had been read in between.

import { type ContainerKinds, isContainer, isPlainInt, OBJECT_PARTS } from './container-kinds.ts';
import { pairsOf } from './encode-containers.ts';
import { Kinds } from './kinds.ts';
import { isMap, isPlainObject, isSet } from './realms.ts';
import { PyFrozenSet, PySet } from './sets.ts';
import { PyFloat, PyObject } from './values.ts';

/** A container that is still to be looked at, and where it stands. */
interface Open {
  readonly container: object;
  readonly parent: number;
  readonly key: unknown;
  readonly before: ContainerKinds | undefined;
}

/** The kinds of a value that was written with the kinds `before`. */
export function kindsWritten(value: unknown, before: Kinds | undefined): Kinds {
  const made = new Kinds([]);
  made.python2 = before?.python2;
  made.scalar = before?.scalar ?? made.scalar;
  const seen = new Map<object, ContainerKinds>();
  const open: Open[] = [];
  if (holdsOthers(value)) {
    open.push({ container: value, parent: -1, key: undefined, before: before?.root });
  }
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { container, parent, key } = one;
    const known = seen.get(container);
    if (known !== undefined) {
      made.add(container, known, parent, key);
      continue;
    }
    const old = before?.of(container) ?? one.before;
    const kinds = old?.copy() ?? made.blank();
    seen.set(container, kinds);
    const index = made.add(container, kinds, parent, key);
    const inside: Open[] = [];
    noteFloats(container, kinds, old, (child, at, asKey) => {
      const path = asKey ? old?.keyChild(child) : old?.child(at, child);
      inside.push({ container: child, parent: asKey ? ~index : index, key: at, before: path });
    });
    while (inside.length > 0) open.push(inside.pop() as Open);
  }
  return made;
}

function holdsOthers(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return isContainer(value) || isMap(value) || isSet(value) || isPlainObject(value);
}

type Visit = (child: object, key: unknown, asKey: boolean) => void;

function noteFloats(
  container: object,
  kinds: ContainerKinds,
  old: ContainerKinds | undefined,
  visit: Visit,
): void {
  if (container instanceof PyObject) {
    if (isFloat(container.state)) kinds.noteFloat('state');
    for (const part of OBJECT_PARTS) {
      const value = container[part];
      if (holdsOthers(value)) visit(value, part, false);
    }
  } else if (Array.isArray(container)) noteItems(container, kinds, old, visit);
  else if (container instanceof PySet || container instanceof PyFrozenSet || isSet(container)) {
    noteItems([...container], kinds, old, visit);
  } else {
    const pairs = pairsOf(container);
    for (let at = 0; at < pairs.length; at += 2) {
      const [key, value] = [pairs[at], pairs[at + 1]];
      if (holdsOthers(key)) visit(key, key, true);
      if (isFloat(value)) kinds.noteFloat(key);
      else if (holdsOthers(value)) visit(value, key, false);
    }
  }
}

function noteItems(
  items: readonly unknown[],
  kinds: ContainerKinds,
  old: ContainerKinds | undefined,
  visit: Visit,
): void {
  const floats: boolean[] = [];
  for (const [at, item] of items.entries()) {
    if (typeof item === 'number') floats.push(isFloat(item) || old?.isFloatItem(item, at) === true);
    else if (item instanceof PyFloat) floats.push(true);
    else if (typeof item === 'bigint') floats.push(false);
    else if (holdsOthers(item)) visit(item, at, false);
  }
  if (floats.length > 0) kinds.allFloats = floats.every((float) => float);
}

function isFloat(value: unknown): boolean {
  return typeof value === 'number' ? !isPlainInt(value) : value instanceof PyFloat;
}

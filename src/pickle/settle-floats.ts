// Takes the floats of freshly decoded values apart from ints: whole ones stand in them as PyFloat, and become plain numbers, which
// kinds remember.

import {
  ALL_FLOATS,
  ContainerKinds,
  isContainer,
  isPlainInt,
  NO_FLOATS,
  OBJECT_PARTS,
  placeKey,
} from './container-kinds.ts';
import { PyDict, rawItems } from './dict.ts';
import { ENTRY, KINDS, Kinds } from './kinds.ts';
import type { Python2Kinds } from './python2-kinds.ts';
import { PyFrozenSet, type PySet, rawMembers } from './sets.ts';
import { PyFloat, PyObject } from './values.ts';

/**
 * Takes the PyFloat of whole numbers out of freshly decoded containers, leaves plain numbers, and returns what it found.
 * `again` are the containers that stand in the value more than once, as far as the pickle goes, which has at most `most`
 * containers. `earlier` is what was found in earlier pickles on the same memo. `settlePython2` takes the marks of Python 2's
 * scalars out of one container.
 */
export function settleFloats(
  value: unknown,
  again: ReadonlySet<object> | undefined,
  most: number,
  earlier: readonly Kinds[],
  settlePython2?: (container: object) => Python2Kinds | undefined,
): Kinds {
  const found: unknown[] = [];
  let seen: Map<object, number> | undefined;
  let trustsPickle = true;
  const open: unknown[] = [];
  if (isContainer(value)) open.push(value, -1, undefined);
  while (open.length > 0) {
    const key = open.pop();
    const parent = open.pop();
    const container = open.pop() as object;
    const index = found.length;
    // only what hooks returned can be more than that, or lead back to itself
    if (trustsPickle && index > most * ENTRY) {
      seen = indexes(found);
      trustsPickle = false;
    }
    let kinds: ContainerKinds | undefined;
    if (!trustsPickle || again?.has(container) === true) {
      seen ??= new Map();
      const known = seen.get(container);
      if (known !== undefined) {
        found[known + KINDS] ??= new ContainerKinds();
        found.push(container, found[known + KINDS], parent, key);
        continue;
      }
      seen.set(container, index);
      for (const one of earlier) kinds ??= one.of(container);
    }
    found.push(container, undefined, parent, key);
    if (kinds === undefined) {
      const python2 = settlePython2?.(container);
      kinds = settleContainer(container, index, open);
      if (python2 !== undefined) kinds = withPython2(kinds, python2);
    }
    found[index + KINDS] = kinds;
  }
  return new Kinds(found);
}

function withPython2(kinds: ContainerKinds | undefined, python2: Python2Kinds): ContainerKinds {
  let own = kinds;
  if (own === undefined || own === NO_FLOATS || own === ALL_FLOATS) {
    own = new ContainerKinds();
    own.allFloats = kinds === ALL_FLOATS;
  }
  own.python2 = python2;
  return own;
}

function indexes(found: readonly unknown[]): Map<object, number> {
  const seen = new Map<object, number>();
  for (let at = 0; at < found.length; at += ENTRY) seen.set(found[at] as object, at);
  return seen;
}

function settleContainer(
  container: object,
  index: number,
  open: unknown[],
): ContainerKinds | undefined {
  if (Array.isArray(container)) return settleSequence(container, 1, index, open);
  if (container instanceof PyDict) return settleDict(rawItems(container), index, open);
  if (container instanceof PyObject) return settleObject(container, index, open);
  return settleSequence(rawMembers(container as PySet), 2, index, open);
}

/** `step` is 2 for the members of a set, which have a null beside each. */
function settleSequence(
  items: unknown[],
  step: number,
  index: number,
  open: unknown[],
): ContainerKinds | undefined {
  let ints = 0;
  let floats = 0;
  let wholes = 0;
  const before = open.length;
  for (let at = items.length - step; at >= 0; at -= step) {
    const item = items[at];
    if (typeof item === 'number') {
      if (isPlainInt(item)) ints += 1;
      else floats += 1;
    } else if (typeof item === 'bigint') ints += 1;
    else if (typeof item === 'object' && item !== null) {
      if (item instanceof PyFloat) {
        floats += 1;
        if (item.bits === undefined) wholes += 1;
      } else if (isContainer(item)) open.push(item, index, at / step);
    }
  }
  const isLeaf = open.length === before;
  if (wholes === 0 && (floats === 0 || ints > 0)) return isLeaf ? NO_FLOATS : undefined;
  if (ints === 0) {
    if (wholes > 0) for (let at = 0; at < items.length; at += step) items[at] = plain(items[at]);
    if (isLeaf) return ALL_FLOATS;
    const kinds = new ContainerKinds();
    kinds.allFloats = true;
    return kinds;
  }
  return settleMixed(items, step);
}

/** A sequence that holds whole-number floats and ints. */
function settleMixed(items: unknown[], step: number): ContainerKinds {
  const ints: unknown[] = [];
  const floats: unknown[] = [];
  const positions: unknown[] = [];
  for (let at = 0; at < items.length; at += step) {
    const item = items[at];
    if (typeof item === 'number') {
      if (isPlainInt(item)) ints.push(item);
    } else if (item instanceof PyFloat && item.bits === undefined) {
      items[at] = item.value;
      floats.push(item.value);
      positions.push(at / step);
    }
  }
  const kinds = new ContainerKinds();
  kinds.ints = ints;
  kinds.floats = floats;
  kinds.positions = positions;
  return kinds;
}

function settleDict(items: unknown[], index: number, open: unknown[]): ContainerKinds | undefined {
  const before = open.length;
  let floats: unknown[] | undefined;
  let floatKeys: unknown[] | undefined;
  for (let at = items.length - 2; at >= 0; at -= 2) {
    const key = items[at];
    if (typeof key === 'object' && key !== null) {
      if (key instanceof PyFloat && key.bits === undefined) {
        items[at] = key.value;
        floatKeys ??= [];
        floatKeys.push(placeKey(key.value));
      }
    }
    const value = items[at + 1];
    if (typeof value === 'number') {
      if (isPlainInt(value)) continue;
      floats ??= [];
      floats.push(placeKey(items[at]));
    } else if (typeof value === 'object' && value !== null) {
      if (value instanceof PyFloat) {
        items[at + 1] = plain(value);
        floats ??= [];
        floats.push(placeKey(items[at]));
      } else if (isContainer(value)) open.push(value, index, items[at]);
    }
    // pushed after its value, because it is written before it
    if (Array.isArray(key) || key instanceof PyFrozenSet || key instanceof PyObject)
      open.push(key, ~index, key);
  }
  if (floats === undefined && floatKeys === undefined)
    return open.length === before ? NO_FLOATS : undefined;
  const kinds = new ContainerKinds();
  kinds.floats = floats;
  kinds.floatKeys = floatKeys;
  return kinds;
}

function settleObject(
  object: PyObject,
  index: number,
  open: unknown[],
): ContainerKinds | undefined {
  for (const part of OBJECT_PARTS) {
    const value = object[part];
    if (isContainer(value)) open.push(value, index, part);
  }
  if (!isFloat(object.state)) return undefined;
  object.state = plain(object.state);
  const kinds = new ContainerKinds();
  kinds.floats = ['state'];
  return kinds;
}

function isFloat(value: unknown): boolean {
  return typeof value === 'number' ? !isPlainInt(value) : value instanceof PyFloat;
}

function plain(value: unknown): unknown {
  return value instanceof PyFloat && value.bits === undefined ? value.value : value;
}

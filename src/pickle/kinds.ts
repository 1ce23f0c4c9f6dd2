// Which whole numbers of a decoded pickle were floats. JavaScript has one type of number, so 3.0 decodes to 3; that it was a
// float is kept here, beside the values and never on them, and decides how numbers in their places are written again.

import { PyDict, rawItems } from './dict.ts';
import { pathKey } from './key.ts';
import { PyFrozenSet, PySet, rawMembers } from './sets.ts';
import { PyFloat, PyObject } from './values.ts';

/** The parts of a PyObject, as its children are named. */
const OBJECT_PARTS = ['args', 'kwargs', 'listItems', 'dictItems', 'state'] as const;

/** Where floats stood in one container and, by path, in those inside it. */
export class ContainerKinds {
  /** In a list, tuple or set: there were numbers, and all were floats. */
  allFloats = false;
  /** The keys whose value was a float; in a list, tuple or set with ints too, the whole numbers that were floats. */
  floats: Set<unknown> | undefined;
  /** The keys that were floats themselves. */
  floatKeys: Set<unknown> | undefined;
  /** In a list, tuple or set that also had floats: the whole numbers that were ints, and the positions of floats. */
  ints: Set<number> | undefined;
  positions: Set<number> | undefined;
  children: Map<unknown, ContainerKinds> | undefined;
  /** Of tuples and the like that are keys. */
  keyChildren: Map<unknown, ContainerKinds> | undefined;

  /** Whether a whole number in a list, tuple or set is a float. */
  isFloatItem(value: number, position: number): boolean {
    if (this.allFloats) return true;
    if (this.floats === undefined || !this.floats.has(value)) return false;
    return !this.ints?.has(value) || this.positions?.has(position) === true;
  }

  /** Whether a whole number under this key is a float. */
  isFloatValue(key: unknown): boolean {
    return this.floats?.has(placeKey(key)) === true;
  }

  /** Whether the whole number that is this key is a float. */
  isFloatKey(key: number): boolean {
    return this.floatKeys?.has(placeKey(key)) === true;
  }

  /** The kinds of what stood under this key, at this index or in this part. */
  child(key: unknown): ContainerKinds | undefined {
    return this.children === undefined ? undefined : this.children.get(placeKey(key));
  }

  /** The kinds of the tuple, frozenset or object that is this key. */
  keyChild(key: unknown): ContainerKinds | undefined {
    return this.keyChildren === undefined ? undefined : this.keyChildren.get(placeKey(key));
  }
}

// The kinds of containers that hold no other container, and of numbers floats only or no floats.
const NO_FLOATS: ContainerKinds = new ContainerKinds();
const ALL_FLOATS: ContainerKinds = new ContainerKinds();
ALL_FLOATS.allFloats = true;

/** Where floats stood in one pickle. Hand it back to the encoder with the changed value. */
export class Kinds {
  /** The kinds of the pickle's outermost value. */
  readonly root: ContainerKinds;
  readonly #containers: WeakMap<object, ContainerKinds>;

  constructor(root: ContainerKinds, containers: WeakMap<object, ContainerKinds>) {
    this.root = root;
    this.#containers = containers;
  }

  /** The kinds of a container that was in the pickle itself, wherever it stands now. */
  of(container: object): ContainerKinds | undefined {
    return this.#containers.get(container);
  }

  /** The same without the places: for a value whose outer containers are made anew around those that were read. */
  withoutPlaces(): Kinds {
    return new Kinds(NO_FLOATS, this.#containers);
  }

  /** Gives a container the kinds of the one whose place it takes, unless it has kinds of its own. */
  inherit(container: object, from: object): void {
    this.#set(container, this.#containers.get(from));
  }

  /** Gives a container the kinds that it has in another pickle. */
  adopt(container: object, other: Kinds): void {
    this.#set(container, other.#containers.get(container));
  }

  #set(container: object, kinds: ContainerKinds | undefined): void {
    if (kinds !== undefined && !this.#containers.has(container)) {
      this.#containers.set(container, kinds);
    }
  }
}

/** The place in which a container was found: its parent's kinds and the key there. */
interface Found {
  readonly container: object;
  readonly parent: ContainerKinds | undefined;
  readonly key: unknown;
  /** The container is itself a key of its parent. */
  readonly asKey: boolean;
}

/**
 * Takes the PyFloat of whole numbers out of freshly decoded containers, leaves plain numbers, and returns what it found.
 * `containers` carries what is known from earlier pickles on the same memo.
 */
export function settleFloats(value: unknown, containers: WeakMap<object, ContainerKinds>): Kinds {
  let root = NO_FLOATS;
  const open: Found[] = [];
  if (isContainer(value))
    open.push({ container: value, parent: undefined, key: undefined, asKey: false });
  for (let found = open.pop(); found !== undefined; found = open.pop()) {
    const { container, parent, key, asKey } = found;
    let kinds = containers.get(container);
    if (kinds === undefined) {
      kinds = settleContainer(container, open);
      containers.set(container, kinds);
    }
    if (parent === undefined) root = kinds;
    else if (kinds === NO_FLOATS) continue;
    else if (asKey) {
      parent.keyChildren ??= new Map();
      parent.keyChildren.set(placeKey(key), kinds);
    } else {
      parent.children ??= new Map();
      parent.children.set(placeKey(key), kinds);
    }
  }
  return new Kinds(root, containers);
}

function isContainer(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Array.isArray(value) ||
      value instanceof PyDict ||
      value instanceof PyObject ||
      value instanceof PySet ||
      value instanceof PyFrozenSet)
  );
}

function settleContainer(container: object, open: Found[]): ContainerKinds {
  if (Array.isArray(container)) return settleSequence(container, 1, open);
  if (container instanceof PyDict) return settleDict(rawItems(container), open);
  if (container instanceof PyObject) return settleObject(container, open);
  return settleSequence(rawMembers(container as PySet), 2, open);
}

/** `step` is 2 for the members of a set, which have a null beside each. */
function settleSequence(items: unknown[], step: number, open: Found[]): ContainerKinds {
  let ints = 0;
  let floats = 0;
  let kinds: ContainerKinds | undefined;
  for (let at = 0; at < items.length; at += step) {
    const item = items[at];
    if (typeof item === 'number') {
      if (isPlainInt(item)) ints += 1;
      else floats += 1;
    } else if (typeof item === 'bigint') ints += 1;
    else if (typeof item === 'object' && item !== null) {
      if (item instanceof PyFloat) floats += 1;
      else if (isContainer(item)) {
        kinds ??= new ContainerKinds();
        open.push({ container: item, parent: kinds, key: at / step, asKey: false });
      }
    }
  }
  if (floats === 0) return kinds ?? NO_FLOATS;
  if (ints === 0) {
    for (let at = 0; at < items.length; at += step) items[at] = plain(items[at]);
    if (kinds === undefined) return ALL_FLOATS;
    kinds.allFloats = true;
    return kinds;
  }
  kinds ??= new ContainerKinds();
  kinds.floats = new Set();
  kinds.ints = new Set();
  kinds.positions = new Set();
  for (let at = 0; at < items.length; at += step) {
    const item = items[at];
    if (typeof item === 'number' && isPlainInt(item)) kinds.ints.add(item);
    else if (item instanceof PyFloat && item.bits === undefined) {
      items[at] = item.value;
      kinds.floats.add(item.value);
      kinds.positions.add(at / step);
    }
  }
  return kinds;
}

function settleDict(items: unknown[], open: Found[]): ContainerKinds {
  let kinds: ContainerKinds | undefined;
  for (let at = 0; at < items.length; at += 2) {
    const key = items[at];
    if (key instanceof PyFloat && key.bits === undefined) {
      items[at] = key.value;
      kinds ??= new ContainerKinds();
      kinds.floatKeys ??= new Set();
      kinds.floatKeys.add(placeKey(key.value));
    } else if (Array.isArray(key) || key instanceof PyFrozenSet || key instanceof PyObject) {
      kinds ??= new ContainerKinds();
      open.push({ container: key, parent: kinds, key, asKey: true });
    }
    const value = items[at + 1];
    if (isFloat(value)) {
      items[at + 1] = plain(value);
      kinds ??= new ContainerKinds();
      kinds.floats ??= new Set();
      kinds.floats.add(placeKey(items[at]));
    } else if (isContainer(value)) {
      kinds ??= new ContainerKinds();
      open.push({ container: value, parent: kinds, key: items[at], asKey: false });
    }
  }
  return kinds ?? NO_FLOATS;
}

function settleObject(object: PyObject, open: Found[]): ContainerKinds {
  const kinds = new ContainerKinds();
  for (const part of OBJECT_PARTS) {
    const value = object[part];
    if (isContainer(value)) open.push({ container: value, parent: kinds, key: part, asKey: false });
  }
  if (isFloat(object.state)) {
    object.state = plain(object.state);
    kinds.floats = new Set(['state']);
  }
  return kinds;
}

// A key too long to be compared (pathKey's limits) has its place by identity.
function placeKey(key: unknown): unknown {
  if (typeof key !== 'object') return pathKey(key);
  try {
    return pathKey(key);
  } catch {
    return key;
  }
}

/** Whether a number, without kinds, is an int: also what the encoder goes by. */
export function isPlainInt(value: number): boolean {
  return Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0);
}

function isFloat(value: unknown): boolean {
  return typeof value === 'number' ? !isPlainInt(value) : value instanceof PyFloat;
}

function plain(value: unknown): unknown {
  return value instanceof PyFloat && value.bits === undefined ? value.value : value;
}

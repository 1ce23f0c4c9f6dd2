// The kinds of the scalars in one container, by their places, and of the containers inside it.

import { PyDict } from './dict.ts';
import { pathKey } from './key.ts';
import type { Kinds } from './kinds.ts';
import type { Python2Kinds } from './python2-kinds.ts';
import { PyFrozenSet, PySet } from './sets.ts';
import { PyObject } from './values.ts';

/** The parts of a PyObject, as its children are named, the last one first. */
export const OBJECT_PARTS = ['state', 'dictItems', 'listItems', 'kwargs', 'args'] as const;

/** Where floats stood in one container and, by path, in those inside it. Lists become Sets when they are long and asked. */
export class ContainerKinds {
  /** In a list, tuple or set: there were numbers, and all were floats. */
  allFloats = false;
  /** The keys whose value was a float; in a list, tuple or set with ints too, the whole numbers that were floats. */
  floats: Members | undefined;
  /** The keys that were floats themselves. */
  floatKeys: Members | undefined;
  /** In a list, tuple or set that also had floats: the whole numbers that were ints, and the positions of floats. */
  ints: Members | undefined;
  positions: Members | undefined;
  children: Map<unknown, ContainerKinds> | undefined;
  /** Of tuples and the like that are keys. */
  keyChildren: Map<unknown, ContainerKinds> | undefined;
  /** Of strings, bytes and longs in a pickle of Python 2, where they are not as usual. */
  python2: Python2Kinds | undefined;
  /** Fills `children` and `keyChildren` of all containers of the pickle when the first is asked for; most never are. */
  places: Kinds | undefined;

  constructor(places?: Kinds) {
    this.places = places;
  }

  /** Whether a whole number in a list, tuple or set is a float. */
  isFloatItem(value: number, position: number): boolean {
    if (this.allFloats) return true;
    if (this.floats === undefined) return false;
    this.floats = prepared(this.floats);
    if (!isMember(this.floats, value)) return false;
    if (this.ints === undefined || this.positions === undefined) return true;
    this.ints = prepared(this.ints);
    this.positions = prepared(this.positions);
    return !isMember(this.ints, value) || isMember(this.positions, position);
  }

  /** Whether a whole number under this key is a float. */
  isFloatValue(key: unknown): boolean {
    if (this.floats === undefined) return false;
    this.floats = prepared(this.floats);
    return isMember(this.floats, placeKey(key));
  }

  /** Whether the whole number that is this key is a float. */
  isFloatKey(key: number): boolean {
    if (this.floatKeys === undefined) return false;
    this.floatKeys = prepared(this.floatKeys);
    return isMember(this.floatKeys, placeKey(key));
  }

  /**
   * The kinds of what stood under this key, at this index or in this part. Undefined too where they are not needed, because what
   * stands there now was in the pickle itself.
   */
  child(key: unknown, now: unknown): ContainerKinds | undefined {
    if (typeof now !== 'object' || now === null || this.places?.isNext(now) === true) return;
    this.places?.link();
    return this.children === undefined ? undefined : this.children.get(placeKey(key));
  }

  /** Says that what stands under a key is a float. */
  noteFloat(key: unknown): void {
    const place = placeKey(key);
    if (this.floats !== undefined && isMember(this.floats, place)) return;
    this.floats = [...(this.floats ?? []), place];
  }

  /** The same of the container itself, without what is inside it. */
  copy(): ContainerKinds {
    const copy = new ContainerKinds();
    copy.allFloats = this.allFloats;
    copy.floats = this.floats;
    copy.floatKeys = this.floatKeys;
    copy.ints = this.ints;
    copy.positions = this.positions;
    copy.python2 = this.python2;
    return copy;
  }

  /** Says of the key `to` what is known of `from`, whose place it takes. */
  moveKey(from: unknown, to: unknown): void {
    const [old, place] = [placeKey(from), placeKey(to)];
    const moved = (members: Members | undefined): Members | undefined =>
      members && Array.from(members, (member) => (member === old ? place : member));
    this.floats = moved(this.floats);
    for (const kinds of [this.children, this.keyChildren]) {
      const child = kinds?.get(old);
      if (child !== undefined) kinds?.set(place, child);
    }
  }

  /** The kinds of the tuple, frozenset or object that is this key. */
  keyChild(key: unknown): ContainerKinds | undefined {
    if (typeof key !== 'object' || key === null || this.places?.isNext(key) === true) return;
    this.places?.link();
    return this.keyChildren === undefined ? undefined : this.keyChildren.get(placeKey(key));
  }
}

/** Kinds of values wherever they stand in the containers that have no kinds of their own. */
export class ItemKinds extends ContainerKinds {
  override child(): ContainerKinds {
    return this;
  }
}

type Members = readonly unknown[] | ReadonlySet<unknown>;

function prepared(members: Members): Members {
  return Array.isArray(members) && members.length > 16 ? new Set(members) : members;
}

function isMember(members: Members, value: unknown): boolean {
  return members instanceof Set
    ? members.has(value)
    : (members as readonly unknown[]).includes(value);
}

// The kinds of containers that hold no other container, and of numbers floats only or no floats.
export const NO_FLOATS: ContainerKinds = new ContainerKinds();
export const ALL_FLOATS: ContainerKinds = new ContainerKinds();
ALL_FLOATS.allFloats = true;

/** Whether a value is one that kinds are kept for. */
export function isContainer(value: unknown): value is object {
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

// A key too long to be compared (pathKey's limits) has its place by identity.
export function placeKey(key: unknown): unknown {
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

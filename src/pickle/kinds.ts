// Which whole numbers of a decoded pickle were floats. JavaScript has one type of number, so 3.0 decodes to 3; that it was a
// float is kept here, beside the values and never on them, and decides how numbers in their places are written again.

import { PyDict } from './dict.ts';
import { pathKey } from './key.ts';
import type { Python2Kinds } from './python2-kinds.ts';
import { PLAIN, type ScalarKind } from './scalar-kinds.ts';
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

/** In a list of found containers: how many entries each has, and the offsets of those after the container itself. */
export const ENTRY = 4;
export const KINDS = 1;
const PARENT = 2;
const KEY = 3;
/** How many containers `of` looks ahead for one that is asked for out of turn. */
const AHEAD = 16;

/** How Python 2 wrote a pickle: what its values do not tell, and does not matter to those who read it. */
export interface Python2Writer {
  readonly protocol: 1 | 2 | 3;
  /**
   * Very old picklers gave each value a place in the memo, and numbered from 0. Later ones gave it only to those that
   * something else holds, too, and number from 1.
   */
  readonly putsAll: boolean;
  /** The encoding of `str` that was decoded to text beyond ASCII. */
  readonly strings: 'latin1' | 'utf8' | undefined;
}

/** Where floats stood in one pickle. Hand it back to the encoder with the changed value. */
export class Kinds {
  /** How Python 2 wrote the pickle; undefined: Python 3 did. */
  python2: Python2Writer | undefined;
  /** The kind of the outermost value, if it is a scalar. */
  scalar: ScalarKind = PLAIN;
  // The containers in the order in which they are written, since the encoder mostly asks in that order: each with its kinds (made when asked for, where
  // it holds no number), the index of its parent (inverted if it is a key there), and its key or index there.
  #found: unknown[];
  #next = 0;
  #root: ContainerKinds | undefined;
  #linked = false;
  #items: ContainerKinds | undefined;
  #byIdentity: WeakMap<object, ContainerKinds> | undefined;

  constructor(found: unknown[]) {
    this.#found = found;
  }

  /** The kinds of the pickle's outermost value. */
  get root(): ContainerKinds {
    this.#root ??= this.#found.length === 0 ? NO_FLOATS : this.#at(0);
    return this.#root;
  }

  /** The kinds of a container that was in the pickle itself, wherever it stands now. */
  of(container: object): ContainerKinds | undefined {
    const at = this.#ahead(container);
    if (at < 0) return this.#identities().get(container);
    this.#next = at + ENTRY;
    return this.#at(at);
  }

  /** Whether `of` has the kinds of a container at hand, as it has while nothing has changed. */
  isNext(container: object): boolean {
    return this.#ahead(container) >= 0;
  }

  #ahead(container: object): number {
    const found = this.#found;
    const limit = Math.min(found.length, this.#next + AHEAD * ENTRY);
    for (let at = this.#next; at < limit; at += ENTRY) if (found[at] === container) return at;
    return found.length > 0 && found[0] === container ? 0 : -1;
  }

  /** The same without the places: for a value whose outer containers are made anew around those that were read. */
  withoutPlaces(): Kinds {
    const kinds = new Kinds([]);
    kinds.python2 = this.python2;
    kinds.scalar = this.scalar;
    kinds.#root = this.#ofItems();
    kinds.#byIdentity = this.#identities();
    return kinds;
  }

  // Of Python 2's strings the outer tuples are to know the kinds by value: it matters for keys, and these move.
  #ofItems(): ContainerKinds | undefined {
    if (this.python2 === undefined || this.#items !== undefined) return this.#items;
    for (let at = 0; at < this.#found.length && Array.isArray(this.#found[at]); at += ENTRY) {
      const { python2 } = this.#at(at);
      if (python2 === undefined) continue;
      this.#items = new ItemKinds();
      this.#items.python2 = python2;
      break;
    }
    return this.#items;
  }

  /** Gives a container the kinds of the one whose place it takes, unless it has kinds of its own. */
  inherit(container: object, from: object): void {
    this.#set(container, this.#identities().get(from));
  }

  /** Gives a container the kinds that it has in another pickle. */
  adopt(container: object, other: Kinds): void {
    this.#set(container, other.#identities().get(container));
  }

  /** Gives the kinds of containers to what was put in their places. */
  replace(made: ReadonlyMap<object, object>): void {
    const found = this.#found;
    for (let at = 0; at < found.length; at += ENTRY) {
      found[at] = made.get(found[at] as object) ?? found[at];
      const key = found[at + KEY];
      if (typeof key === 'object') found[at + KEY] = made.get(key as object) ?? key;
    }
    for (const [from, container] of made) {
      const kinds = this.#byIdentity?.get(from);
      if (kinds !== undefined) this.#byIdentity?.set(container, kinds);
    }
  }

  /** Says of a key of a dict what is known of the one whose place it takes. */
  moveKey(dict: object, from: unknown, to: unknown): void {
    this.#identities().get(dict)?.moveKey(from, to);
  }

  /** Adds a container in the place of its parent that `add` returned (inverted, if it is a key there). */
  add(container: object, kinds: ContainerKinds, parent: number, key: unknown): number {
    return this.#found.push(container, kinds, parent, key) - ENTRY;
  }

  /** Kinds for `add`. */
  blank(): ContainerKinds {
    return new ContainerKinds(this);
  }

  /** Adds what is known of Python 2's scalars in the containers. */
  addPython2(settled: ReadonlyMap<object, Python2Kinds | undefined>): void {
    const found = this.#found;
    const left = new Map(settled);
    const made = new Map<object, ContainerKinds>();
    for (let at = 0; at < found.length; at += ENTRY) {
      const container = found[at] as object;
      const python2 = settled.get(container);
      left.delete(container);
      if (python2 === undefined) continue;
      let kinds = made.get(container) ?? this.#at(at);
      if (kinds === NO_FLOATS || kinds === ALL_FLOATS) {
        const { allFloats } = kinds;
        kinds = new ContainerKinds(this);
        kinds.allFloats = allFloats;
      }
      kinds.python2 = python2;
      made.set(container, kinds);
      found[at + KINDS] = kinds;
    }
    // those that stand in no container, but in a value of a known type
    for (const [container, python2] of left) {
      if (python2 === undefined) continue;
      const kinds = new ContainerKinds(this);
      kinds.python2 = python2;
      found.push(container, kinds, 0, container);
    }
  }

  /** Makes the kinds of containers known to those of the containers that they stood in. */
  link(): void {
    if (this.#linked) return;
    this.#linked = true;
    const found = this.#found;
    for (let at = ENTRY; at < found.length; at += ENTRY) {
      const kinds = this.#at(at);
      if (kinds === NO_FLOATS) continue;
      const place = found[at + PARENT] as number;
      const parent = this.#at(place < 0 ? ~place : place);
      const key = placeKey(found[at + KEY]);
      if (place < 0) {
        parent.keyChildren ??= new Map();
        parent.keyChildren.set(key, kinds);
      } else {
        parent.children ??= new Map();
        parent.children.set(key, kinds);
      }
    }
  }

  #at(at: number): ContainerKinds {
    const found = this.#found;
    let kinds = found[at + KINDS] as ContainerKinds | undefined;
    if (kinds === undefined) {
      kinds = new ContainerKinds(this);
      found[at + KINDS] = kinds;
    } else if (kinds !== NO_FLOATS && kinds !== ALL_FLOATS) kinds.places ??= this;
    return kinds;
  }

  /** All kinds by container: what was found is no longer kept alive by it. */
  #identities(): WeakMap<object, ContainerKinds> {
    if (this.#byIdentity !== undefined) return this.#byIdentity;
    const map = new WeakMap<object, ContainerKinds>();
    const found = this.#found;
    this.root;
    this.#ofItems();
    this.link();
    for (let at = 0; at < found.length; at += ENTRY) {
      if (!map.has(found[at] as object)) map.set(found[at] as object, this.#at(at));
    }
    this.#byIdentity = map;
    this.#found = [];
    this.#next = 0;
    return map;
  }

  #set(container: object, kinds: ContainerKinds | undefined): void {
    const identities = this.#identities();
    if (kinds !== undefined && !identities.has(container)) identities.set(container, kinds);
  }
}

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

// Which whole numbers of a decoded pickle were floats. JavaScript has one type of number, so 3.0 decodes to 3; that it was a
// float is kept here, beside the values and never on them, and decides how numbers in their places are written again.

import { ALL_FLOATS, ContainerKinds, ItemKinds, NO_FLOATS, placeKey } from './container-kinds.ts';
import type { Python2Kinds } from './python2-kinds.ts';
import { PLAIN, type ScalarKind } from './scalar-kinds.ts';

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
    for (let at = 0; at < this.#found.length; at += ENTRY) {
      const container = this.#found[at];
      if (!Array.isArray(container)) break;
      if (!container.some(isScalar)) continue;
      const { python2 } = this.#at(at);
      if (python2 === undefined) break;
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

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value instanceof Uint8Array;
}

// Conflict resolution: three states of one bucket or set become one, where two transactions changed different keys of it.
// The rules, and the numbers of the reasons, are those of Python's BTrees: docs/btrees.md lists them.

import { PyTuple, tuple } from '../pickle/index.ts';
import type { PersistentClass } from '../zodb/persistent.ts';
import { damaged, readItems, writeItems } from './bucket.ts';
import { BTreesConflictError, KeyOrderError } from './errors.ts';
import type { Node } from './node.ts';

const START = [-1, -1, -1] as const;

/** Merges three states of a tree, each of which must be empty or hold its only bucket within itself. */
export function mergeTrees(
  tree: Node,
  old: unknown,
  committed: unknown,
  changed: unknown,
): PyTuple {
  const leaf = new (tree._p_leafClass as PersistentClass<Node>)();
  const states = [old, committed, changed].map((state) => embedded(tree, state));
  const [o, c, n] = states as [unknown, unknown, unknown];
  return tuple(tuple(mergeLeaves(leaf, o, c, n)));
}

function embedded(tree: Node, state: unknown): unknown {
  if (state === null) return tuple(tuple());
  if (!(state instanceof PyTuple)) throw damaged(tree, 'the state of a tree is no tuple');
  if (state.length !== 1) throw new BTreesConflictError(START, 11);
  const [child] = state;
  if (child instanceof PyTuple && child.length === 1) return child[0];
  throw damaged(tree, 'a tree without first bucket holds one bucket');
}

/** Merges three states of a bucket or set. @throws BTreesConflictError, KeyOrderError, CorruptedDataError */
export function mergeLeaves(
  leaf: Node,
  old: unknown,
  committed: unknown,
  changed: unknown,
): PyTuple {
  const [o, c, n] = [old, committed, changed].map((state) => new Side(leaf, state)) as [
    Side,
    Side,
    Side,
  ];
  if (c.next !== o.next || n.next !== o.next) throw new BTreesConflictError(START, 0);
  if (c.isEmpty || n.isEmpty) throw new BTreesConflictError(START, 12);
  for (const side of [o, c, n]) side.advance();
  const merge = new Merge(leaf, o, c, n);
  merge.allThree();
  merge.inserted();
  merge.committedOnly();
  merge.oursOnly();
  const items = merge.rest();
  return o.next === undefined ? tuple(items) : tuple<unknown>(items, o.next);
}

/** One of the three states, walked from its first item to its last. */
class Side {
  readonly next: unknown;
  readonly #keys: readonly unknown[];
  readonly #values: readonly unknown[] | undefined;
  #at = -1;

  constructor(leaf: Node, state: unknown) {
    const [items, next] = state instanceof PyTuple ? (state as unknown[]) : [];
    if (!(items instanceof PyTuple)) throw damaged(leaf, 'the state of a bucket is no tuple');
    const { keys, values } = readItems(leaf, items);
    this.next = next;
    this.#keys = keys;
    this.#values = values;
  }

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  get hasItem(): boolean {
    return this.#at < this.#keys.length;
  }

  /** How many items have been looked at; -1 at the end. */
  get position(): number {
    return this.hasItem ? this.#at + 1 : -1;
  }

  get key(): unknown {
    return this.#keys[this.#at];
  }

  get value(): unknown {
    return this.#values?.[this.#at];
  }

  advance(): void {
    this.#at++;
  }
}

class Merge {
  readonly #leaf: Node;
  readonly #old: Side;
  readonly #committed: Side;
  readonly #ours: Side;
  readonly #keys: unknown[] = [];
  readonly #values: unknown[] = [];

  constructor(leaf: Node, old: Side, committed: Side, ours: Side) {
    this.#leaf = leaf;
    this.#old = old;
    this.#committed = committed;
    this.#ours = ours;
  }

  /** As long as all three have items. */
  allThree(): void {
    const [o, c, n] = [this.#old, this.#committed, this.#ours];
    while (o.hasItem && c.hasItem && n.hasItem) {
      const oc = this.#order(o, c);
      const on = this.#order(o, n);
      if (oc === 0 && on === 0) this.#unmoved();
      else if (oc === 0) {
        if (on > 0) this.#take(n);
        else this.#deleted(c, n, 2);
      } else if (on === 0) {
        if (oc > 0) this.#take(c);
        else this.#deleted(n, c, 3);
      } else {
        const cn = this.#order(c, n);
        if (cn === 0) this.#fail(4);
        else if (oc > 0) this.#take(cn < 0 ? c : n);
        else if (on > 0) this.#take(n);
        else this.#fail(5);
      }
    }
  }

  /** Both have items beyond the last old one: they were inserted. */
  inserted(): void {
    const [c, n] = [this.#committed, this.#ours];
    while (c.hasItem && n.hasItem) {
      const order = this.#order(c, n);
      if (order === 0) this.#fail(6);
      this.#take(order < 0 ? c : n);
    }
  }

  /** Ours has ended: what is left of the old items it deleted. */
  committedOnly(): void {
    this.#against(this.#committed, 7);
  }

  oursOnly(): void {
    this.#against(this.#ours, 8);
  }

  #against(side: Side, reason: number): void {
    const o = this.#old;
    while (o.hasItem && side.hasItem) {
      const order = this.#order(o, side);
      if (order > 0) this.#take(side);
      else if (order === 0 && this.#sameValue(o, side)) {
        o.advance();
        side.advance();
      } else this.#fail(reason);
    }
  }

  rest(): PyTuple {
    if (this.#old.hasItem) this.#fail(9);
    for (const side of [this.#committed, this.#ours]) while (side.hasItem) this.#take(side);
    if (this.#keys.length === 0) this.#fail(10);
    return writeItems(this.#leaf, this.#keys, this.#leaf._p_hasValues ? this.#values : undefined);
  }

  /** The key is in all three. */
  #unmoved(): void {
    const [o, c, n] = [this.#old, this.#committed, this.#ours];
    const oursCounts = this.#sameValue(o, c);
    if (!oursCounts && !this.#sameValue(o, n)) this.#fail(1);
    this.#take(oursCounts ? n : c);
    o.advance();
    (oursCounts ? c : n).advance();
  }

  /** `kept` still has the old key, `other` deleted it. */
  #deleted(kept: Side, other: Side, reason: number): void {
    if (!this.#sameValue(this.#old, kept)) this.#fail(reason);
    // The first key of a bucket may be the key before it in its tree, which nothing here can change.
    if (other.position === 1) this.#fail(13);
    this.#old.advance();
    kept.advance();
  }

  #take(side: Side): void {
    this.#keys.push(side.key);
    this.#values.push(side.value);
    side.advance();
  }

  #order(a: Side, b: Side): number {
    return this.#leaf._p_family.key.compare(a.key, b.key);
  }

  #sameValue(a: Side, b: Side): boolean {
    const { _p_hasValues: hasValues, _p_family: family } = this.#leaf;
    // References to one object are one value here, and have no order.
    if (!hasValues || a.value === b.value) return true;
    try {
      return family.value.compare(a.value, b.value) === 0;
    } catch (error) {
      // Values without an order, such as dicts, count as changed, as in Python: at worst that is one conflict more.
      if (error instanceof KeyOrderError) return false;
      throw error;
    }
  }

  #fail(reason: number): never {
    const sides = [this.#old, this.#committed, this.#ours] as const;
    const [o, c, n] = reason === 10 ? START : sides.map(({ position }) => position);
    throw new BTreesConflictError([o as number, c as number, n as number], reason);
  }
}

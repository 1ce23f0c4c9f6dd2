// Seeded sequences of operations on a tree, and their application here; apply.py applies them in Python.

import * as btrees from '../../../src/btrees/index.ts';
import { KEYS, KINDS, keyAt, valueAt } from '../../btrees/samples.ts';

/** Name, number of the key, number of the value. */
export type Operation = readonly [name: string, key: number, value: number];

export interface Program {
  readonly family: string;
  readonly type: 'BTree' | 'TreeSet';
  /** Which keys, in O families. */
  readonly kind: number;
  /** The most entries of a leaf and children of a node; null for the family's own. */
  readonly sizes: readonly [leaf: number, internal: number] | null;
  readonly operations: readonly Operation[];
}

/** Numbers 0 to below `limit`, always the same ones for a seed. */
export function seeded(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** Phases of growing, shrinking and mixed changes, at random keys or along runs, among `keys` keys. */
export function operations(
  random: (limit: number) => number,
  count: number,
  keys: number,
): Operation[] {
  const made: Operation[] = [];
  const stride = Math.floor(KEYS / keys);
  while (made.length < count) {
    const [sets, deletes] = [
      [8, 1],
      [1, 8],
      [4, 4],
      [1, 0],
      [0, 1],
    ][random(5)] as [number, number];
    const run = random(3) === 0;
    const backwards = random(2) === 0;
    const length = 1 + random(Math.ceil(count / 4));
    const from = random(keys);
    for (let i = 0; i < length && made.length < count; i++) {
      const place = run ? (from + (backwards ? keys * count - i : i)) % keys : random(keys);
      const name = random(sets + deletes) >= sets ? 'delete' : random(4) === 0 ? 'insert' : 'set';
      made.push([name, place * stride, random(10)]);
    }
    if (random(40) === 0) made.push(['clear', 0, 0]);
  }
  return made;
}

/** The kinds of keys a family can have. */
export function kindsOf(family: string): number[] {
  return family.startsWith('O') ? Array.from({ length: KINDS }, (_, kind) => kind) : [0];
}

export function classFor({ family, type, sizes }: Program): new () => btrees.Collection<any, any> {
  const cls = (btrees as unknown as Record<string, any>)[`${family}${type}`];
  if (sizes === null) return cls;
  const made = class extends cls {};
  for (const [name, value] of Object.entries({
    name: cls.name,
    maxLeafSize: sizes[0],
    maxInternalSize: sizes[1],
    _p_direct: true,
  })) {
    Object.defineProperty(made, name, { value });
  }
  return made as never;
}

export function apply(
  tree: btrees.Collection<any, any>,
  program: Program,
  operation: Operation,
): void {
  const family = btrees.FAMILIES.get(program.family) as btrees.Family;
  const [name, keyNumber, valueNumber] = operation;
  const key = keyAt(family, keyNumber, program.kind);
  if (name === 'clear') tree.clear();
  else if (name === 'delete') tree.delete(key);
  else if (tree instanceof btrees.SortedSet) tree.insert(key);
  else {
    const mapping = tree as btrees.BTree<any, any>;
    const value = valueAt(family, valueNumber);
    if (name === 'set') mapping.set(key, value);
    else mapping.insert(key, value);
  }
}

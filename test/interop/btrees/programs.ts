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

/** What is done with many keys at once; mappings have only `update`. */
const BULK = ['ior', 'iand', 'isub', 'ixor'] as const;

function operationName(random: (limit: number) => number, sets: number, deletes: number): string {
  const rare = random(8) === 0;
  if (random(sets + deletes) < sets)
    return rare ? 'setdefault' : random(4) === 0 ? 'insert' : 'set';
  return rare ? ['pop', 'popitem'][random(2)]! : 'delete';
}

/** The keys of an operation on many: 20 from `first` on, or for `iand` two thirds of all. */
function manyKeys(name: string, first: number, variant: number): number[] {
  if (name !== 'iand')
    return Array.from({ length: 20 }, (_, i) => (first + i * (7 + variant)) % KEYS);
  return Array.from({ length: KEYS }, (_, n) => n).filter(
    (n) => Math.floor(n / 7) % 3 !== variant % 3,
  );
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
      made.push([operationName(random, sets, deletes), place * stride, random(10)]);
    }
    if (random(40) === 0) made.push(['clear', 0, 0]);
    if (random(3) === 0) made.push(['update', random(keys) * stride, random(10)]);
    if (random(6) === 0) made.push([BULK[random(BULK.length)]!, random(keys) * stride, random(10)]);
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
  else {
    const many = (): unknown[] =>
      manyKeys(name, keyNumber, valueNumber).map((n) => keyAt(family, n, program.kind));
    if (tree instanceof btrees.SortedSet) applyToSet(tree, name, key, many);
    else applyToMapping(tree as never, name, key, valueAt(family, valueNumber), many);
  }
}

function applyToSet(
  set: btrees.SortedSet<any>,
  name: string,
  key: unknown,
  many: () => unknown[],
): void {
  if (name === 'pop' || name === 'popitem') set.pop();
  else if (name === 'update' || name === 'ior') set.update(many());
  else if (name === 'iand') set.intersectionUpdate(many());
  else if (name === 'isub') set.differenceUpdate(many());
  else if (name === 'ixor') set.symmetricDifferenceUpdate(many());
  else set.insert(key);
}

function applyToMapping(
  mapping: btrees.SortedMapping<any, any>,
  name: string,
  key: unknown,
  value: unknown,
  many: () => unknown[],
): void {
  if (name === 'set') mapping.set(key, value);
  else if (name === 'insert') mapping.insert(key, value);
  else if (name === 'setdefault') mapping.setDefault(key, value);
  else if (name === 'pop') mapping.pop(key);
  else if (name === 'popitem') mapping.popItem();
  else if (name === 'update') mapping.update(many().map((each) => [each, value]));
}

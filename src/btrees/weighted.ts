// Weighted union and intersection: scores of keys added up, as text indexes do. Families with number values have them.

import { ArgumentError } from '../zodb/errors.ts';
import type { Collection } from './collection.ts';
import { held } from './datatypes.ts';
import type { Bucket, SortedMapping } from './mapping.ts';
import type { Node } from './node.ts';
import { familyOf, isMapping, join, makeBucket, makeSet, walk } from './set-operations.ts';
import type { KeySet, SortedSet } from './sets.ts';

type Weight = number | bigint;
type Nothing = null | undefined;
/** The signatures of both functions. */
interface Weighting {
  <K, V, KIn, VIn>(
    a: SortedMapping<K, V, KIn, VIn>,
    b: Collection<K, KIn>,
    weightA?: Weight,
    weightB?: Weight,
  ): [weight: V, result: Bucket<K, V, KIn, VIn>];
  <K, V, KIn, VIn>(
    a: Collection<K, KIn>,
    b: SortedMapping<K, V, KIn, VIn>,
    weightA?: Weight,
    weightB?: Weight,
  ): [weight: V, result: Bucket<K, V, KIn, VIn>];
  <K, KIn>(
    a: SortedSet<K, KIn>,
    b: SortedSet<K, KIn>,
    weightA?: Weight,
    weightB?: Weight,
  ): [weight: Weight, result: KeySet<K, KIn>];
  <T>(a: T, b: Nothing, weightA?: Weight, weightB?: Weight): [weight: Weight, result: T];
  <T>(a: Nothing, b: T, weightA?: Weight, weightB?: Weight): [weight: Weight, result: T];
}

/**
 * The keys of both: a Bucket of value * weight, added up where a key is in both, and weight 1; every value of a set counts as
 * 1. Of two sets: a Set, and weight 1. Where one argument is null: the weight of the other one, and that itself.
 * Integers wrap around as those of their type do.
 * @throws ArgumentError
 */
export const weightedUnion: Weighting = (a: any, b: any, weightA?: Weight, weightB?: Weight): any =>
  weigh(a, b, weightA, weightB, false);

/**
 * The keys that are in both: a Bucket of the sums of value * weight, and weight 1; every value of a set counts as 1. Of two
 * sets: a Set, and the sum of the weights. Where one argument is null: the weight of the other one, and that itself.
 * Integers wrap around as those of their type do.
 * @throws ArgumentError
 */
export const weightedIntersection: Weighting = (
  a: any,
  b: any,
  weightA?: Weight,
  weightB?: Weight,
): any => weigh(a, b, weightA, weightB, true);

function weigh<T extends Node>(
  a: T | Nothing,
  b: T | Nothing,
  weightA: Weight = 1,
  weightB: Weight = 1,
  onlyCommon: boolean,
): [Weight, unknown] {
  if (!a || !b) return alone(a, b, weightA, weightB);
  familyOf(a, b);
  const { name, value: type } = a._p_family;
  const { weighted } = type;
  if (weighted === undefined) throw new ArgumentError(`the values of ${name} have no weights`);
  const [wA, wB] = [held(type, weightA), held(type, weightB)];
  const [left, right] = [walk(a, a), walk(a, b)];
  const valueA = (): unknown => (isMapping(a) ? left.value : 1);
  const valueB = (): unknown => (isMapping(b) ? right.value : 1);
  const keys: unknown[] = [];
  const values: unknown[] = [];
  const add = (key: unknown, x: unknown, y: unknown): void => {
    keys.push(key);
    values.push(weighted(x, wA, y, wB));
  };
  join(a, left, right, {
    both: () => add(left.key, valueA(), valueB()),
    ...(!onlyCommon && {
      left: () => add(left.key, valueA(), 0),
      right: () => add(right.key, 0, valueB()),
    }),
  });
  const hasValues = isMapping(a) || isMapping(b);
  const weight = hasValues || !onlyCommon ? type.hold(1) : weighted(1, wA, 1, wB);
  const result = hasValues ? makeBucket(a, keys, values) : makeSet(a, keys);
  return [type.show(weight) as Weight, result];
}

function alone<T>(
  a: T | Nothing,
  b: T | Nothing,
  weightA: Weight,
  weightB: Weight,
): [Weight, T | null] {
  if (a) return [weightA, a];
  return b ? [weightB, b] : [0, null];
}

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
export const weightedUnion: Weighting = (
  a: any,
  b: any,
  weightA: Weight = 1,
  weightB: Weight = 1,
): any => {
  if (!a || !b) return alone(a, b, weightA, weightB);
  const both = prepare(a, b, weightA, weightB);
  const { left, right, keys, values, sum } = both;
  join(a, left, right, {
    left: () => {
      keys.push(left.key);
      values.push(sum(both.valueOf(a, left), 0));
    },
    both: () => {
      keys.push(left.key);
      values.push(sum(both.valueOf(a, left), both.valueOf(b, right)));
    },
    right: () => {
      keys.push(right.key);
      values.push(sum(0, both.valueOf(b, right)));
    },
  });
  return [both.one, both.result()];
};

/**
 * The keys that are in both: a Bucket of the sums of value * weight, and weight 1; every value of a set counts as 1. Of two
 * sets: a Set, and the sum of the weights. Where one argument is null: the weight of the other one, and that itself.
 * Integers wrap around as those of their type do.
 * @throws ArgumentError
 */
export const weightedIntersection: Weighting = (
  a: any,
  b: any,
  weightA: Weight = 1,
  weightB: Weight = 1,
): any => {
  if (!a || !b) return alone(a, b, weightA, weightB);
  const both = prepare(a, b, weightA, weightB);
  const { left, right, keys, values, sum } = both;
  join(a, left, right, {
    both: () => {
      keys.push(left.key);
      values.push(sum(both.valueOf(a, left), both.valueOf(b, right)));
    },
  });
  const weight = isMapping(a) || isMapping(b) ? both.one : both.show(sum(1, 1));
  return [weight, both.result()];
};

function alone<T>(a: T, b: T, weightA: Weight, weightB: Weight): [Weight, T | null] {
  if (a) return [weightA, a];
  return b ? [weightB, b] : [0, null];
}

function prepare(a: Node, b: Node, weightA: Weight, weightB: Weight) {
  familyOf(a, b);
  const { name, value: type } = a._p_family;
  const { weighted } = type;
  if (weighted === undefined) throw new ArgumentError(`the values of ${name} have no weights`);
  const wA = held(type, weightA);
  const wB = held(type, weightB);
  const keys: unknown[] = [];
  const values: unknown[] = [];
  return {
    left: walk(a, a),
    right: walk(a, b),
    keys,
    values,
    one: type.show(type.hold(1)),
    show: (value: unknown) => type.show(value),
    sum: (valueA: unknown, valueB: unknown) => weighted(valueA, wA, valueB, wB),
    valueOf: (node: Node, at: { readonly value: unknown }) => (isMapping(node) ? at.value : 1),
    result: () => (isMapping(a) || isMapping(b) ? makeBucket(a, keys, values) : makeSet(a, keys)),
  };
}

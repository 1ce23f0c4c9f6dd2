// Union, intersection, difference and the weighted ones, in all families that have them.
import { expect } from 'chai';
import * as btrees from '../../../src/btrees/index.ts';
import { each, FAMILIES, isMapping, type Kind, key, keys, make, shown, shuffled } from './kinds.ts';

const { difference, intersection, union, weightedIntersection, weightedUnion } = btrees as any;

const A = [1, 3, 5, 6];
const B = [2, 3, 4, 6, 7];
const ARGUMENTS = [
  [A, B],
  [B, A],
  [A, A],
] as const;

/** Runs a check for every pair of classes of every family. */
function pairs(check: (a: Kind, b: Kind) => void): void {
  for (const kinds of FAMILIES) for (const a of kinds) each(kinds, (b) => check(a, b));
}

function isSet(result: unknown, kind: Kind): boolean {
  return (result as object).constructor.name === `${kind.family.name}Set`;
}

/** Keys of a kind as other iterables than its collections, none of them in order. */
function iterables(kind: Kind, numbers: readonly number[]): Iterable<unknown>[] {
  const reverse = numbers.toReversed().map((n) => key(kind, n));
  return [reverse, new Set(reverse), reverse.values()];
}

const union2 = (a: readonly number[], b: readonly number[]): number[] =>
  [...new Set([...a, ...b])].sort((x, y) => x - y);
const intersection2 = (a: readonly number[], b: readonly number[]): number[] =>
  a.filter((n) => b.includes(n));
const difference2 = (a: readonly number[], b: readonly number[]): number[] =>
  a.filter((n) => !b.includes(n));

describe('operations on sets and mappings of all families', () => {
  it('null in place of an argument gives the other, or for difference the first', () => {
    for (const operation of [union, intersection, difference]) {
      expect(operation(null, null)).to.equal(null);
      for (const kinds of FAMILIES) {
        each(kinds, (kind) => {
          const made = make(kind, A);
          expect(operation(made, null)).to.equal(made);
          expect(operation(null, made)).to.equal(operation === difference ? null : made);
        });
      }
    }
  });

  it('the union with an empty one is a Set of all keys', () => {
    pairs((a, b) => {
      for (const result of [union(make(a, A), make(b)), union(make(b), make(a, A))]) {
        expect(isSet(result, a)).to.equal(true);
        expect([...result]).to.deep.equal(keys(a, A));
      }
    });
  });

  it('the intersection with an empty one is an empty Set', () => {
    pairs((a, b) => {
      for (const result of [intersection(make(a, A), make(b)), intersection(make(b), make(a, A))]) {
        expect(isSet(result, a)).to.equal(true);
        expect([...result]).to.deep.equal([]);
      }
    });
  });

  it('the difference from an empty one is all, of a mapping with its values', () => {
    pairs((a, b) => {
      const all = difference(make(a, A), make(b));
      expect(isSet(all, a)).to.equal(!isMapping(a));
      expect([...all]).to.deep.equal(shown(a, A));
      const none = difference(make(b), make(a, A));
      expect(isSet(none, b)).to.equal(!isMapping(b));
      expect([...none]).to.deep.equal([]);
    });
  });

  it('the union has the keys of both', () => {
    pairs((a, b) => {
      for (const [x, y] of ARGUMENTS) {
        const expected = keys(a, union2(x, y));
        expect([...union(make(a, x), make(b, y))]).to.deep.equal(expected);
        expect([...make(a, x).union(make(b, y))]).to.deep.equal(expected);
        for (const others of iterables(b, y))
          expect([...union(make(a, x), others)]).to.deep.equal(expected);
        for (const others of iterables(a, x))
          expect([...union(others, make(b, y))]).to.deep.equal(expected);
      }
    });
  });

  it('the intersection has the common keys', () => {
    pairs((a, b) => {
      for (const [x, y] of ARGUMENTS) {
        const expected = keys(a, intersection2(x, y));
        expect([...intersection(make(a, x), make(b, y))]).to.deep.equal(expected);
        expect([...make(a, x).intersection(make(b, y))]).to.deep.equal(expected);
        for (const others of iterables(b, y)) {
          expect([...intersection(make(a, x), others)]).to.deep.equal(expected);
        }
      }
    });
  });

  it('the difference has the keys of the first alone, of a mapping with their values', () => {
    pairs((a, b) => {
      for (const [x, y] of ARGUMENTS) {
        const expected = shown(a, difference2(x, y));
        expect([...difference(make(a, x), make(b, y))]).to.deep.equal(expected);
        expect([...make(a, x).difference(make(b, y))]).to.deep.equal(expected);
        for (const others of iterables(b, y)) {
          expect([...difference(make(a, x), others)]).to.deep.equal(expected);
        }
      }
    });
  });

  it('large arguments of several leaves have the same results', () => {
    pairs((a, b) => {
      const [x, y] = [
        shuffled(400).filter((n) => n % 3 > 0),
        shuffled(700).filter((n) => n % 5 > 1),
      ];
      const [sortedX, sortedY] = [x.toSorted((m, n) => m - n), y.toSorted((m, n) => m - n)];
      const [left, right] = [make(a, x), make(b, y)];
      expect([...union(left, right)]).to.deep.equal(keys(a, union2(x, y)));
      expect([...intersection(left, right)]).to.deep.equal(
        keys(a, intersection2(sortedX, sortedY)),
      );
      expect([...difference(left, right)]).to.deep.equal(shown(a, difference2(sortedX, sortedY)));
    });
  }).timeout(20000);

  it('arguments of no family, of two families, or not iterable are refused', () => {
    const [first, second] = [make(FAMILIES[0]![0]!, A), make(FAMILIES[5]![0]!, A)];
    for (const [a, b] of [
      [first, second],
      [[1], [2]],
      [first, true],
      [first, {}],
    ]) {
      for (const operation of [union, intersection, difference]) {
        expect(() => operation(a, b))
          .to.throw()
          .with.property('code', 'ARGUMENT');
      }
    }
  });
});

describe('weighted operations', () => {
  const WEIGHTED = FAMILIES.filter(([kind]) => /^.[IULQF]$/.test(kind!.family.name));
  const ITEMS = {
    a: [
      [1, 10],
      [3, 30],
      [5, 50],
      [6, 60],
    ],
    b: [
      [2, 21],
      [3, 31],
      [4, 41],
      [6, 61],
      [7, 71],
    ],
  } as const;
  const WEIGHTS = [-3, -1, 0, 1, 7].flatMap((a) => [-3, -1, 0, 1, 7].map((b) => [a, b] as const));

  function filled(kind: Kind, items: readonly (readonly [number, number])[]): any {
    return new kind.class(isMapping(kind) ? items : items.map(([each]) => each));
  }

  /** What both functions come to, by numbers: values of sets are 1. */
  function expected(
    a: Kind,
    b: Kind,
    weights: readonly [number, number],
    common: boolean,
  ): [number, number][] {
    const left = new Map(ITEMS.a.map(([k, v]) => [k as number, isMapping(a) ? v : 1]));
    const right = new Map(ITEMS.b.map(([k, v]) => [k as number, isMapping(b) ? v : 1]));
    return union2([...left.keys()], [...right.keys()])
      .filter((k) => !common || (left.has(k) && right.has(k)))
      .map((k) => [k, (left.get(k) ?? 0) * weights[0] + (right.get(k) ?? 0) * weights[1]]);
  }

  for (const [operation, title] of [
    [weightedUnion, 'weightedUnion exists for values that are numbers, and for no others'],
    [
      weightedIntersection,
      'weightedIntersection exists for values that are numbers, and for no others',
    ],
  ] as const) {
    it(title, () => {
      for (const kinds of FAMILIES) {
        const call = (): unknown => operation(make(kinds[0]!, A), make(kinds[1]!, A));
        if (WEIGHTED.includes(kinds)) call();
        else
          expect(call, kinds[0]!.name)
            .to.throw('have no weights')
            .with.property('code', 'ARGUMENT');
      }
    });
  }

  it('of null and null are weight 0 and null', () => {
    for (const operation of [weightedUnion, weightedIntersection]) {
      expect(operation(null, null)).to.deep.equal([0, null]);
      expect(operation(null, null, 42, 666)).to.deep.equal([0, null]);
    }
  });

  it('of null and one are the weight and the very object of that one', () => {
    for (const kinds of WEIGHTED) {
      each(kinds, (kind) => {
        for (const made of [filled(kind, ITEMS.a), make(kind)]) {
          for (const operation of [weightedUnion, weightedIntersection]) {
            expect(operation(null, made)).to.deep.equal([1, made]);
            expect(operation(null, made, 42, 666)[0]).to.equal(666);
            expect(operation(null, made, 42, 666)[1]).to.equal(made);
          }
        }
      });
    }
  });

  it('of one and null are the weight and the very object of that one', () => {
    for (const kinds of WEIGHTED) {
      each(kinds, (kind) => {
        for (const made of [filled(kind, ITEMS.a), make(kind)]) {
          for (const operation of [weightedUnion, weightedIntersection]) {
            expect(operation(made, null)).to.deep.equal([1, made]);
            expect(operation(made, null, 42, 666)[0]).to.equal(42);
            expect(operation(made, null, 42, 666)[1]).to.equal(made);
          }
        }
      });
    }
  });

  for (const [operation, title, common] of [
    [weightedUnion, 'the weighted union adds up values times weights of all keys', false],
    [
      weightedIntersection,
      'the weighted intersection adds up values times weights of common keys',
      true,
    ],
  ] as const) {
    it(title, () => {
      for (const kinds of WEIGHTED) {
        for (const a of kinds) {
          each(kinds, (b) => {
            const [left, right] = [filled(a, ITEMS.a), filled(b, ITEMS.b)];
            for (const weights of WEIGHTS) {
              if (!a.signedValues && (weights[0] < 0 || weights[1] < 0)) continue;
              const [weight, result] = operation(left, right, ...weights);
              const both = expected(a, b, weights, common);
              if (isMapping(a) || isMapping(b)) {
                expect(Number(weight)).to.equal(1);
                expect(
                  [...result].map(([k, v]: [any, any]) => [Number(k), Number(v)]),
                ).to.deep.equal(both.map(([k, v]) => [k, v + 0]));
              } else {
                expect(isSet(result, a)).to.equal(true);
                expect(Number(weight)).to.equal(common ? weights[0] + weights[1] : 1);
                expect([...result]).to.deep.equal(
                  keys(
                    a,
                    both.map(([k]) => k),
                  ),
                );
              }
            }
            const [, plain] = operation(left, right);
            expect([...plain].length).to.equal(expected(a, b, [1, 1], common).length);
          });
        }
      }
    });
  }
});

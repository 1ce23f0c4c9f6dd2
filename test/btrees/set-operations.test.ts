// What set operations give for special arguments. What they give in general is judged by Python in test/interop/btrees.
import { expect } from 'chai';
import {
  difference,
  IFBTree,
  IFSet,
  IIBTree,
  IISet,
  IITreeSet,
  IOBTree,
  intersection,
  LLBTree,
  multiunion,
  OOBTree,
  OOSet,
  union,
  weightedIntersection,
  weightedUnion,
} from '../../src/btrees/index.ts';

describe('set operations', () => {
  const a = new IITreeSet([1, 2, 3]);

  it('give back the other argument where one is null', () => {
    expect([union(a, null), union(null, a), union(null, null)]).to.deep.equal([a, a, null]);
    expect([intersection(a, null), intersection(null, a)]).to.deep.equal([a, a]);
    expect([difference(a, null), difference(null, a)]).to.deep.equal([a, null]);
    expect(union(a, null)).to.equal(a);
    expect(weightedUnion(a, null, 2, 3)).to.deep.equal([2, a]);
    expect(weightedUnion(null, a, 2, 3)).to.deep.equal([3, a]);
    expect(weightedIntersection(null, null)).to.deep.equal([0, null]);
  });

  it('take anything iterable, and one integer, beside a collection', () => {
    expect([...union(a, [5, 5, 4])]).to.deep.equal([1, 2, 3, 4, 5]);
    expect([...union(new Set([2, 9]), a)]).to.deep.equal([1, 2, 3, 9]);
    expect([...intersection(a, 2)]).to.deep.equal([2]);
    expect([...difference([1, 9, 9], a)]).to.deep.equal([9]);
    expect([...multiunion(IISet, [[3, 1], 7n, a])]).to.deep.equal([1, 2, 3, 7]);
    expect([...multiunion(IISet, [])]).to.deep.equal([]);
  });

  it('keep the values in the difference of a mapping', () => {
    const kept = difference(
      new OOBTree([
        ['a', 1],
        ['b', 2],
      ]),
      new OOSet(['a']),
    );
    expect([...kept]).to.deep.equal([['b', 2]]);
    expect(kept.constructor.name).to.equal('OOBucket');
  });

  it('give a collection of its own, of any length', () => {
    const many = union(new IITreeSet(Array.from({ length: 500 }, (_, n) => n)), [-1]);
    expect(many).to.be.instanceOf(IISet);
    expect(many.size).to.equal(501);
    many.add(1000);
    expect(many.maxKey()).to.equal(1000);
  });

  const refused: [title: string, run: () => unknown, message: string][] = [
    [
      'two families',
      () => union(a, new IFSet([1]) as never),
      'a collection of IF cannot be combined with one of II',
    ],
    ['no family', () => union([1], [2] as never), 'one of the arguments must be a set or mapping'],
    ['keys of another type', () => union(a, ['x'] as never), 'expected an integer of 32 bits'],
    [
      'multiunion of objects',
      () => multiunion(OOSet, [['a']]),
      'multiunion takes integer keys, not those of OOSet',
    ],
    [
      'multiunion of another family',
      () => multiunion(IFSet, [a as never]),
      'a collection of II cannot be combined with one of IF',
    ],
    [
      'weights of objects',
      () => weightedUnion(new IOBTree(), new IOBTree()),
      'the values of IO have no weights',
    ],
    ['weights out of range', () => weightedUnion(a, a, 2 ** 40), 'expected an integer of 32 bits'],
  ];
  for (const [title, run, message] of refused) {
    it(`refuse ${title}`, () => {
      expect(run).to.throw(message).with.property('code', 'ARGUMENT');
    });
  }

  it('wrap around as the integers of their type do', () => {
    const [, sum] = weightedUnion(new IIBTree([[1, 2 ** 31 - 1]]), new IIBTree([[1, 1]]));
    expect([...sum]).to.deep.equal([[1, -(2 ** 31)]]);
    const [weight, long] = weightedUnion(new LLBTree([[1, 2n ** 63n - 1n]]), new LLBTree([[1, 1]]));
    expect([weight, ...long]).to.deep.equal([1n, [1n, -(2n ** 63n)]]);
    const [, float] = weightedUnion(new IFBTree([[1, 0.1]]), new IFBTree([[1, 0.2]]));
    expect([...float]).to.deep.equal([[1, Math.fround(Math.fround(0.1) + Math.fround(0.2))]]);
  });

  it('add the weights up where two sets are intersected', () => {
    expect(weightedIntersection(new IISet([1]), new IISet([1]), 2, 3)[0]).to.equal(5);
    expect(weightedIntersection(new IISet([1]), new IIBTree([[1, 7]]), 2, 3)).to.satisfy(
      ([weight, result]: [number, Iterable<unknown>]) =>
        weight === 1 && String([...result]) === '1,23',
    );
  });
});

describe('byValue', () => {
  it('gives the largest values first, in whole multiples of the smallest wanted', () => {
    const tree = new IIBTree([
      [1, 5],
      [2, 6],
      [3, 7],
      [4, 13],
    ]);
    expect(tree.byValue(6)).to.deep.equal([
      [2, 4],
      [1, 3],
      [1, 2],
    ]);
  });

  it('leaves values as they are where the smallest wanted is not above 0', () => {
    const tree = new LLBTree([
      [1, 5],
      [2, -6],
      [3, 7],
      [4, 7],
    ]);
    expect(tree.byValue(-10)).to.deep.equal([
      [7n, 4n],
      [7n, 3n],
      [5n, 1n],
      [-6n, 2n],
    ]);
  });

  it('divides floats as floats', () => {
    expect(
      new IFBTree([
        [1, 5],
        [2, 6],
        [3, 7],
      ]).byValue(6),
    ).to.deep.equal([
      [7 / 6, 3],
      [1, 2],
    ]);
  });

  it('is refused for values without an order', () => {
    expect(() => new OOBTree().byValue(1)).to.throw('the values of OO have no order');
  });
});

// What keys and values each family takes, how it shows them, and what it says of others.
import { expect } from 'chai';
import * as btrees from '../../src/btrees/index.ts';
import { float } from '../../src/pickle/index.ts';
import { stateOf } from '../../src/zodb/object-state.ts';

const classes = btrees as unknown as Record<string, new () => any>;

/** Whole families share a key or value type: one of them stands for each. */
const taken: [tree: string, what: 'key' | 'value', given: unknown, shown: unknown][] = [
  ['II', 'key', 2 ** 31 - 1, 2 ** 31 - 1],
  ['II', 'key', -(2n ** 31n), -(2 ** 31)],
  ['II', 'key', true, 1],
  ['II', 'key', -0, 0],
  ['II', 'value', 7n, 7],
  ['UU', 'key', 2 ** 32 - 1, 2 ** 32 - 1],
  ['UU', 'value', 0, 0],
  ['LL', 'key', 5, 5n],
  ['LL', 'key', 2n ** 63n - 1n, 2n ** 63n - 1n],
  ['LL', 'value', -(2n ** 63n), -(2n ** 63n)],
  ['LL', 'value', false, 0n],
  ['QQ', 'key', 2n ** 64n - 1n, 2n ** 64n - 1n],
  ['QQ', 'value', 2 ** 53 - 1, 2n ** 53n - 1n],
  ['IF', 'value', 1.1, 1.100000023841858],
  ['IF', 'value', 3, 3],
  ['IF', 'value', 3n, 3],
  ['IF', 'value', true, 1],
  ['IF', 'value', 1e300, Number.POSITIVE_INFINITY],
  ['IF', 'value', Number.NaN, Number.NaN],
  ['IF', 'value', float(0.1), Math.fround(0.1)],
  ['fs', 'key', Uint8Array.of(255, 0), Uint8Array.of(255, 0)],
  ['fs', 'value', Uint8Array.of(255, 255, 255, 255, 255, 255), new Uint8Array(6).fill(255)],
  ['OO', 'key', null, null],
  ['OO', 'key', 2n ** 70n, 2n ** 70n],
  ['OO', 'value', null, null],
  ['OO', 'value', float(3), 3],
];

const refused: [tree: string, what: 'key' | 'value', given: unknown, message: string][] = [
  ['II', 'key', 2 ** 31, 'expected an integer of 32 bits, got 2147483648'],
  ['II', 'key', -(2 ** 31) - 1, 'expected an integer of 32 bits, got -2147483649'],
  ['II', 'key', 1.5, 'expected an integer of 32 bits, got 1.5'],
  ['II', 'key', float(1), 'expected an integer of 32 bits, got 1.0'],
  ['II', 'key', '1', 'expected an integer of 32 bits, got "1"'],
  ['II', 'key', null, 'expected an integer of 32 bits, got None'],
  ['II', 'value', undefined, 'expected an integer of 32 bits, got undefined'],
  ['UU', 'key', -1, 'expected an unsigned integer of 32 bits, got -1'],
  ['UU', 'value', 2n ** 32n, 'expected an unsigned integer of 32 bits, got 4294967296'],
  ['LL', 'key', 2n ** 63n, 'expected an integer of 64 bits, got 9223372036854775808'],
  [
    'LL',
    'key',
    2 ** 60,
    'expected an integer of 64 bits, got the number 1152921504606847000: beyond 2^53 give a bigint',
  ],
  ['QQ', 'value', -1n, 'expected an unsigned integer of 64 bits, got -1'],
  ['QQ', 'value', 2n ** 64n, 'expected an unsigned integer of 64 bits, got 18446744073709551616'],
  ['IF', 'value', null, 'expected a number, got None'],
  ['fs', 'key', Uint8Array.of(1), 'expected 2 bytes, got bytes of length 1'],
  ['fs', 'key', 'ab', 'expected 2 bytes, got "ab"'],
  ['fs', 'value', Uint8Array.of(1, 2), 'expected 6 bytes, got bytes of length 2'],
  ['OO', 'key', undefined, 'expected any object but undefined, got undefined'],
  ['OO', 'value', undefined, 'expected any object but undefined, got undefined'],
];

function good(tree: string, what: 'key' | 'value'): unknown {
  if (tree === 'fs') return new Uint8Array(what === 'key' ? 2 : 6);
  return 1;
}

describe('keys and values of the families', () => {
  for (const [tree, what, given, shown] of taken) {
    it(`${tree}BTree takes the ${what} ${title(given)} and shows ${title(shown)}`, () => {
      const made = new classes[`${tree}BTree`]!();
      const key = what === 'key' ? given : good(tree, 'key');
      made.set(key, what === 'value' ? given : good(tree, 'value'));
      const [entry] = [...made];
      expect(entry[what === 'key' ? 0 : 1]).to.deep.equal(shown);
      expect(made.has(key)).to.equal(true);
    });
  }

  for (const [tree, what, given, message] of refused) {
    it(`${tree}BTree refuses the ${what} ${title(given)}`, () => {
      const made = new classes[`${tree}BTree`]!();
      const key = what === 'key' ? given : good(tree, 'key');
      const value = what === 'value' ? given : good(tree, 'value');
      expect(() => made.set(key, value))
        .to.throw(message)
        .with.property('code', 'ARGUMENT');
      expect(made.size).to.equal(0);
      expect(made.__getstate__()).to.equal(null);
    });
  }

  it('finds nothing under what cannot be a key, but refuses it as a bound or to delete', () => {
    const tree = new btrees.LOBTree([[1, 'a']]);
    const wrong = 'x' as never;
    expect([tree.get(wrong), tree.has(wrong), tree.get(2n ** 80n)]).to.deep.equal([
      undefined,
      false,
      undefined,
    ]);
    expect(() => tree.delete(wrong)).to.throw('expected an integer of 64 bits');
    expect(() => tree.keys({ min: wrong })).to.throw('expected an integer of 64 bits');
    expect(() => tree.maxKey(wrong)).to.throw('expected an integer of 64 bits');
    expect(() => tree.keys(5 as never)).to.throw('a range is an object');
  });

  it('setting an equal number is no change; setting an equal object is one', () => {
    const changes = (tree: any, value: () => unknown): boolean => {
      const [key] = [good('', 'key')];
      tree.set(key, value());
      let marked = false;
      stateOf(tree).jar = { register: () => (marked = true), readCurrent: () => {} } as never;
      tree.set(key, value());
      return marked;
    };
    expect(changes(new btrees.IIBTree(), () => 5)).to.equal(false);
    expect(changes(new btrees.LLBTree(), () => 2n ** 60n)).to.equal(false);
    expect(changes(new btrees.IFBTree(), () => 1.1)).to.equal(false);
    expect(changes(new btrees.IFBTree(), () => Number.NaN)).to.equal(true);
    expect(changes(new btrees.IOBTree(), () => 5)).to.equal(true);
  });
});

describe('asNumbers', () => {
  it('gives numbers where the tree gives bigints, and takes either', () => {
    const tree = new btrees.LLBTree([
      [1, 10],
      [2n, 20n],
    ]);
    const view = tree.asNumbers();
    expect([...view]).to.deep.equal([
      [1, 10],
      [2, 20],
    ]);
    expect([view.get(2), view.minKey(), view.maxKey(1n), view.size]).to.deep.equal([20, 1, 1, 2]);
    view.set(3, 30n);
    expect([...view.keys({ reverse: true })]).to.deep.equal([3, 2, 1]);
    expect([...view.values({ min: 2 })]).to.deep.equal([20, 30]);
    expect(view.insert(3, 5)).to.equal(false);
    expect([view.delete(1), view.has(1)]).to.deep.equal([true, false]);
    expect([...tree.values()]).to.deep.equal([20n, 30n]);
    expect([...new btrees.QOTreeSet([5]).asNumbers()]).to.deep.equal([5]);
  });

  it('throws a RangeError for a number beyond 2^53', () => {
    const tree = new btrees.LOBTree([[2n ** 53n, 'a']]);
    expect(() => tree.asNumbers().minKey()).to.throw(RangeError, '9007199254740992 is beyond 2^53');
    expect(tree.asNumbers().get(2n ** 53n)).to.equal('a');
  });
});

function title(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes ${[...value].join(' ')}`;
  return typeof value === 'bigint'
    ? `${value}n`
    : Object.is(value, -0)
      ? '-0'
      : (JSON.stringify(value) ?? String(value));
}

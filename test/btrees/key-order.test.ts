// The order of O keys. Each list is in the order that Python gives it; the pairs are those that Python refuses.
import { expect } from 'chai';
import { OOBTree, OOTreeSet } from '../../src/btrees/index.ts';
import { compareKeys } from '../../src/btrees/key-order.ts';
import {
  Decimal,
  float,
  PyByteArray,
  PyDate,
  PyDateTime,
  PyDict,
  PySet,
  PyTimeZone,
  tuple,
  UUID,
} from '../../src/pickle/index.ts';
import { Persistent } from '../../src/zodb/persistent.ts';

class Version extends Persistent {
  number = 0;
  __lt__(other: Version): boolean {
    return this.number < other.number;
  }
}

function version(number: number): Version {
  const made = new Version();
  made.number = number;
  return made;
}

const orders: [title: string, keys: unknown[]][] = [
  ['None before all', [null, '', 'a']],
  ['None before numbers', [null, -1, 0]],
  [
    'text by code point',
    ['', 'A', 'a', 'aa', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'],
  ],
  ['text with a common half of a pair', ['\u{10000}', '\u{10000}a', '\u{10001}', '\u{10400}']],
  [
    'a lone surrogate before what follows the surrogates',
    ['\ud800', '\ud800\ue000', '\udc00', '\ue000', '\ud800\udc00'],
  ],
  [
    'numbers of all kinds by value',
    [-Infinity, -(2n ** 70n), -1.5, false, 0.5, true, float(2), 3, 2n ** 53n + 1n, 1e300],
  ],
  [
    'bytes by byte',
    [Uint8Array.of(), Uint8Array.of(0), Uint8Array.of(1), Uint8Array.of(1, 0), Uint8Array.of(255)],
  ],
  [
    'bytes and bytearrays together',
    [Uint8Array.of(1), new PyByteArray(Uint8Array.of(2)), Uint8Array.of(3)],
  ],
  ['tuples by items', [tuple(), tuple(1), tuple(1, 1), tuple(1, 2), tuple(2)]],
  ['tuples with a common None', [tuple(null, 1), tuple(null, 2)]],
  ['tuples of tuples', [tuple(tuple('a', 1), 9), tuple(tuple('a', 2), 0)]],
  ['lists by items', [[1], [1, 'a'], [2]]],
  [
    'Decimals among numbers',
    [new Decimal('-1E+400'), -1, new Decimal('0.1'), 0.1, new Decimal('1.5'), 2],
  ],
  [
    'dates of both kinds of language by the moment',
    [new Date(0), new PyDateTime(1970, 1, 1, 0, 0, 0, 1, { tzinfo: PyTimeZone.utc }), new Date(1)],
  ],
  ['UUIDs by number', [new UUID(1n), new UUID(2n ** 127n)]],
  ['objects by their own order', [version(1), version(2), version(3)]],
];

const unordered: [title: string, a: unknown, b: unknown][] = [
  ['text and numbers', 'a', 1],
  ['text and bytes', 'a', Uint8Array.of(97)],
  ['numbers and tuples', 1, tuple(1)],
  ['tuples and lists', tuple(1), [1]],
  ['None and a number within tuples', tuple(null), tuple(1)],
  ['different types within tuples', tuple('a', 1), tuple('a', 'b')],
  ['dicts', new PyDict(), new PyDict()],
  ['dates and datetimes', new PyDate(2024, 1, 1), new PyDateTime(2024, 1, 1)],
  [
    'datetimes with a zone and without',
    new PyDateTime(2024, 1, 1),
    PyDateTime.fromDate(new Date(0)),
  ],
  ['dates and numbers', new PyDate(2024, 1, 1), 1],
  ['UUIDs and numbers', new UUID(1n), 1],
  ['Decimals that are NaN', new Decimal('NaN'), new Decimal('1')],
  ['Decimals and NaN', new Decimal('1'), Number.NaN],
];

describe('the order of object keys', () => {
  for (const [title, keys] of orders) {
    it(title, () => {
      for (const [i, a] of keys.entries()) {
        for (const [j, b] of keys.entries()) {
          expect(Math.sign(compareKeys(a, b)), `${i} and ${j}`).to.equal(Math.sign(i - j));
        }
      }
      const set = new OOTreeSet([...keys].reverse());
      expect(
        [...set.keys()].map((key) => keys.findIndex((other) => compareKeys(key, other) === 0)),
      ).to.deep.equal(keys.map((_, i) => i));
    });
  }

  for (const [title, a, b] of unordered) {
    it(`${title} have none`, () => {
      expect(() => compareKeys(a, b))
        .to.throw('have no order')
        .with.property('code', 'KEY_ORDER');
      expect(() => compareKeys(b, a))
        .to.throw('have no order')
        .with.property('code', 'KEY_ORDER');
    });
  }

  it('1, 1.0 and True are one key, and the first stays', () => {
    const tree = new OOBTree<unknown, string>([[true, 'a']]);
    tree.set(1, 'b');
    tree.set(float(1), 'c');
    expect([...tree]).to.deep.equal([[true, 'c']]);
  });

  for (const [title, key] of [
    ['an object without an order of its own', new (class Plain {})()],
    ['a persistent object without one', new Persistent()],
    ['a dict', new PyDict()],
    ['a set', new PySet()],
  ] as const) {
    it(`${title} cannot be a key, not even the only one`, () => {
      const tree = new OOBTree<unknown, number>();
      expect(() => tree.set(key, 1)).to.throw('has no order, so it cannot be a key');
      expect(tree.size).to.equal(0);
      expect(tree.has(key)).to.equal(false);
      tree.set('a', 1);
      expect(() => tree.has(key)).to.throw('have no order');
    });
  }
});

import { expect } from 'chai';
import {
  float,
  Pickler,
  PyDict,
  PyFrozenSet,
  PyObject,
  PySet,
  PyString2,
  pyGlobal,
  tuple,
  Unpickler,
} from '../../src/pickle/index.ts';
import { sameValue } from '../../src/tools/same-value.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const dict = (...entries: [unknown, unknown][]): PyDict => new PyDict(entries);
const object = (state: unknown): PyObject =>
  new PyObject('newobj', pyGlobal('m', 'C'), tuple(), { state });

describe('two decoded values', () => {
  for (const [title, make] of [
    ['a number', () => 1],
    ['a bigint', () => 2n ** 70n],
    ['NaN', () => Number.NaN],
    ['a float', () => float(3)],
    ['text', () => 'é'],
    ['bytes', () => bytes(1, 2)],
    ['a str of Python 2', () => new PyString2(bytes(255))],
    ['a list', () => [1, [2, 'x']]],
    ['a tuple', () => tuple(1, tuple())],
    ['a dict', () => dict(['a', 1], [tuple(1), [2]])],
    ['a set', () => new PySet([1, 2])],
    ['an object', () => object(dict(['x', null]))],
    [
      'a list that holds itself',
      () => {
        const list: unknown[] = [];
        list.push(list);
        return list;
      },
    ],
    [
      'lists nested deeper than a stack is',
      () => {
        let list: unknown[] = [];
        for (let i = 0; i < 100_000; i++) list = [list];
        return list;
      },
    ],
  ] as const)
    it(`are the same where each is ${title}`, () => {
      expect(sameValue(make(), make())).to.equal(true);
    });

  const shared = [1];
  for (const [title, left, right] of [
    ['int and float', 3, float(3)],
    ['0 and -0', 0, -0],
    ['number and bigint', 3, 3n],
    ['text and bytes', 'a', bytes(97)],
    ['bytes and a str of Python 2', bytes(97), new PyString2(bytes(97))],
    ['other bytes', bytes(1, 2), bytes(1, 3)],
    ['more bytes', bytes(1), bytes(1, 2)],
    ['list and tuple', [1], tuple(1)],
    ['set and frozenset', new PySet([1]), new PyFrozenSet([1])],
    ['a dict in another order', dict(['a', 1], ['b', 2]), dict(['b', 2], ['a', 1])],
    ['None and nothing', null, undefined],
    ['another class', object(1), new PyObject('newobj', pyGlobal('m', 'D'), tuple(), { state: 1 })],
    ['another form', object(1), new PyObject('reduce', pyGlobal('m', 'C'), tuple(), { state: 1 })],
    [
      'no state and the state None',
      object(null),
      new PyObject('newobj', pyGlobal('m', 'C'), tuple()),
    ],
    ['one list twice and two lists', [shared, shared], [[1], [1]]],
    ['two lists and one twice', [[1], [1]], [shared, shared]],
  ] as const)
    it(`differ in ${title}`, () => {
      expect(sameValue(left, right)).to.equal(false);
    });

  it('may share tuples and bytes or not, as Python does as it likes', () => {
    const one = tuple(1, bytes(1));
    expect(sameValue([one, one], [tuple(1, bytes(1)), tuple(1, bytes(1))])).to.equal(true);
  });

  it('are the same after encoding and decoding', () => {
    const value = dict(['a', [shared, shared]], [tuple(1, 'x'), object(float(2))]);
    const pickler = new Pickler();
    pickler.dump(value);
    expect(sameValue(value, new Unpickler({ exact: true }).load(pickler.take()))).to.equal(true);
  });
});

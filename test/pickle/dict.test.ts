import { expect } from 'chai';
import fc from 'fast-check';
import {
  decode,
  encode,
  float,
  PersistentRef,
  PyByteArray,
  PyDict,
  PyFrozenSet,
  PyObject,
  PySet,
  PyString2,
  PyTuple,
  pyGlobal,
  tuple,
} from '../../src/pickle/index.ts';
import { failure, raw } from './raw.ts';

const object = new PyObject('newobj', pyGlobal('m', 'C'));
const filler = (count: number): [string, number][] =>
  Array.from({ length: count }, (_, i) => [`filler ${i}`, i]);

/** Groups of keys that Python takes for one key. */
const EQUAL: readonly unknown[][] = [
  [1, 1n, true, float(1)],
  [0, -0, false, 0n, float(0)],
  [2n ** 60n, float(2 ** 60), 2 ** 60],
  [Number.NaN],
  [null],
  ['a', new PyString2(raw('a'))],
  [raw('a'), new Uint8Array([97])],
  [new PyString2(raw('\xe9')), new PyString2(raw('\xe9'))],
  [tuple(1, 'a'), tuple(1n, 'a'), tuple(true, new PyString2(raw('a')))],
  [tuple(1, raw('a'))],
  [tuple('1,a'), tuple('1,a')],
  [tuple('1', 'a')],
  [tuple(tuple(1), 2)],
  [tuple(1, tuple(2))],
  [new PyFrozenSet([1, 'b']), new PyFrozenSet(['b', 1])],
  [new PyFrozenSet()],
  [tuple()],
  [object],
  [new PyObject('newobj', pyGlobal('m', 'C'))],
  [pyGlobal('m', 'C')],
  [new PersistentRef(raw('12345678')), new PersistentRef(raw('12345678'))],
  ['__proto__'],
  ['constructor'],
  ['b1:a'],
  ['\0(b1:a'],
];

for (const extra of [0, 20]) {
  describe(`A PyDict ${extra === 0 ? 'of few keys' : 'of many keys'}`, () => {
    it('compares keys as Python does', () => {
      for (const [i, group] of EQUAL.entries()) {
        for (const first of group) {
          const dict = new PyDict<unknown, unknown>([...filler(extra), [first, 'value']]);
          for (const [j, others] of EQUAL.entries()) {
            for (const other of others) {
              expect(dict.has(other), `${String(first)} and ${String(other)}`).to.equal(i === j);
            }
          }
        }
      }
    });

    it('keeps the first key and the last value of equal ones, where the first stood', () => {
      const dict = new PyDict<unknown, unknown>([['a', 0], ...filler(extra), [1, 'int'], ['z', 9]]);
      dict.set(true, 'bool');
      dict.set('a', 5);
      expect([...dict].filter(([key]) => !String(key).startsWith('filler'))).to.deep.equal([
        ['a', 5],
        [1, 'bool'],
        ['z', 9],
      ]);
      expect(dict.size).to.equal(3 + extra);
    });

    it('goes on iterating rightly while keys come and go', () => {
      const dict = new PyDict<string, number>(filler(extra + 60));
      const met: string[] = [];
      for (const key of dict.keys()) {
        met.push(key);
        const number = Number(key.split(' ')[1]);
        if (number % 2 === 0) {
          dict.delete(key);
          dict.delete(`filler ${number + 1}`);
        }
        if (key === 'filler 10') dict.set('late', 1);
      }
      const expected = filler(extra + 60)
        .map(([key]) => key)
        .filter((_, i) => i % 2 === 0);
      expect(met).to.deep.equal([...expected, 'late']);
      expect([...dict.keys()]).to.deep.equal(['late']);
    });

    it('is empty after clear, and iteration that was under way ends', () => {
      const dict = new PyDict<string, number>(filler(extra + 3));
      const iterator = dict.keys();
      iterator.next();
      dict.clear();
      dict.set('new', 1);
      expect([...iterator]).to.deep.equal(['new']);
      expect(dict.size).to.equal(1);
      expect(dict.has('filler 0')).to.equal(false);
    });

    for (const key of [
      [],
      new PyDict(),
      new PySet(),
      new PyByteArray(),
      tuple([]),
      new Map(),
      undefined,
      () => 1,
    ]) {
      it(`refuses ${Object.prototype.toString.call(key)} as a key`, () => {
        const dict = new PyDict<unknown, unknown>(filler(extra));
        expect(failure(() => dict.set(key, 1)).code).to.equal('PICKLE_VALUE');
        expect(failure(() => dict.get(key)).code).to.equal('PICKLE_VALUE');
      });
    }
  });
}

describe('A PyDict', () => {
  it('behaves as a Map does, for any sequence of calls', () => {
    const key = fc.oneof(fc.nat(12), fc.constantFrom('a', 'b', '1', '__proto__'));
    const call = fc.oneof(
      fc.tuple(fc.constant('set' as const), key, fc.nat()),
      fc.tuple(fc.constant('delete' as const), key, fc.constant(0)),
      fc.tuple(fc.constant('get' as const), key, fc.constant(0)),
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 120 }), (calls) => {
        const dict = new PyDict<unknown, number>();
        const map = new Map<unknown, number>();
        for (const [method, at, value] of calls) {
          if (method === 'set') {
            dict.set(at, value);
            map.set(at, value);
          } else expect(dict[method](at)).to.equal(map[method](at));
          expect(dict.size).to.equal(map.size);
        }
        expect([...dict]).to.deep.equal([...map]);
      }),
    );
  });

  it('merges equal keys of a pickle: last value, first position', () => {
    const dict = decode(raw('}(K\x01K\x0aK\x02K\x14\x88K\x1eu.')) as PyDict;
    expect([...dict]).to.deep.equal([
      [1, 30],
      [2, 20],
    ]);
    expect(dict.size).to.equal(2);
  });

  it('keeps several NaN keys of a pickle apart, as Python does', () => {
    const nan = 'G\x7f\xf8\x00\x00\x00\x00\x00\x00';
    const dict = decode(raw(`}(${nan}K\x01${nan}K\x02u.`)) as PyDict;
    expect(dict.size).to.equal(2);
  });

  it('bounds the length of a composite key, also one that shares its parts', () => {
    let key = tuple<unknown>('x');
    for (let i = 0; i < 40; i++) key = tuple<unknown>(key, key);
    expect(failure(() => new PyDict([[key, 1]]).get(key)).code).to.equal('PICKLE_LIMIT');
  });

  it('bounds the depth of a composite key, also one that holds itself', () => {
    let deep = tuple<unknown>();
    for (let i = 0; i < 1000; i++) deep = tuple<unknown>(deep);
    const loop = tuple<unknown>(1);
    loop[0] = loop;
    for (const key of [deep, loop]) {
      expect(failure(() => new PyDict([[key, 1]])).code).to.equal('PICKLE_LIMIT');
    }
  });

  it('leaves the prototype alone', () => {
    const dict = PyDict.fromObject(JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}'));
    expect(dict.get('__proto__')).to.deep.equal({ polluted: 1 });
    expect(Object.hasOwn(Object.prototype, 'polluted')).to.equal(false);
  });
});

describe('Sets', () => {
  it('have the keys of dicts as members, in the order of their coming', () => {
    const set = new PySet<unknown>([2, 1, 'a', true, tuple(1)]);
    expect([...set]).to.deep.equal([2, 1, 'a', tuple(1)]);
    expect(set.has(1n)).to.equal(true);
    set.add(float(2)).delete('a');
    expect([...set.values()]).to.deep.equal([2, 1, tuple(1)]);
    expect(failure(() => set.add([])).code).to.equal('PICKLE_VALUE');
  });
});

describe('JSON of decoded values', () => {
  for (const [what, value, json] of [
    ['a dict is an object', { a: { b: null }, list: [1] }, '{"a":{"b":null},"list":[1]}'],
    ['a dict with other keys is a list of pairs', new Map([[1, 'a']]), '[[1,"a"]]'],
    ['a key may have any name', JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    ['a set is a list', new Set([1, 'a']), '[1,"a"]'],
  ] as const) {
    it(`is made by JSON.stringify: ${what}`, () => {
      expect(JSON.stringify(decode(encode(value)))).to.equal(json);
    });
  }
});

describe('Tuples', () => {
  it('stay tuples where an Array method makes them, and become lists by spreading', () => {
    const pair = tuple(1, 2);
    expect(pair.map((n) => n + 1)).to.be.instanceOf(PyTuple);
    expect(pair.slice(1)).to.be.instanceOf(PyTuple);
    expect([...pair]).not.to.be.instanceOf(PyTuple);
    expect(tuple(3)).to.have.length(1);
  });
});

describe('Globals', () => {
  it('are one object for each name', () => {
    expect(pyGlobal('m', 'n')).to.equal(pyGlobal('m', 'n'));
    expect(decode(raw('cm\nn\n.'))).to.equal(pyGlobal('m', 'n'));
    expect(pyGlobal('m', 'n')).not.to.equal(pyGlobal('m', 'k'));
  });

  for (const [module, name] of [
    ['', 'n'],
    ['m', ''],
    ['m\n', 'n'],
    ['m', 'a\nb'],
  ] as const) {
    it(`cannot be ${JSON.stringify([module, name])}`, () => {
      expect(failure(() => pyGlobal(module, name)).code).to.equal('PICKLE_VALUE');
    });
  }
});

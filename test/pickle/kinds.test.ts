import { expect } from 'chai';
import fc from 'fast-check';
import {
  decode,
  decodeAll,
  encode,
  float,
  Pickler,
  PyDict,
  PyFrozenSet,
  PyObject,
  PySet,
  pyGlobal,
  describe as repr,
  tuple,
  Unpickler,
} from '../../src/pickle/index.ts';

const f = float;
type Any = any;

/** The text of what is written when `edit` has changed what was read: floats show as 3.0. */
function edited(original: unknown, edit: (value: Any) => unknown): string {
  const value = decode(encode(original));
  const result = edit(value);
  const written = encode(result === undefined ? value : result, { like: value });
  return repr(decode(written, { exact: true }));
}

const attributes = (entries: Record<string, unknown>): PyDict => PyDict.fromObject(entries);

const EDITS: readonly [
  what: string,
  original: unknown,
  edit: (value: Any) => unknown,
  written: string,
][] = [
  ['nothing', [f(1), 2, f(3)], () => {}, '[1.0, 2, 3.0]'],
  ['push to floats', [f(1), f(2)], (v) => void v.push(3), '[1.0, 2.0, 3.0]'],
  ['push to halves', [1.5, 2.5], (v) => void v.push(3), '[1.5, 2.5, 3.0]'],
  ['push to ints', [1, 2], (v) => void v.push(3), '[1, 2, 3]'],
  ['push to ints and floats', [1, f(2)], (v) => void v.push(3), '[1, 2.0, 3]'],
  ['spread', [f(1), 2], (v) => [...v], '[1.0, 2]'],
  ['filter', [f(1), 2, f(3), 4], (v) => v.filter((n: number) => n > 1), '[2, 3.0, 4]'],
  ['map over floats', [f(1), f(2)], (v) => v.map((n: number) => n * 2), '[2.0, 4.0]'],
  ['shift', [f(1), 2, f(3)], (v) => void v.shift(), '[2, 3.0]'],
  ['unshift', [f(1), 2, f(3)], (v) => void v.unshift(9), '[9, 1.0, 2, 3.0]'],
  ['reverse', [f(1), 2, f(3)], (v) => void v.reverse(), '[3.0, 2, 1.0]'],
  ['splice', [f(1), 2, f(3), 4], (v) => void v.splice(1, 1, 7, 8), '[1.0, 7, 8, 3.0, 4]'],
  ['sort', [f(3), 2, f(1)], (v) => void v.sort(), '[1.0, 2, 3.0]'],
  ['a number that was both, by position', [f(1), 1, f(1)], (v) => [...v], '[1.0, 1, 1.0]'],
  [
    'object spread',
    attributes({ a: f(1), b: 2 }),
    (v) => ({ ...Object.fromEntries(v) }),
    "{'a': 1.0, 'b': 2}",
  ],
  [
    'JSON and back',
    [f(1), 2, [f(3), f(4)], [5]],
    (v) => JSON.parse(JSON.stringify(v)),
    '[1.0, 2, [3.0, 4.0], [5]]',
  ],
  [
    'JSON and back, of dicts',
    attributes({ a: f(1), in: attributes({ b: f(2), c: 3 }), list: [attributes({ d: f(4) })] }),
    (v) => JSON.parse(JSON.stringify(v)),
    "{'a': 1.0, 'in': {'b': 2.0, 'c': 3}, 'list': [{'d': 4.0}]}",
  ],
  ['structuredClone', [f(1), [2, f(3)]], (v) => structuredClone(v), '[1.0, [2, 3.0]]'],
  [
    'assigning again',
    attributes({ a: f(1), b: 2 }),
    (v) => void v.set('a', 5).set('b', 6),
    "{'a': 5.0, 'b': 6}",
  ],
  ['12.5 becomes 13', attributes({ a: 12.5 }), (v) => void v.set('a', 13), "{'a': 13.0}"],
  ['a new key', attributes({ a: 12.5 }), (v) => void v.set('b', 13), "{'a': 12.5, 'b': 13}"],
  [
    'half becomes a whole int elsewhere',
    attributes({ a: 12.5, b: 1 }),
    (v) => void v.set('b', 2),
    "{'a': 12.5, 'b': 2}",
  ],
  [
    'lists that change places',
    attributes({ a: [f(1)], b: [1] }),
    (v) => {
      const [a, b] = [v.get('a'), v.get('b')];
      v.set('a', b).set('b', a);
    },
    "{'a': [1], 'b': [1.0]}",
  ],
  [
    'a row that moves down',
    [tuple(f(1), 1), tuple(f(2), 2)],
    (v) => void v.unshift(tuple(7, 7)),
    '[(7, 7), (1.0, 1), (2.0, 2)]',
  ],
  ['float() where an int stood', attributes({ a: 1 }), (v) => void v.set('a', f(2)), "{'a': 2.0}"],
  ['float() in a list of ints', [1, 2], (v) => void v.push(f(3)), '[1, 2, 3.0]'],
  [
    'a float as a key',
    new PyDict<unknown, unknown>([
      [f(1), 'x'],
      [2, f(3)],
    ]),
    (v) => void v.set(2, 4),
    "{1.0: 'x', 2: 4.0}",
  ],
  [
    'a tuple of floats as a key',
    new PyDict([[tuple(f(1), 2), f(3)]]),
    (v) => new PyDict(v),
    '{(1.0, 2): 3.0}',
  ],
  ['members of a set', new PySet<unknown>([f(1), f(2)]), (v) => void v.add(3), '{1.0, 2.0, 3.0}'],
  ['members of a new set', [new PySet<unknown>([f(1), 2])], (v) => [new PySet(v[0])], '[{1.0, 2}]'],
  [
    'members of a frozenset',
    tuple(new PyFrozenSet<unknown>([f(1)])),
    () => {},
    '(frozenset({1.0}),)',
  ],
  [
    'the arguments and the state of an object',
    new PyObject('newobj', pyGlobal('m', 'C'), tuple<unknown>(f(1), 1), {
      listItems: [f(2), 2],
      dictItems: attributes({ a: f(3) }),
      state: f(4),
    }),
    (v) => {
      v.state = 5;
      v.dictItems.set('a', 6);
    },
    "m.C(1.0, 1) items=[2.0, 2] dict={'a': 6.0} state=5.0",
  ],
  [
    'deeper, by path',
    attributes({ rows: [attributes({ price: f(10), count: 1 })] }),
    (v) => ({ rows: [{ price: 11, count: 2 }], more: [v.size] }),
    "{'rows': [{'price': 11.0, 'count': 2}], 'more': [1]}",
  ],
  ['no float anywhere', [1, [2]], (v) => void v.push(3), '[1, [2], 3]'],
  [
    'infinities and minus zero',
    [Number.POSITIVE_INFINITY, -0],
    (v) => void v.push(1),
    '[inf, -0.0, 1.0]',
  ],
  ['large floats that are whole', [1e300], (v) => void v.push(1), '[1e+300, 1.0]'],
  ['a bigint among floats', [f(1)], (v) => void v.push(5n), '[1.0, 5]'],
];

describe('Whole-number floats', () => {
  for (const [what, original, edit, written] of EDITS) {
    it(`are written as what they were: ${what}`, () => {
      expect(edited(original, edit)).to.equal(written);
    });
  }

  it('are plain numbers once decoded, and kinds exist only where there was a float', () => {
    const unpickler = new Unpickler();
    expect(unpickler.load(encode([f(1), attributes({ a: f(2) })]))).to.deep.equal([
      1,
      attributes({ a: 2 }),
    ]);
    expect(unpickler.kinds).not.to.equal(undefined);
    unpickler.load(encode([1, 'a']));
    expect(unpickler.kinds).to.equal(undefined);
  });

  it('are PyFloat with `exact`', () => {
    expect(decode(encode([f(1), 1.5, 2]), { exact: true })).to.deep.equal([f(1), 1.5, 2]);
  });

  const STORED: readonly [
    what: string,
    value: () => Any,
    edit: (value: Any) => unknown,
    written: string,
  ][] = [
    [
      'under a key',
      () => ({ a: 12.5, b: 1 }),
      (v) => Object.assign(v, { a: 13 }),
      "{'a': 13.0, 'b': 1}",
    ],
    [
      'in a Map',
      () => new Map([['a', 12.5]]),
      (v) => void v.set('a', 13).set('b', 1),
      "{'a': 13.0, 'b': 1}",
    ],
    ['in a list of halves', () => [0.5, 1.5], (v) => void v.splice(0, 2, 1, 2), '[1.0, 2.0]'],
    ['in a list of ints too', () => [1, 1.5], (v) => v.splice(1, 1, 2), '[1, 2]'],
    [
      'deeper',
      () => attributes({ rows: [attributes({ price: 1.5, count: 1 })] }),
      (v) => void v.get('rows')[0].set('price', 2).set('count', 2),
      "{'rows': [{'price': 2.0, 'count': 2}]}",
    ],
    [
      'in a new container at the same place',
      () => ({ rows: [{ price: 1.5 }] }),
      (v) => Object.assign(v, { rows: [{ price: 2 }] }),
      "{'rows': [{'price': 2.0}]}",
    ],
    [
      'in the state of an object',
      () => new PyObject('newobj', pyGlobal('m', 'C'), tuple(), { state: attributes({ a: 1.5 }) }),
      (v) => void v.state.set('a', 2),
      "m.C() state={'a': 2.0}",
    ],
    [
      'in a list that stands twice',
      () => {
        const shared = [0.5];
        return { a: shared, b: shared };
      },
      (v) => void v.a.push(1),
      "{'a': [0.5, 1.0], 'b': [0.5, 1.0]}",
    ],
    [
      'in a set in a list in itself',
      () => {
        const value: unknown[] = [new Set([0.5])];
        value.push(value);
        return value;
      },
      (v) => void v[0].add(2),
      '[{0.5, 2.0}, [...]]',
    ],
    [
      'of what was read as well',
      () => decode(encode({ a: f(1), b: 2, c: 3 })),
      (v) => {
        v.set('b', 2.5);
        encode(v);
        v.set('a', 5).set('b', 6).set('c', 7);
      },
      "{'a': 5.0, 'b': 6.0, 'c': 7}",
    ],
  ];
  for (const [what, value, edit, written] of STORED) {
    it(`are known from what was written too: ${what}`, () => {
      const stored = value();
      encode(stored);
      edit(stored);
      expect(repr(decode(encode(stored), { exact: true }))).to.equal(written);
    });
  }

  it('of a container that two pickles share are known in both', () => {
    const pickler = new Pickler();
    const shared = [f(1), 2];
    pickler.dump(tuple(shared));
    pickler.dump([shared, 3]);
    const record = pickler.take();
    const unpickler = new Unpickler();
    const again = new Pickler();
    for (let at = 0; at < record.length; at = unpickler.position) {
      const value = unpickler.load(record, at);
      again.dump(value, unpickler.kinds);
    }
    expect(again.take()).to.deep.equal(record);
    expect(decodeAll(record)).to.deep.equal([tuple([1, 2]), [[1, 2], 3]]);
  });

  it('come back for any nesting of containers, unchanged and rebuilt', () => {
    const number = fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: -3, max: 3 }).map(f),
      fc.double(),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        number,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.array(tie('tree'), { maxLength: 4 }).map((items) => tuple(...items)),
        fc
          .dictionary(fc.string({ maxLength: 3 }), tie('tree'), { maxKeys: 4 })
          .map(PyDict.fromObject),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const pickle = encode([value]);
        const decoded = decode(pickle);
        expect(encode(decoded)).to.deep.equal(pickle);
        expect(encode(rebuilt(decoded), { like: decoded })).to.deep.equal(pickle);
      }),
      { numRuns: 500 },
    );
  });
});

/** The same value, with new containers at every place. */
function rebuilt(value: unknown): unknown {
  if (value instanceof PyDict) return new PyDict([...value].map(([k, v]) => [k, rebuilt(v)]));
  return Array.isArray(value) ? value.map(rebuilt) : value;
}

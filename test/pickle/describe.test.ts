import { expect } from 'chai';
import {
  float,
  PersistentRef,
  PyByteArray,
  PyDict,
  PyExtension,
  PyFrozenSet,
  PyObject,
  PySet,
  PyString2,
  pyGlobal,
  describe as repr,
  tuple,
} from '../../src/pickle/index.ts';
import { raw } from './raw.ts';

const TEXTS: readonly [value: unknown, text: string][] = [
  [null, 'None'],
  [true, 'True'],
  [false, 'False'],
  [3, '3'],
  [2n ** 70n, '1180591620717411303424'],
  [float(3), '3.0'],
  [float(1e15), '1000000000000000.0'],
  [1e16, '1e+16'],
  [1e-5, '1e-05'],
  [0.0001, '0.0001'],
  [1.5e300, '1.5e+300'],
  [-0, '-0.0'],
  [Number.NaN, 'nan'],
  [Number.NEGATIVE_INFINITY, '-inf'],
  ['it', "'it'"],
  ["it's", '"it\'s"'],
  ['it\'s "it"', "'it\\'s \"it\"'"],
  ['a\n\t\r\\\0\x7f\xa0é', "'a\\n\\t\\r\\\\\\x00\\x7f\\xa0é'"],
  ['\ud800 \u200b €', "'\\ud800 \\u200b €'"],
  ['😀\u{e0001}', "'😀\\U000e0001'"],
  [raw('a\'\n\xff"'), "b'a\\'\\n\\xff\"'"],
  [raw("it's"), 'b"it\'s"'],
  [new PyString2(raw('\xe9')), "'\\xe9'"],
  [new PyByteArray(raw('a')), "bytearray(b'a')"],
  [tuple(), '()'],
  [tuple(1), '(1,)'],
  [tuple(1, 2), '(1, 2)'],
  [[1, [2]], '[1, [2]]'],
  [
    new PyDict<unknown, unknown>([
      ['a', 1],
      [2, null],
    ]),
    "{'a': 1, 2: None}",
  ],
  [new Map([['a', 1]]), "{'a': 1}"],
  [{ a: 1 }, "{'a': 1}"],
  [new PySet([1, 2]), '{1, 2}'],
  [new PySet(), 'set()'],
  [new PyFrozenSet([1]), 'frozenset({1})'],
  [new PyFrozenSet(), 'frozenset()'],
  [pyGlobal('m', 'C'), 'm.C'],
  [new PyExtension(7), '<extension 7>'],
  [new PersistentRef(tuple(1, pyGlobal('m', 'C'))), '<persistent (1, m.C)>'],
  [new PyObject('newobj', pyGlobal('m', 'C'), tuple(1)), 'm.C(1)'],
  [new PyObject('newobj', pyGlobal('m', 'C'), tuple(), { state: null }), 'm.C() state=None'],
  [new (class Odd {})(), '<Odd object>'],
];

describe('Values as text', () => {
  for (const [value, text] of TEXTS) {
    it(`are as Python writes them: ${text}`, () => {
      expect(repr(value)).to.equal(text);
    });
  }

  it('show a container inside itself as Python does', () => {
    const list: unknown[] = [1];
    list.push(list);
    const dict = new PyDict<string, unknown>();
    dict.set('self', dict);
    expect(repr(list)).to.equal('[1, [...]]');
    expect(repr(dict)).to.equal("{'self': {...}}");
  });

  it('end at a length and a depth that can be set', () => {
    expect(repr('x'.repeat(100), { maxLength: 10 })).to.equal("'xxxxxxxxx...");
    expect(repr(new Array(1000).fill(1), { maxLength: 9 })).to.equal('[1, 1, 1,...');
    expect(repr([[[[1]]]], { maxDepth: 2 })).to.equal('[[[...]]]');
  });

  it('let the caller write objects of other classes', () => {
    const object = new (class Odd {})();
    expect(repr([object], { object: () => '<mine>' })).to.equal('[<mine>]');
  });
});

import { expect } from 'chai';
import {
  decode,
  encode,
  Fraction,
  float,
  PyByteArray,
  PyComplex,
  PyCounter,
  PyDefaultDict,
  PyDeque,
  PyDict,
  PyFrozenSet,
  PyObject,
  PyOrderedDict,
  PyRange,
  PySet,
  PySlice,
  type PyTuple,
  pyGlobal,
  describe as repr,
  tuple,
} from '../../src/pickle/index.ts';
import { raw } from './raw.ts';

describe('Known types', () => {
  it('of collections go to bytes and back, with their floats and what is in them', () => {
    const values: readonly [value: object, repr: string][] = [
      [
        new PyOrderedDict<string, unknown>([
          ['b', float(1)],
          ['a', [2]],
        ]),
        "OrderedDict([('b', 1.0), ('a', [2])])",
      ],
      [new PyOrderedDict(), 'OrderedDict()'],
      [
        new PyDefaultDict(pyGlobal('builtins', 'list'), [[1, [float(2)]]]),
        "defaultdict(<class 'list'>, {1: [2.0]})",
      ],
      [new PyDefaultDict(), 'defaultdict(None, {})'],
      [
        new PyCounter<string, number>([
          ['a', 1],
          ['b', 2],
        ]),
        "Counter({'b': 2, 'a': 1})",
      ],
      [new PyDeque([1, float(2)], 3), 'deque([1, 2.0], maxlen=3)'],
      [new PyDeque(), 'deque([])'],
      [new Fraction(-1, 3), 'Fraction(-1, 3)'],
      [new PyRange(0, 5), 'range(0, 5)'],
      [new PyRange(5, 0, -2), 'range(5, 0, -2)'],
      [new PySlice(null, 'b', 2), "slice(None, 'b', 2)"],
    ];
    for (const [value, text] of values) {
      const bytes = encode([value, value]);
      const [decoded, again] = decode(bytes) as [object, object];
      expect(decoded).to.be.instanceOf(value.constructor).and.to.equal(again);
      expect(repr((decode(bytes, { exact: true }) as [object])[0])).to.equal(text);
      expect(encode(decode(bytes)), text).to.deep.equal(bytes);
      expect(encode(decode(bytes, { exact: true })), text).to.deep.equal(bytes);
    }
    expect([...new PyRange(5, 0, -2)]).to.deep.equal([5, 3, 1]);
    expect([...new PyRange(2n ** 70n, 2n ** 70n + 2n)]).to.deep.equal([2n ** 70n, 2n ** 70n + 1n]);
  });

  it('of Python 2 are of the same classes, and are written as they were', () => {
    const rows: readonly [
      pickle: string,
      class_: new (...args: never[]) => object,
      repr: string,
    ][] = [
      ['c__builtin__\nset\nq\x00]q\x01(K\x01K\x02e\x85q\x02Rq\x03', PySet, '{1, 2}'],
      ['c__builtin__\nfrozenset\nq\x00]q\x01K\x01a\x85q\x02Rq\x03', PyFrozenSet, 'frozenset({1})'],
      [
        'c__builtin__\ncomplex\nq\x00G?\xf0\x00\x00\x00\x00\x00\x00G\x00\x00\x00\x00\x00\x00\x00\x00\x86q\x01Rq\x02',
        PyComplex,
        '(1+0j)',
      ],
      ['c__builtin__\nxrange\nq\x00K\x01K\x09K\x02\x87q\x01Rq\x02', PyRange, 'range(1, 9, 2)'],
      ['c__builtin__\nslice\nq\x00K\x01NN\x87q\x01Rq\x02', PySlice, 'slice(1, None, None)'],
      [
        'c__builtin__\nbytearray\nq\x00X\x01\x00\x00\x00aq\x01X\x07\x00\x00\x00latin-1q\x02\x86q\x03Rq\x04',
        PyByteArray,
        "bytearray(b'a')",
      ],
      [
        'cfractions\nFraction\nq\x00X\x03\x00\x00\x001/2q\x01\x85q\x02Rq\x03',
        Fraction,
        'Fraction(1, 2)',
      ],
      [
        'ccollections\ndeque\nq\x00]q\x01K\x01aK\x05\x86q\x02Rq\x03',
        PyDeque,
        'deque([1], maxlen=5)',
      ],
      [
        'ccollections\nOrderedDict\nq\x00]q\x01]q\x02(K\x01K\x02ea\x85q\x03Rq\x04',
        PyOrderedDict,
        'OrderedDict([(1, 2)])',
      ],
    ];
    for (const [pickle, class_, text] of rows) {
      const bytes = raw(`\x80\x03${pickle}.`);
      const decoded = decode(bytes);
      expect(decoded, text).to.be.instanceOf(class_);
      expect(repr(decoded)).to.equal(text);
      expect(encode(decoded), text).to.deep.equal(bytes);
    }
    expect(encode(new PySet([1])), 'a new one').to.deep.equal(
      raw('\x80\x03cbuiltins\nset\nq\x00]q\x01K\x01a\x85q\x02Rq\x03.'),
    );
  });

  it('of collections stay descriptions with something more', () => {
    const state = { state: new PyDict([['x', 1]]) };
    const dict = new PyDict([['a', 1]]);
    const call = (name: string, args: PyTuple, parts = {}): PyObject =>
      new PyObject('reduce', pyGlobal('collections', name), args, parts);
    const objects = [
      call('OrderedDict', tuple(), state),
      call('OrderedDict', tuple([tuple(1, 2)]), {}),
      call(
        'OrderedDict',
        tuple([
          [1, 2],
          [1, 3],
        ]),
        {},
      ),
      call('OrderedDict', tuple([[[], 2]]), {}),
      call('OrderedDict', tuple(), { dictItems: dict, listItems: [1] }),
      call('defaultdict', tuple(null), {}),
      call('Counter', tuple(dict), state),
      call('Counter', tuple(), { dictItems: dict }),
      call('deque', tuple([1]), { listItems: [2] }),
      call('deque', tuple<unknown>([1], 'x'), {}),
      call('deque', tuple<unknown>(tuple(), -1), {}),
      call('deque', tuple(), { listItems: [1], dictItems: dict }),
      new PyObject('newobj', pyGlobal('collections', 'OrderedDict')),
    ];
    for (const object of objects) {
      const bytes = encode(object);
      expect(decode(bytes), repr(object)).to.be.instanceOf(PyObject);
      expect(encode(decode(bytes))).to.deep.equal(bytes);
    }
  });
});

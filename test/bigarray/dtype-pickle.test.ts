import { expect } from 'chai';
import { dtype, dtypeFromPickle, dtypeToPickle } from '../../src/bigarray/index.ts';
import { PyDict, PyObject, PyString2, pyGlobal, tuple } from '../../src/pickle/index.ts';
import { throwsCode } from './throws.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

function pickled(code: unknown, ...state: unknown[]): PyObject {
  return new PyObject('reduce', pyGlobal('numpy', 'dtype'), tuple<unknown>(code, 0, 1), {
    state: tuple(...state),
  });
}

describe('A pickled dtype', () => {
  const i4 = pickled('i4', 3, '<', null, null, null, -1, -1, 0);
  const fields = (extra: readonly (readonly [unknown, unknown])[] = []): PyDict =>
    new PyDict<unknown, unknown>([
      ['a', tuple<unknown>(i4, 0)],
      ['b', tuple<unknown>(i4, 4)],
      ...extra,
    ]);

  const read: [string, PyObject, string][] = [
    ['of version 3', i4, 'int32'],
    ['in native order', pickled('i4', 3, '=', null, null, null, -1, -1, 0), 'int32'],
    ['without flags (version 2)', pickled('f8', 2, '>', null, null, null, -1, -1), '>f8'],
    ['without names (version 1)', pickled('f8', 1, '>', null, null, -1, -1), '>f8'],
    ['without a version', pickled('f8', '>', null, null, -1, -1), '>f8'],
    [
      'without a state',
      new PyObject('reduce', pyGlobal('numpy', 'dtype'), tuple<unknown>('f8', 0, 1)),
      'float64',
    ],
    [
      'with names among its fields',
      pickled('V8', '|', null, fields([[-1, tuple('a', 'b')]]), 8, 1),
      "[('a', '<i4'), ('b', '<i4')]",
    ],
    [
      'with metadata',
      pickled('i4', 4, '<', null, null, null, -1, -1, 0, new PyDict([['x', 1]])),
      'int32',
    ],
    [
      'of Python 2',
      pickled(new PyString2(latin1('S5')), 3, latin1('|'), null, null, null, 5, 1, 0),
      '|S5',
    ],
    [
      'of a time',
      pickled(
        'M8',
        4,
        '<',
        null,
        null,
        null,
        -1,
        -1,
        0,
        tuple<unknown>(new PyDict(), tuple<unknown>(latin1('ns'), 1, 1, 1)),
      ),
      'datetime64[ns]',
    ],
    [
      'of a time of Python 2',
      pickled(
        'm8',
        4,
        '>',
        null,
        null,
        null,
        -1,
        -1,
        0,
        tuple<unknown>(null, tuple<unknown>('s', 25, 1, 1)),
      ),
      '>m8[25s]',
    ],
    [
      'of a time with a divided unit',
      pickled(
        'M8',
        4,
        '<',
        null,
        null,
        null,
        -1,
        -1,
        0,
        tuple<unknown>(null, tuple<unknown>('s', 1, 10, 1)),
      ),
      'datetime64[100ms]',
    ],
    [
      'of a subarray',
      pickled('V8', 3, '|', tuple<unknown>(i4, tuple(2)), null, null, 8, 4, 0),
      "('<i4', (2,))",
    ],
    [
      'of a record class',
      pickled(pyGlobal('numpy', 'record'), 3, '|', null, tuple('a', 'b'), fields(), 8, 1, 16),
      "[('a', '<i4'), ('b', '<i4')]",
    ],
    [
      'aligned, from numpy 2',
      pickled('V8', 3, '|', null, tuple('a', 'b'), fields(), 8, 4, 144),
      "{'names': ['a', 'b'], 'formats': ['<i4', '<i4'], 'offsets': [0, 4], 'itemsize': 8, 'aligned': True}",
    ],
    [
      'aligned, from numpy 1',
      pickled('V8', 3, '|', null, tuple('a', 'b'), fields(), 8, 4, -112),
      "{'names': ['a', 'b'], 'formats': ['<i4', '<i4'], 'offsets': [0, 4], 'itemsize': 8, 'aligned': True}",
    ],
    ['of objects', pickled('O8', 3, '|', null, null, null, -1, -1, 63), 'object'],
  ];
  for (const [what, value, text] of read) {
    it(`${what} is ${text}, and goes back as it came`, () => {
      const type = dtypeFromPickle(value);
      expect(type.toString()).to.equal(text);
      expect(dtypeToPickle(type)).to.equal(value);
    });
  }

  it('is one object for each simple native dtype, so that pickles share it', () => {
    expect(dtypeToPickle(dtype('f4'))).to.equal(dtypeToPickle(dtype('<f4')));
    expect(dtypeToPickle(dtype('>f4'))).not.to.equal(dtypeToPickle(dtype('>f4')));
  });

  let deep = i4;
  for (let i = 0; i < 100; i++)
    deep = pickled('V4', 3, '|', tuple<unknown>(deep, tuple(1)), null, null, 4, 4, 0);
  const wrong: [string, unknown][] = [
    ['that is none', tuple(1)],
    ['of another callable', new PyObject('reduce', pyGlobal('os', 'system'), tuple('i4'))],
    ['of an unknown code', pickled('q9', 3, '<', null, null, null, -1, -1, 0)],
    ['of version 5', pickled('i4', 5, '<', null, null, null, -1, -1, 0)],
    ['with too short a state', pickled('i4', 3, '<')],
    ['in no byte order', pickled('i4', 3, '!', null, null, null, -1, -1, 0)],
    [
      'with a named field missing',
      pickled('V8', 3, '|', null, tuple('a', 'c'), fields(), 8, 1, 16),
    ],
    [
      'with a field beyond its end',
      pickled('V6', 3, '|', null, tuple('a', 'b'), fields(), 6, 1, 16),
    ],
    ['with a negative size', pickled('V8', 3, '|', null, null, null, -8, 1, 0)],
    ['with a huge size', pickled('V8', 3, '|', null, null, null, 2 ** 40, 1, 0)],
    ['nested too deeply', deep],
    [
      'with an unknown unit',
      pickled(
        'M8',
        4,
        '<',
        null,
        null,
        null,
        -1,
        -1,
        0,
        tuple<unknown>(null, tuple<unknown>('xs', 1, 1, 1)),
      ),
    ],
  ];
  for (const [what, value] of wrong) {
    it(`${what} is refused`, () => throwsCode('DTYPE', () => dtypeFromPickle(value)));
  }
});

import { expect } from 'chai';
import {
  decode,
  encode,
  NumpyArray,
  NumpyDType,
  NumpyScalar,
  PyComplex,
  PyDict,
  PyObject,
  PyTuple,
  pyGlobal,
  describe as repr,
  tuple,
} from '../../src/pickle/index.ts';
import { failure, raw } from './raw.ts';

function dtype(code: string, ...state: unknown[]): PyObject {
  return new PyObject('reduce', pyGlobal('numpy', 'dtype'), tuple<unknown>(code, false, true), {
    state: tuple(...state),
  });
}

function array(type: unknown, shape: unknown, content: unknown, fortran = false): PyObject {
  const callable = pyGlobal('numpy._core.multiarray', '_reconstruct');
  const args = tuple<unknown>(pyGlobal('numpy', 'ndarray'), tuple(0), Uint8Array.of(0x62));
  return new PyObject('reduce', callable, args, { state: tuple(1, shape, type, fortran, content) });
}

const FLOAT = dtype('f8', 3, '<', null, null, null, -1, -1, 0);
const BIG = dtype('i4', 3, '>', null, null, null, -1, -1, 0);
const BYTES8 = new Uint8Array(new Float64Array([1.5]).buffer);

describe('Arrays of numpy in pickles', () => {
  it('go to bytes and back, as new ones and as changed ones', () => {
    const made = new NumpyArray(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    const read = decode(encode(made)) as NumpyArray;
    expect(read).to.be.instanceOf(NumpyArray);
    expect(read.data).to.deep.equal(made.data);
    expect(read.shape).to.deep.equal([2, 3]);
    expect(read.dtype.str).to.equal('<f8');
    (read.data as Float64Array)[5] = 60;
    expect((decode(encode(read)) as NumpyArray).toArray()).to.deep.equal([
      [1, 2, 3],
      [4, 5, 60],
    ]);
  });

  it('share their dtype', () => {
    const [a, b] = decode(
      encode([new NumpyArray(Int8Array.of(1)), new NumpyArray(Int8Array.of(2))]),
    ) as [NumpyArray, NumpyArray];
    expect(a.dtype).to.equal(b.dtype);
  });

  it('have their elements in this machine’s order of bytes, and keep their own', () => {
    const bytes = encode(array(BIG, tuple(2), Uint8Array.of(0, 0, 1, 0, 255, 255, 255, 254)));
    const read = decode(bytes) as NumpyArray;
    expect(read.data).to.deep.equal(Int32Array.of(256, -2));
    expect(read.dtype.str).to.equal('>i4');
    expect(encode(read)).to.deep.equal(bytes);
  });

  it('know the order of their axes', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const type = dtype('u1', 3, '|', null, null, null, -1, -1, 0);
    const fortran = decode(encode(array(type, tuple(2, 3), bytes, true))) as NumpyArray;
    expect(fortran.toArray()).to.deep.equal([
      [1, 3, 5],
      [2, 4, 6],
    ]);
    expect(fortran.get(1, 2)).to.equal(6);
    expect(fortran.get(0, 1)).to.equal(3);
    expect(fortran.get(0, 3)).to.equal(undefined);
    expect(failure(() => fortran.get(0))).to.include({ code: 'PICKLE_VALUE' });
  });

  it('have elements of every kind', () => {
    const point = new PyDict<string, unknown>([
      ['x', tuple<unknown>(dtype('u1', 3, '|', null, null, null, -1, -1, 0), 0)],
      ['y', tuple<unknown>(dtype('S2', 3, '|', null, null, null, 2, 1, 0), 1)],
    ]);
    const cases: [PyObject, Uint8Array, unknown][] = [
      [dtype('b1', 3, '|', null, null, null, -1, -1, 0), Uint8Array.of(1), true],
      [dtype('i8', 3, '<', null, null, null, -1, -1, 0), Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0), 5n],
      [dtype('f2', 3, '<', null, null, null, -1, -1, 0), Uint8Array.of(0, 0x3e), 1.5],
      [
        dtype('c8', 3, '<', null, null, null, -1, -1, 0),
        new Uint8Array(Float32Array.of(1, 2).buffer),
        new PyComplex(1, 2),
      ],
      [dtype('S3', 3, '|', null, null, null, 3, 1, 0), Uint8Array.of(97, 0, 0), Uint8Array.of(97)],
      [dtype('U1', 3, '<', null, null, null, 4, 4, 8), Uint8Array.of(0x00, 0xf6, 1, 0), '😀'],
      [
        dtype('V3', 3, '|', null, tuple('x', 'y'), point, 3, 1, 0),
        Uint8Array.of(7, 97, 98),
        tuple<unknown>(7, Uint8Array.of(97, 98)),
      ],
    ];
    for (const [type, bytes, element] of cases) {
      const read = decode(encode(array(type, tuple(), bytes))) as NumpyArray;
      expect(read, type.args[0] as string).to.be.instanceOf(NumpyArray);
      expect(read.get(), type.args[0] as string).to.deep.equal(element);
      expect(encode(read)).to.deep.equal(encode(array(type, tuple(), bytes)));
    }
  });

  it('are scalars too, equal to their numbers as keys', () => {
    const scalar = new NumpyScalar(Int32Array.of(5));
    const read = decode(encode(scalar)) as NumpyScalar;
    expect(read).to.be.instanceOf(NumpyScalar);
    expect(read.value).to.equal(5);
    expect(new PyDict([[5, 'five']]).get(read as never)).to.equal('five');
  });

  it('have dtypes that tell of their fields', () => {
    const fields = new PyDict<string, unknown>([['x', tuple<unknown>(FLOAT, 8)]]);
    const read = decode(
      encode(dtype('V16', 3, '|', null, tuple('x'), fields, 16, 1, 16)),
    ) as NumpyDType;
    expect(read.fields?.get('x')?.dtype.str).to.equal('<f8');
    expect(read.fields?.get('x')?.offset).to.equal(8);
    const unit = tuple<unknown>(new PyDict(), tuple<unknown>(Uint8Array.of(110, 115), 1, 1, 1));
    expect(String(decode(encode(dtype('M8', 4, '<', null, null, null, -1, -1, 0, unit))))).to.equal(
      '<M8[ns]',
    );
  });

  const strange: readonly [what: string, value: PyObject][] = [
    ['too few bytes', array(FLOAT, tuple(2), BYTES8)],
    ['a shape of more than memory holds', array(FLOAT, tuple(2 ** 40, 2 ** 40), BYTES8)],
    ['a shape that overflows to what fits', array(FLOAT, tuple(0, 2 ** 52), BYTES8)],
    ['a shape that is no tuple', array(FLOAT, 1, BYTES8)],
    ['a negative length', array(FLOAT, tuple(-1), BYTES8)],
    ['a list for numbers', array(FLOAT, tuple(1), [1])],
    [
      'another class',
      new PyObject(
        'reduce',
        pyGlobal('numpy.core.multiarray', '_reconstruct'),
        tuple<unknown>(pyGlobal('numpy', 'recarray'), tuple(0), Uint8Array.of(0x62)),
        { state: tuple<unknown>(1, tuple(1), FLOAT, false, BYTES8) },
      ),
    ],
    [
      'no state',
      new PyObject(
        'reduce',
        pyGlobal('numpy.core.multiarray', '_reconstruct'),
        tuple<unknown>(pyGlobal('numpy', 'ndarray'), tuple(0), Uint8Array.of(0x62)),
      ),
    ],
    ['a dtype of no kind', dtype('z8', 3, '<', null, null, null, -1, -1, 0)],
    ['a dtype of an old version', dtype('f8', 1, '<', null, null, null, -1, -1)],
    [
      'a dtype without a state',
      new PyObject('reduce', pyGlobal('numpy', 'dtype'), tuple<unknown>('f8', false, true)),
    ],
    [
      'a field beyond its element',
      dtype('V8', 3, '|', null, tuple('x'), new PyDict([['x', tuple<unknown>(FLOAT, 1)]]), 8, 1, 0),
    ],
    [
      'a scalar of no bytes',
      new PyObject(
        'reduce',
        pyGlobal('numpy.core.multiarray', 'scalar'),
        tuple<unknown>(FLOAT, new Uint8Array(0)),
      ),
    ],
  ];
  for (const [what, value] of strange) {
    it(`stay descriptions with ${what}`, () => {
      const bytes = encode(value);
      expect(decode(bytes)).to.be.instanceOf(PyObject);
      expect(encode(decode(bytes))).to.deep.equal(bytes);
    });
  }

  it('have no dtypes of fields over fields without an end', () => {
    let type = FLOAT;
    for (let i = 0; i < 40; i++) {
      const fields = new PyDict<string, unknown>([
        ['x', tuple<unknown>(type, 0)],
        ['y', tuple<unknown>(type, 0)],
      ]);
      type = dtype('V8', 3, '|', null, tuple('x', 'y'), fields, 8, 1, 0);
    }
    const bytes = encode(type);
    expect(decode(bytes)).to.be.instanceOf(PyObject);
    expect(encode(decode(bytes))).to.deep.equal(bytes);

    const loop = dtype('V8', 3, '|', null, tuple('x'), null, 8, 1, 0);
    const inside = new PyDict<string, unknown>([
      ['x', tuple<unknown>(loop, 0)],
      ['y', tuple<unknown>(loop, 0)],
    ]);
    (loop.state as PyTuple)[4] = inside;
    const outer = dtype(
      'V8',
      3,
      '|',
      null,
      tuple('x'),
      new PyDict([['x', tuple<unknown>(loop, 0)]]),
      8,
      1,
      0,
    );
    expect(decode(encode(outer))).to.be.instanceOf(PyObject);
    const many = dtype(
      'V8',
      3,
      '|',
      tuple<unknown>(FLOAT, tuple(2 ** 20, 2 ** 20)),
      null,
      null,
      8,
      1,
      0,
    );
    expect(decode(encode(many))).to.be.instanceOf(PyObject);
  });

  it('are not shown or listed beyond what there is room for', () => {
    const empty = decode(encode(array(FLOAT, tuple(2 ** 40, 0), new Uint8Array(0)))) as NumpyArray;
    expect(empty).to.be.instanceOf(NumpyArray);
    expect(failure(() => empty.toArray())).to.include({ code: 'PICKLE_LIMIT' });
    expect(repr(empty)).to.equal('array([], shape=(1099511627776, 0), dtype=float64)');
    const deep = new NumpyArray(new Int8Array(7 ** 6), [7, 7, 7, 7, 7, 7]);
    expect(repr(deep)).to.equal('array([...], shape=(7, 7, 7, 7, 7, 7), dtype=int8)');
    const long = new NumpyArray(new BigInt64Array(2000));
    expect(repr(long)).to.equal('array([0, 0, 0, ..., 0, 0, 0])');
  });

  it('cannot be made of what does not fit', () => {
    const wrong: (() => unknown)[] = [
      () => new NumpyArray(Float64Array.of(1), [2]),
      () => new NumpyArray([1, 2]),
      () => new NumpyArray(Float64Array.of(1), [1], { dtype: new NumpyDType('<f4') }),
      () => new NumpyArray('x' as never),
      () => new NumpyDType('<x8'),
      () => new NumpyDType('M8[ns]'),
      () => new NumpyScalar(Float64Array.of(1, 2)),
    ];
    for (const make of wrong) expect(failure(make)).to.include({ code: 'PICKLE_VALUE' });
    expect(PyTuple.isArray(new NumpyArray(Int8Array.of(1)).toArray())).to.equal(true);
  });

  // `str`, which is text where it is ASCII
  const PYTHON2 = (opcode: string, content: string): string =>
    `\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03(K\x01K\x01\x85cnumpy\ndtype\nq\x04U\x02i2q\x05K\x00K\x01\x87Rq\x06(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89${opcode}${content}q\x07tb.`;

  for (const [what, bytes, number] of [
    ['ASCII', '\x7f\x01', 0x17f],
    ['others', '\xff\x01', 0x1ff],
  ] as const) {
    for (const strings of ['auto', 'latin1', 'utf8', 'bytes'] as const) {
      it(`are read from Python 2 too, and go back: bytes that are ${what}, by the policy ${strings}`, () => {
        const pickle = raw(PYTHON2('U\x02', bytes));
        const value = decode(pickle, { strings }) as NumpyArray;
        expect(value.toArray()).to.deep.equal([number]);
        expect(encode(value, { dialect: 'python2', like: value })).to.deep.equal(pickle);
        (value.data as Int16Array)[0] = 5;
        const changed = encode(value, { dialect: 'python2', like: value });
        expect(changed).to.deep.equal(raw(PYTHON2('U\x02', '\x05\0')));
      });
    }
  }

  it('stay descriptions where Python 2 wrote unicode or text of other bytes in the place of theirs', () => {
    for (const pickle of [PYTHON2('X\x02\0\0\0', 'ab'), PYTHON2('U\x03', '\xc3\xa9a')]) {
      const value = decode(raw(pickle), { strings: 'utf8' });
      expect(value).to.be.instanceOf(PyObject);
      const again = encode(value, { dialect: 'python2', like: value });
      expect(again).to.deep.equal(raw(pickle));
    }
  });

  it('are not read from text where Python 3 wrote it', () => {
    const value = decode(encode(array(BIG, tuple(1), 'text')));
    expect(value).to.be.instanceOf(PyObject);
  });
});

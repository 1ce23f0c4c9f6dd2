import { expect } from 'chai';
import { dtype, Geometry } from '../../src/bigarray/index.ts';
import {
  type ArrayState,
  arrayStateFromPickle,
  arrayStateToPickle,
} from '../../src/bigarray/state.ts';
import {
  float,
  PersistentRef,
  Pickler,
  PyDict,
  PyObject,
  type PyTuple,
  pyGlobal,
  tuple,
  Unpickler,
} from '../../src/pickle/index.ts';
import { throwsCode } from './throws.ts';

function hex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}

/** The record of an int32 array of shape (10,), as Python 3 writes it, without its class description. */
const PY3 = [
  '80037d710128',
  `5806000000${hex('_dtype')}7102`,
  `63${hex('numpy\ndtype\n')}71035802000000${hex('i4')}7104898887710552710628`,
  `4b035801000000${hex('<')}71074e4e4e4affffffff4affffffff4b00747108`,
  `625806000000${hex('_shape')}71094b0a85710a`,
  `5806000000${hex('_order')}710b5801000000${hex('C')}710c`,
  `5808000000${hex('_stridev')}710d4b0485710e75`,
  `7d710f5805000000${hex('zfile')}711043080000000000000002`,
  `711163${hex('wendelin.bigfile.file_zodb\nZBigFile\n')}7112867113517386`,
  '71142e',
].join('');

/** The same from Python 2.7: byte strings, integers for booleans, other key order. */
const PY2 = [
  '80037d710228',
  `5506${hex('_order')}71035501${hex('C')}5506${hex('_shape')}71044b0a857105`,
  `5508${hex('_stridev')}71064b04857107`,
  `5506${hex('_dtype')}710863${hex('numpy\ndtype\n')}71095502${hex('i4')}710a4b004b018752710b28`,
  `4b035501${hex('<')}4e4e4e4affffffff4affffffff4b007462`,
  `757d710c5505${hex('zfile')}710d43080000000000000002`,
  `63${hex('wendelin.bigfile.file_zodb\nZBigFile\n')}710e86517386710f2e`,
].join('');

/** The class description that comes first in a record: it takes memo entry 0. */
function classFirst(pickler: Pickler): void {
  pickler.dump(pyGlobal('wendelin.bigarray.array_zodb', 'ZBigArray'));
  pickler.take();
}

function decode(text: string): unknown {
  return new Unpickler().load(Uint8Array.from(Buffer.from(text, 'hex')));
}

function encode(value: unknown): string {
  const pickler = new Pickler();
  classFirst(pickler);
  pickler.dump(value);
  return Buffer.from(pickler.take()).toString('hex');
}

const zfile = new PersistentRef(
  tuple<unknown>(
    Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2),
    pyGlobal('wendelin.bigfile.file_zodb', 'ZBigFile'),
  ),
);

describe('The state of an array', () => {
  it('is read from the bytes that Python 3 and Python 2 write', () => {
    for (const bytes of [PY3, PY2]) {
      const state = arrayStateFromPickle(decode(bytes));
      expect(state.geometry.dtype.str).to.equal('<i4');
      expect(state.geometry.shape).to.deep.equal([10]);
      expect(state.geometry.order).to.equal('C');
      expect(state.zfile).to.be.instanceOf(PersistentRef);
    }
  });

  it('is written as the bytes of Python 3', () => {
    const geometry = new Geometry(dtype('i4'), [10], 'C');
    expect(encode(arrayStateToPickle(geometry, zfile))).to.equal(PY3);
  });

  it('is written back as it was read where nothing changed', () => {
    const state = arrayStateFromPickle(decode(PY3));
    expect(encode(arrayStateToPickle(state.geometry, state.zfile, state))).to.equal(PY3);
  });

  /** A state with some attributes changed; undefined takes one out. */
  function stateWith(changes: Record<string, unknown>, slots: object = { zfile }): PyTuple {
    const attributes = new PyDict<string, unknown>([
      ['_dtype', (decode(PY3) as PyTuple<PyDict>)[0]?.get('_dtype')],
      ['_shape', tuple(2, 3)],
      ['_order', 'C'],
      ['_stridev', tuple(12, 4)],
    ]);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) attributes.delete(name);
      else attributes.set(name, value);
    }
    return tuple<unknown>(attributes, PyDict.fromObject(slots as Record<string, unknown>));
  }

  const int64 = (decode(PY3.replace(hex('i4'), hex('i8'))) as PyTuple<PyDict>)[0]?.get('_dtype');
  const numpyInt = (value: number, module = 'numpy.core.multiarray'): PyObject => {
    const bytes = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
    return new PyObject('reduce', pyGlobal(module, 'scalar'), tuple<unknown>(int64, bytes));
  };
  const numpyArray = (...values: number[]): PyObject => {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return new PyObject(
      'reduce',
      pyGlobal('numpy.core.multiarray', '_reconstruct'),
      tuple<unknown>(pyGlobal('numpy', 'ndarray'), tuple(0), Uint8Array.of(98)),
      { state: tuple<unknown>(1, tuple(values.length), int64, false, bytes) },
    );
  };

  const old: [string, Record<string, unknown>][] = [
    ['a list', { _shape: [2, 3] }],
    ['a numpy array', { _shape: numpyArray(2, 3) }],
    [
      'numpy integers',
      { _shape: tuple(numpyInt(2), numpyInt(3)), _stridev: tuple(numpyInt(12), numpyInt(4)) },
    ],
    ['numpy 2 integers', { _shape: tuple<unknown>(numpyInt(2, 'numpy._core.multiarray'), 3) }],
    ['floats', { _shape: tuple(float(2), float(3)) }],
    ['bigints', { _shape: tuple(2n, 3n) }],
  ];
  for (const [what, changes] of old) {
    it(`may have ${what} as shape, which is kept until the shape changes`, () => {
      const state = arrayStateFromPickle(stateWith(changes));
      expect(state.geometry.shape).to.deep.equal([2, 3]);
      const [same] = arrayStateToPickle(state.geometry, zfile, state) as PyTuple<PyDict>;
      expect(same?.get('_shape')).to.equal(changes['_shape']);
      const [grown] = arrayStateToPickle(
        state.geometry.resized([4, 3]),
        zfile,
        state,
      ) as PyTuple<PyDict>;
      expect(grown?.get('_shape')).to.deep.equal(tuple(4, 3));
      expect(grown?.get('_stridev')).to.deep.equal(tuple(12, 4));
    });
  }

  it('may have no order, which means C and stays so', () => {
    const state = arrayStateFromPickle(stateWith({ _order: undefined }));
    expect(state.geometry.order).to.equal('C');
    const [written] = arrayStateToPickle(
      state.geometry.resized([4, 3]),
      zfile,
      state,
    ) as PyTuple<PyDict>;
    expect([...(written?.keys() ?? [])]).to.deep.equal(['_dtype', '_shape', '_stridev']);
  });

  it('keeps what applications added, in its place', () => {
    const read = stateWith({ unit: 'mV' }, { zfile, extra: 1 });
    const state: ArrayState = arrayStateFromPickle(read);
    const [attributes, slots] = arrayStateToPickle(
      state.geometry.resized([9, 3]),
      zfile,
      state,
    ) as PyTuple<PyDict>;
    expect([...(attributes?.keys() ?? [])]).to.deep.equal([
      '_dtype',
      '_shape',
      '_order',
      '_stridev',
      'unit',
    ]);
    expect([...(slots?.keys() ?? [])]).to.deep.equal(['zfile', 'extra']);
  });

  const wrong: [string, unknown][] = [
    ['no pair', new PyDict()],
    ['no zfile', stateWith({}, {})],
    ['no shape', stateWith({ _shape: undefined })],
    ['no dtype', stateWith({ _dtype: undefined })],
    ['a fraction in the shape', stateWith({ _shape: tuple(2.5, 3) })],
    ['a negative length', stateWith({ _shape: tuple(-2, 3) })],
    ['a huge length', stateWith({ _shape: tuple(2n ** 60n, 3) })],
    ['text as shape', stateWith({ _shape: '23' })],
    ['strides that contradict the shape', stateWith({ _stridev: tuple(4, 8) })],
    ['another order', stateWith({ _order: 'K' })],
    [
      'objects as elements',
      stateWith({
        _dtype: (() =>
          new PyObject('reduce', pyGlobal('numpy', 'dtype'), tuple<unknown>('O8', false, true)))(),
      }),
    ],
    ['a class as dtype', stateWith({ _dtype: pyGlobal('numpy', 'int32') })],
  ];
  for (const [what, state] of wrong) {
    it(`with ${what} is refused`, () => {
      throwsCode('ARRAY_STATE', () => arrayStateFromPickle(state));
    });
  }
});

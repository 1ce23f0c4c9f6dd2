import { expect } from 'chai';
import {
  ArrayView,
  dtype,
  ellipsis,
  type Index,
  NaT,
  newaxis,
  slice,
  zeros,
} from '../../src/bigarray/index.ts';
import { throwsCode } from './throws.ts';

/** 0, 1, 2 ... in C order. */
function counted(...shape: number[]): ArrayView<'int32'> {
  const size = shape.reduce((product, length) => product * length, 1);
  const flat = zeros([size], dtype('int32')).assign(Int32Array.from({ length: size }, (_, i) => i));
  return flat.reshape(shape);
}

describe('A view', () => {
  it('has exactly its elements as data where they are contiguous', () => {
    const rows = counted(4, 3).view([slice(1, 3)]);
    expect([...rows.data]).to.deep.equal([3, 4, 5, 6, 7, 8]);
    expect(rows.offset).to.equal(0);
    expect(rows.order).to.equal('C');
    expect(counted(4, 3).copy('F').order).to.equal('F');
  });

  it('has the smallest covering array as data elsewhere, with offset and stride', () => {
    const view = counted(4, 3).view([slice(null, null, -2), 1]);
    expect([...view.data]).to.deep.equal([4, 5, 6, 7, 8, 9, 10]);
    expect([view.offset, view.stride, view.order]).to.deep.equal([6, [-6], undefined]);
    expect(view.toArray()).to.deep.equal([10, 4]);
    expect(view.data[view.offset + (view.stride[0] as number)]).to.equal(4);
  });

  it('shares memory with everything derived from it', () => {
    const whole = counted(3, 4);
    whole
      .view([slice(null, null, -1)])
      .transpose()
      .set(99, 1, 0);
    expect(whole.get(2, 1)).to.equal(99);
    whole
      .reshape([2, -1])
      .view([1, slice(2)])
      .assign(7);
    expect(whole.toArray()).to.deep.equal([
      [0, 1, 2, 3],
      [4, 5, 7, 7],
      [8, 99, 10, 11],
    ]);
  });

  it('knows its sizes', () => {
    const view = counted(2, 3, 4);
    const { shape, strides, ndim, size, itemsize, nbytes, length } = view;
    expect({ shape, strides, ndim, size, itemsize, nbytes, length }).to.deep.equal({
      shape: [2, 3, 4],
      strides: [48, 16, 4],
      ndim: 3,
      size: 24,
      itemsize: 4,
      nbytes: 96,
      length: 2,
    });
  });

  const shapes: [Index[], number[]][] = [
    [[], [3, 4]],
    [[ellipsis], [3, 4]],
    [[-1], [4]],
    [[1, ellipsis], [4]],
    [[ellipsis, 1], [3]],
    [[newaxis], [1, 3, 4]],
    [
      [1, newaxis, slice(2)],
      [1, 2],
    ],
    [
      [newaxis, -2, slice()],
      [1, 4],
    ],
    [
      [slice(5, 9), slice(1, 2)],
      [0, 1],
    ],
    [[slice(null, null, -5)], [1, 4]],
    [[2n, 3n], []],
  ];
  for (const [indexes, shape] of shapes) {
    it(`[${indexes.map(String)}] of (3, 4) has shape [${shape}]`, () => {
      expect(counted(3, 4).view(indexes).shape).to.deep.equal(shape);
    });
  }

  const wrong: unknown[][] = [
    [3],
    [-4],
    [0, 4],
    [0, 0, 0],
    [1.5],
    ['1'],
    [true],
    [[0, 2]],
    [null],
    [ellipsis, ellipsis],
  ];
  for (const indexes of wrong) {
    it(`refuses [${indexes.map((index) => JSON.stringify(index) ?? String(index))}] as index of (3, 4)`, () => {
      throwsCode('INDEX', () => counted(3, 4).view(indexes as Index[]));
    });
  }

  it('refuses a step of 0, and bounds that are no integers', () => {
    throwsCode('INDEX', () => slice(0, 1, 0));
    throwsCode('INDEX', () => slice(0.5, 1));
  });

  it('gets and sets single elements, counting from the end too', () => {
    const view = counted(3, 4);
    expect(view.get(-1, -4)).to.equal(8);
    view.set(-5, 2, 0);
    expect(view.data[8]).to.equal(-5);
    for (const indexes of [[3, 0], [0], [0, 0, 0], [0, 0.5]]) {
      throwsCode('INDEX', () => view.get(...indexes));
    }
  });

  const assigned: [string, unknown, unknown][] = [
    [
      'one value',
      5,
      [
        [5, 5],
        [5, 5],
      ],
    ],
    [
      'a bigint',
      5n,
      [
        [5, 5],
        [5, 5],
      ],
    ],
    [
      'a row',
      [1, 2],
      [
        [1, 2],
        [1, 2],
      ],
    ],
    [
      'a column',
      [[1], [2]],
      [
        [1, 1],
        [2, 2],
      ],
    ],
    [
      'a typed array',
      Float64Array.of(1.9, -2.9),
      [
        [1, -2],
        [1, -2],
      ],
    ],
    [
      'a view',
      counted(2, 2),
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [
      'typed arrays in a list',
      [Int8Array.of(1, 2), Int8Array.of(3, 4)],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'nothing but leading axes of length 1',
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ];
  for (const [what, values, expected] of assigned) {
    it(`takes ${what}`, () => {
      expect(zeros([2, 2], dtype('i4')).assign(values).toArray()).to.deep.equal(expected);
    });
  }

  const refused: [string, unknown, string][] = [
    ['a wrong length', [1, 2, 3], 'SHAPE'],
    ['too many axes', [[[1, 2]], [[1, 2]]], 'SHAPE'],
    ['a ragged list', [[1, 2], [3]], 'SHAPE'],
    ['text', ['a', 'b'], 'ELEMENT_VALUE'],
    ['undefined', [undefined, 1], 'ELEMENT_VALUE'],
    ['a number out of range', [2 ** 31, 1], 'ELEMENT_VALUE'],
    ['NaN as an integer', NaN, 'ELEMENT_VALUE'],
    ['a DataView', new DataView(new ArrayBuffer(8)), 'DTYPE'],
    ['records', zeros([2], dtype('i4,i4')), 'DTYPE'],
  ];
  for (const [what, values, code] of refused) {
    it(`refuses ${what}`, () => {
      throwsCode(code, () => zeros([2, 2], dtype('i4')).assign(values));
    });
  }

  it('copies overlapping memory as if it had been read first', () => {
    const view = counted(6);
    view.view([slice(1, null)]).assign(view.view([slice(0, -1)]));
    expect([...view.data]).to.deep.equal([0, 0, 1, 2, 3, 4]);
    view.assign(view.view([slice(null, null, -1)]));
    expect([...view.data]).to.deep.equal([4, 3, 2, 1, 0, 0]);
  });

  it('shows fields as views, aligned ones as typed arrays with a stride', () => {
    const records = zeros(
      [3],
      dtype([
        ['t', 'M8[ns]'],
        ['v', 'f8'],
        ['n', 'i1'],
        ['w', 'f4', [2]],
      ]),
    );
    records.set({ t: 5n, v: 2.5, n: -1, w: [1, 2] }, 1);
    records.set([6n, 3.5, -2, [3, 4]], 2);
    const v = records.field('v');
    expect(v.data).to.be.instanceOf(Uint8Array);
    expect(v.toArray()).to.deep.equal([0, 2.5, 3.5]);
    expect(records.field('w').shape).to.deep.equal([3, 2]);
    expect(records.field('w').get(2, 1)).to.equal(4);
    const even = zeros(
      [3],
      dtype([
        ['t', 'M8[ns]'],
        ['v', 'f8'],
      ]),
    ).field('v');
    expect(even.data).to.be.instanceOf(Float64Array);
    expect([even.stride, even.data.length]).to.deep.equal([[2], 5]);
    expect(records.get(1)).to.deep.equal({ t: 5n, v: 2.5, n: -1, w: [1, 2] });
  });

  const elements: [string, unknown, unknown][] = [
    ['bool', true, true],
    ['>i2', -2, -2],
    ['u4', 2 ** 32 - 1, 2 ** 32 - 1],
    ['i8', -(2n ** 63n), -(2n ** 63n)],
    ['>u8', 2n ** 64n - 1n, 2n ** 64n - 1n],
    ['i8', 7, 7n],
    ['f2', 65504, 65504],
    ['f2', 1 + 2 ** -11, 1],
    ['f2', 2 ** -24, 2 ** -24],
    ['f4', 0.1, Math.fround(0.1)],
    ['>f8', 0.1, 0.1],
    ['c8', { real: 1, imag: -2 }, { real: 1, imag: -2 }],
    ['>c16', 3, { real: 3, imag: 0 }],
    ['S5', Uint8Array.of(97, 0, 98), Uint8Array.of(97, 0, 98)],
    ['S5', 'ab', Uint8Array.of(97, 98)],
    ['U3', 'é😀', 'é😀'],
    ['>U3', 'abc', 'abc'],
    ['V3', Uint8Array.of(1, 0, 0), Uint8Array.of(1, 0, 0)],
    ['M8[ns]', NaT, NaT],
    ['m8[s]', 5, 5n],
    ['f16', new Uint8Array(16).fill(3), new Uint8Array(16).fill(3)],
  ];
  for (const [spec, value, back] of elements) {
    it(`keeps ${String(value)} as ${spec}`, () => {
      const view = zeros([2], dtype(spec));
      view.set(value, 1);
      expect(view.get(1)).to.deep.equal(back);
      expect(new Uint8Array(view.buffer, 0, view.itemsize)).to.deep.equal(
        new Uint8Array(view.itemsize),
      );
    });
  }

  const impossible: [string, unknown][] = [
    ['u1', -1],
    ['i1', 128],
    ['i8', 2n ** 63n],
    ['u8', -1n],
    ['i4', Infinity],
    ['i8', NaN],
    ['f8', '1'],
    ['bool', 'yes'],
    ['S2', 'abc'],
    ['S2', 'é'],
    ['U2', 'abc'],
    ['V3', Uint8Array.of(1)],
    ['c8', { real: 1 }],
    ['i4,i4', { f0: 1 }],
    ['i4,i4', { f0: 1, f1: 2, f2: 3 }],
    ['i4,i4', [1]],
    ['M8[s]', '2020'],
  ];
  for (const [spec, value] of impossible) {
    it(`refuses ${String(value)} as ${spec}`, () => {
      throwsCode('ELEMENT_VALUE', () => zeros([], dtype(spec)).set(value));
    });
  }

  it('keeps a field that is called __proto__ apart from the prototype', () => {
    const view = zeros([], dtype([['__proto__', 'i4']]));
    view.set(JSON.parse('{"__proto__": 7}'));
    const element = view.get() as object;
    expect(Object.getPrototypeOf(element)).to.equal(Object.prototype);
    expect(Object.entries(element)).to.deep.equal([['__proto__', 7]]);
  });

  it('reshapes without copying, and says where only a copy could', () => {
    const view = counted(4, 6);
    expect(view.view([slice(), slice(null, null, 2)]).reshape([2, 2, 3]).strides).to.deep.equal([
      48, 24, 8,
    ]);
    expect(view.reshape([1, 24, 1]).shape).to.deep.equal([1, 24, 1]);
    throwsCode('SHAPE', () => view.transpose().reshape(24));
    throwsCode('SHAPE', () => view.reshape([5, -1]));
    throwsCode('SHAPE', () => view.reshape([-1, -1]));
    expect(view.transpose().copy().reshape(24).get(1)).to.equal(6);
  });

  it('permutes axes', () => {
    expect(counted(2, 3, 4).transpose([1, -1, 0]).shape).to.deep.equal([3, 4, 2]);
    throwsCode('SHAPE', () => counted(2, 3).transpose([0, 0]));
    throwsCode('SHAPE', () => counted(2, 3).transpose([0]));
    throwsCode('SHAPE', () => counted(2, 3).transpose([0, 2]));
  });

  it('iterates over elements of one axis, views of several', () => {
    expect([...counted(3)]).to.deep.equal([0, 1, 2]);
    expect([...counted(2, 2)].map((row) => (row as ArrayView).toArray())).to.deep.equal([
      [0, 1],
      [2, 3],
    ]);
  });

  it('converts to other dtypes in memory of its own', () => {
    const view = counted(3);
    const floats = view.astype('>f8');
    expect(floats.toArray()).to.deep.equal([0, 1, 2]);
    view.set(9, 0);
    expect(floats.get(0)).to.equal(0);
    throwsCode('DTYPE', () => view.astype('S3'));
    throwsCode('DTYPE', () => view.astype('x'));
  });

  it('cannot be used after its memory is gone', () => {
    const view = counted(3);
    structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
    expect(view.data.length).to.equal(0);
    for (const use of [
      () => view.get(0),
      () => view.set(1, 0),
      () => view.copy(),
      () => view.view(),
    ]) {
      throwsCode('CLOSED', use);
    }
  });

  it('works on memory that is not aligned', () => {
    const buffer = new ArrayBuffer(33);
    const view = new ArrayView({
      buffer,
      dtype: dtype('f8'),
      layout: { offset: 1, shape: [4], strides: [8] },
    });
    expect(view.data).to.be.instanceOf(Uint8Array);
    view.assign([1, 2, 3, 4]);
    expect(view.view([slice(null, null, -1)]).toArray()).to.deep.equal([4, 3, 2, 1]);
    expect(new DataView(buffer).getFloat64(9, true)).to.equal(2);
  });
});

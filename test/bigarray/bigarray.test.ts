import { expect } from 'chai';
import {
  type ArrayView,
  dtype,
  mean,
  RAMArray,
  slice,
  sum,
  zeros,
} from '../../src/bigarray/index.ts';
import { throwsCode } from './throws.ts';

function counted(shape: number[], order: 'C' | 'F' = 'C'): RAMArray<'int32'> {
  const array = new RAMArray(shape, 'int32', { order });
  const size = shape.reduce((product, length) => product * length, 1);
  const flat = zeros([size], dtype('int32')).assign(Int32Array.from({ length: size }, (_, i) => i));
  array.view().assign(flat.reshape(shape));
  return array;
}

describe('A BigArray', () => {
  it('has an ndarray its attributes, in C and F order', () => {
    const attributes = ({
      shape,
      strides,
      size,
      length,
      itemsize,
      nbytes,
      ndim,
      order,
    }: RAMArray) => ({
      shape,
      strides,
      size,
      length,
      itemsize,
      nbytes,
      ndim,
      order,
    });
    const common = { shape: [10, 3], size: 30, itemsize: 4, nbytes: 120, ndim: 2 };
    expect(attributes(new RAMArray([10, 3], 'int32'))).to.deep.equal({
      ...common,
      strides: [12, 4],
      length: 10,
      order: 'C',
    });
    expect(attributes(new RAMArray([10, 3], 'int32', { order: 'F' }))).to.deep.equal({
      ...common,
      strides: [4, 40],
      length: 3,
      order: 'F',
    });
  });

  it('takes a number, a bigint or a list as shape', () => {
    for (const shape of [5, 5n, [5], [5n]])
      expect(new RAMArray(shape, 'u1').shape).to.deep.equal([5]);
  });

  const wrong: [string, () => unknown, string][] = [
    ['a negative length', () => new RAMArray([-1], 'u1'), 'SHAPE'],
    ['a fraction', () => new RAMArray([1.5], 'u1'), 'SHAPE'],
    ['text', () => new RAMArray('5' as never, 'u1'), 'SHAPE'],
    ['another order', () => new RAMArray([5], 'u1', { order: 'K' as never }), 'SHAPE'],
    ['more than 2^53 bytes', () => new RAMArray([2 ** 30, 2 ** 30], 'u1'), 'SHAPE'],
    ['objects', () => new RAMArray([5], 'O'), 'DTYPE'],
    ['objects in records', () => new RAMArray([5], 'i4,O'), 'DTYPE'],
    ['elements without a size', () => new RAMArray([5], 'S'), 'DTYPE'],
    ['more than memory can be', () => new RAMArray([2 ** 40], 'u1'), 'VIEW_TOO_LARGE'],
  ];
  for (const [what, make, code] of wrong) {
    it(`refuses ${what}`, () => throwsCode(code, make));
  }

  it('gives views of its memory, not copies', () => {
    const array = counted([4, 3]);
    const tail = array.view([slice(-2, null)]);
    tail.data[0] = 99;
    expect(array.view([2]).get(0)).to.equal(99);
    expect(array.view([slice(9, 20)]).shape).to.deep.equal([0, 3]);
    throwsCode('INDEX', () => array.view([-5]));
  });

  it('appends along the first axis in C order and the last in F order', () => {
    const rows = new RAMArray([0, 3, 2], 'int64');
    rows.append(zeros([2, 3, 2], dtype('int64')).assign(1));
    rows.append([
      [
        [2, 2],
        [2, 2],
        [2, 2],
      ],
    ]);
    expect(rows.shape).to.deep.equal([3, 3, 2]);
    expect(rows.view([slice(), 0, 0]).toArray()).to.deep.equal([1n, 1n, 2n]);
    const columns = new RAMArray([2, 3, 0], 'int64', { order: 'F' });
    columns.append(zeros([2, 3, 1], dtype('int64')).assign(1));
    columns.append(zeros([2, 3, 2], dtype('int64')).assign(2));
    expect(columns.shape).to.deep.equal([2, 3, 3]);
    expect(columns.view([0, 0]).toArray()).to.deep.equal([1n, 2n, 2n]);
  });

  it('appends along the last axis in F order also where the first has length 1', () => {
    const array = new RAMArray([1, 0], 'u1', { order: 'F' });
    array.append([[1, 2, 3]]);
    expect(array.shape).to.deep.equal([1, 3]);
    expect(array.length).to.equal(3);
  });

  const unfit: [string, unknown, string][] = [
    ['another inner length', zeros([1, 4], dtype('i4')), 'SHAPE'],
    ['fewer axes', [1, 2, 3], 'SHAPE'],
    ['more axes', [[[1, 2, 3]]], 'SHAPE'],
    ['one value', 1, 'SHAPE'],
    ['records', zeros([1, 3], dtype('i4,i4')), 'DTYPE'],
    ['text', [['a', 'b', 'c']], 'ELEMENT_VALUE'],
  ];
  for (const [what, values, code] of unfit) {
    it(`refuses to append ${what}, and stays as it was`, () => {
      const array = counted([2, 3]);
      const { geometry } = array;
      throwsCode(code, () => array.append(values));
      expect(array.geometry).to.equal(geometry);
      expect(array.read().toArray()).to.deep.equal([
        [0, 1, 2],
        [3, 4, 5],
      ]);
    });
  }

  it('does nothing when nothing is appended', () => {
    const array = counted([2, 3]);
    const { geometry } = array;
    array.append(zeros([0, 3], dtype('i4')));
    expect(array.geometry).to.equal(geometry);
    const flat = new RAMArray([2], 'f8');
    flat.append([]);
    expect(flat.shape).to.deep.equal([2]);
  });

  it('appends what it holds itself', () => {
    const array = counted([3]);
    array.append(array);
    array.append(array.view([slice(null, null, -2)]));
    expect(array.read().toArray()).to.deep.equal([0, 1, 2, 0, 1, 2, 2, 0, 1]);
  });

  it('keeps old views coupled, and old values, through resize and append', () => {
    const array = counted([6]);
    const before = array.view();
    array.resize([3]);
    expect(array.view().toArray()).to.deep.equal([0, 1, 2]);
    array.resize([1_000_000]);
    expect(array.view([slice(4, 8)]).toArray()).to.deep.equal([4, 5, 0, 0]);
    before.data[5] = 55;
    array.view([4]).set(44);
    expect(array.view([5]).get()).to.equal(55);
    expect(before.get(4)).to.equal(44);
    throwsCode('INDEX', () => before.get(6));
  });

  it('reads the same bytes differently when inner axes change', () => {
    const array = counted([2, 3]);
    array.resize([3, 2]);
    expect(array.read().toArray()).to.deep.equal([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  it('has many axes, in both orders, and any slices', () => {
    for (const order of ['C', 'F'] as const) {
      const array = counted([3, 4, 5, 2], order);
      const same = counted([3, 4, 5, 2]).view();
      for (const indexes of [
        [slice(null, null, -1), 0, slice(1, -1)],
        [slice(), slice(1, 3), -1],
        [2, slice(null, null, 3), slice(null, null, -2), 0],
        [slice(3, 3), slice(1, 2)],
      ]) {
        expect(array.view(indexes).toArray()).to.deep.equal(same.view(indexes).toArray());
        expect(array.read(indexes).toArray()).to.deep.equal(same.view(indexes).toArray());
      }
    }
  });

  it('writes with broadcasting, single elements too', () => {
    const array = counted([2, 3]);
    array.write([0], [7, 8, 9]);
    array.write([1, -1], 6);
    array.write([slice(), 0], [[1], [2]].flat());
    expect(array.read().toArray()).to.deep.equal([
      [1, 8, 9],
      [2, 4, 6],
    ]);
    throwsCode('SHAPE', () => array.write([0], [1, 2]));
    throwsCode('INDEX', () => array.write([5], 1));
  });

  it('writes a part of itself over another one as if it had been read first, at any size', () => {
    // More than is written at a time.
    const length = (1 << 25) + 4096;
    const array = new RAMArray([length], 'int8');
    const { data } = array.view();
    for (let i = 0; i < length; i++) data[i] = i % 127;
    array.write([slice(1, null)], array.view([slice(null, -1)]));
    expect(data.findIndex((value, i) => i > 0 && value !== (i - 1) % 127)).equal(-1);
  });

  it('iterates over elements or rows', () => {
    expect([...counted([3])]).to.deep.equal([0, 1, 2]);
    expect([...counted([2, 2])].map((row) => (row as ArrayView).toArray())).to.deep.equal([
      [0, 1],
      [2, 3],
    ]);
  });

  it('reduces as its views do', () => {
    const array = counted([5, 7], 'F');
    expect(sum(array)).to.equal(595n);
    expect(mean(array, { axis: 0 }).toArray()).to.deep.equal(
      mean(array.view(), { axis: 0 }).toArray(),
    );
  });

  it('holds records and subarrays', () => {
    const records = new RAMArray(
      [0],
      [
        ['t', 'M8[ns]'],
        ['v', 'f8'],
      ],
    );
    records.append([
      { t: 1n, v: 0.5 },
      { t: 2n, v: 1.5 },
    ]);
    records.append([[3n, 2.5]]);
    expect(records.view().field('v').toArray()).to.deep.equal([0.5, 1.5, 2.5]);
    const pairs = new RAMArray([0], ['f4', [2]]);
    pairs.append([
      [1, 2],
      [3, 4],
    ]);
    expect(pairs.shape).to.deep.equal([2]);
    expect(pairs.view().shape).to.deep.equal([2, 2]);
    expect(pairs.read([slice(1, 2)]).toArray()).to.deep.equal([[3, 4]]);
  });
});

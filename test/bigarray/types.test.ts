import { expect } from 'chai';
import {
  type ArrayView,
  type Complex,
  dtype,
  max,
  mean,
  RAMArray,
  sum,
  type TypedArray,
  type ZBigArray,
  zeros,
} from '../../src/bigarray/index.ts';

// What the compiler infers is checked by compiling this file; the assertions check that it says the truth.
describe('The literal of a dtype', () => {
  it('decides the type of data, elements and results', () => {
    const int64 = new RAMArray([2], 'int64');
    const data: BigInt64Array = int64.view().data;
    const element: bigint = int64.view().get(0);
    const total: bigint = sum(int64);
    const average: number = mean(int64);
    expect(data).to.be.instanceOf(BigInt64Array);
    expect([element, total, average]).to.deep.equal([0n, 0n, 0]);

    const floats: Float32Array = new RAMArray([2], '<f4').view().data;
    const times: BigInt64Array = zeros([2], dtype('M8[ns]')).data;
    const flags: Uint8Array = zeros([2], dtype('?')).data;
    const flag: boolean = max(zeros([2], dtype('?')));
    const count: bigint = sum(zeros([2], dtype('?')));
    const small: bigint = sum(zeros([2], dtype('uint8')));
    const real: number = sum(zeros([2], dtype('f8')));
    const complex: Complex = sum(zeros([2], dtype('complex64')));
    const text: string = zeros([2], dtype('U3')).get(0);
    const swapped: Uint8Array = zeros([2], dtype('>f8')).data;
    expect([floats, times, flags, swapped].map((array) => array.constructor.name)).to.deep.equal([
      'Float32Array',
      'BigInt64Array',
      'Uint8Array',
      'Uint8Array',
    ]);
    expect([flag, count, small, real, text]).to.deep.equal([false, 0n, 0n, 0, '']);
    expect(complex).to.deep.equal({ real: 0, imag: 0 });

    const converted: Float64Array = int64.view().astype('float64').data;
    expect(converted).to.be.instanceOf(Float64Array);
  });

  it('is not needed', () => {
    const array = new RAMArray([2], [['a', 'i4']]);
    const view: ArrayView = array.view();
    const data: TypedArray = view.data;
    expect(data).to.be.instanceOf(Uint8Array);
    const spec: string = 'f8';
    const any: TypedArray = zeros([1], dtype(spec)).data;
    expect(any).to.be.instanceOf(Float64Array);
  });

  it('makes arrays of different dtypes different types', () => {
    const wrong = (array: ZBigArray<'float64'>): void => {
      // @ts-expect-error: the data of float64 are no bigints
      array.view().data.fill(1n);
      // @ts-expect-error: nor is their sum one
      const total: bigint = sum(array);
      expect(total).to.equal(undefined);
    };
    const general = (array: ZBigArray): number => array.ndim;
    const special = (array: ZBigArray<'int64'>): number => general(array);
    expect([wrong, special]).to.have.length(2);
  });
});

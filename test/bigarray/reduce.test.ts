import { expect } from 'chai';
import {
  type ArrayMemory,
  dtype,
  max,
  mean,
  min,
  NaT,
  RAMArray,
  slice,
  std,
  sum,
  variance,
  zeros,
} from '../../src/bigarray/index.ts';
import { throwsCode } from './throws.ts';

const MEBI = 1 << 20;

describe('Reductions', () => {
  it('give the mean of the tutorial to the last bit', () => {
    const array = new RAMArray([0], 'int64');
    array.append([0, 1, 2, 3, 4, 5, 6, 22, 8, 9]);
    for (let k = 0; k < 4; k++) {
      array.append(BigInt64Array.from({ length: 4 * MEBI }, (_, i) => BigInt(i)));
    }
    expect(array.shape).to.deep.equal([16777226]);
    expect(mean(array)).to.equal(2097150.2500046194);
    expect(mean(array.view())).to.equal(2097150.2500046194);
    expect(sum(array)).to.equal(35184363700284n);
    expect([min(array), max(array)]).to.deep.equal([0n, 4194303n]);
  });

  it('add int64 exactly, modulo 2^64 as numpy', () => {
    const view = zeros([3], dtype('int64')).assign([2n ** 62n, 2n ** 62n, 3n]);
    expect(sum(view)).to.equal(-(2n ** 63n) + 3n);
    expect(sum(view.view([slice(1, null)]))).to.equal(2n ** 62n + 3n);
    expect(sum(view.astype('uint64'))).to.equal(2n ** 63n + 3n);
  });

  it('stay exact over more elements than doubles could add at once', () => {
    const view = zeros([3 * MEBI], dtype('int64')).assign(-(2n ** 40n) + 1n);
    expect(sum(view)).to.equal(BigInt(3 * MEBI) * (-(2n ** 40n) + 1n));
    const rows = zeros([3 * MEBI, 1], dtype('uint32')).assign(2 ** 32 - 1);
    expect(sum(rows, { axis: 0 }).get(0)).to.equal(BigInt(3 * MEBI) * (2n ** 32n - 1n));
  });

  it('see elements that are no numbers', () => {
    const view = zeros([4], dtype('f8')).assign([1, NaN, -Infinity, 3]);
    expect(min(view)).to.deep.equal(NaN);
    expect(max(view)).to.deep.equal(NaN);
    expect(max(view.view([slice(2, null)]))).to.equal(3);
    const times = zeros([3], dtype('M8[s]')).assign([5n, NaT, 7n]);
    expect([min(times), max(times)]).to.deep.equal([NaT, NaT]);
    expect(max(times.view([slice(null, null, 2)]))).to.equal(7n);
  });

  it('keep the types of results', () => {
    const one = (spec: string): unknown[] => {
      const view = zeros([2], dtype(spec)).assign([1, 1]);
      return [typeof sum(view), typeof mean(view), typeof min(view)];
    };
    expect(one('bool')).to.deep.equal(['bigint', 'number', 'boolean']);
    expect(one('i4')).to.deep.equal(['bigint', 'number', 'number']);
    expect(one('i8')).to.deep.equal(['bigint', 'number', 'bigint']);
    expect(one('f4')).to.deep.equal(['number', 'number', 'number']);
  });

  it('along axes are views', () => {
    const view = zeros([2, 3], dtype('i4')).assign([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(sum(view, { axis: 0 }).toArray()).to.deep.equal([5n, 7n, 9n]);
    expect(mean(view, { axis: -1, keepdims: true }).toArray()).to.deep.equal([[2], [5]]);
    expect(max(view, { axis: [0, 1] }).toArray()).to.equal(6);
    throwsCode('SHAPE', () => sum(view, { axis: 2 }));
    throwsCode('SHAPE', () => sum(view, { axis: [0, -2] }));
  });

  it('of nothing: sums are 0, means NaN, and there is no least element', () => {
    const empty = zeros([0, 3], dtype('f8'));
    expect(sum(empty)).to.equal(0);
    expect(sum(zeros([0], dtype('i8')))).to.equal(0n);
    expect(mean(empty)).to.deep.equal(NaN);
    expect(std(empty)).to.deep.equal(NaN);
    throwsCode('SHAPE', () => min(empty));
    throwsCode('SHAPE', () => max(empty, { axis: 0 }));
    expect(max(empty, { axis: 1 }).shape).to.deep.equal([0]);
  });

  it('divide deviations by the count less ddof', () => {
    const view = zeros([4], dtype('u1')).assign([1, 2, 3, 4]);
    expect(variance(view)).to.equal(1.25);
    expect(variance(view, { ddof: 1 })).to.equal(5 / 3);
    expect(std(view)).to.equal(Math.sqrt(1.25));
  });

  const refused: [string, (view: never) => unknown][] = [
    ['S3', sum],
    ['S3', min],
    ['i4,i4', mean],
    ['f16', sum],
    ['c16', max],
    ['c16', std],
    ['M8[s]', sum],
    ['M8[s]', mean],
  ];
  for (const [spec, reduce] of refused) {
    it(`refuse the ${reduce.name} of ${spec}`, () => {
      throwsCode('DTYPE', () => reduce(zeros([2], dtype(spec)) as never));
    });
  }

  it('tell how far they are, and stop when told to', () => {
    const array = new RAMArray([3 * MEBI], 'f8');
    const seen: number[] = [];
    sum(array, { onProgress: (done, all) => seen.push(done / all) });
    expect(seen.length).to.be.greaterThan(3);
    expect(seen).to.deep.equal([...seen].sort((a, b) => a - b));
    expect(seen.every((part) => part > 0 && part <= 1)).to.equal(true);
    throwsCode('STOPPED', () => mean(array, { onProgress: () => false }));
  });

  it('read a file in windows, under its guard, hardly a byte twice', () => {
    const array = new RAMArray([2 * MEBI + 5], 'f8');
    array.view().data.fill(0.5);
    let [guards, bytes, most] = [0, 0, 0];
    const memory: ArrayMemory = {
      maxView: 0,
      buffer: () => {
        throw new Error('a view of everything');
      },
      read: (at, length) => {
        bytes += length;
        most = Math.max(most, length);
        const copy = new Uint8Array(array.memory.buffer(at, length).buffer, at, length).slice();
        return { buffer: copy.buffer, byteOffset: 0 };
      },
      guard: (fn) => {
        guards++;
        return fn();
      },
    };
    expect(sum({ dtype: array.dtype, layout: array.layout, memory })).to.equal(MEBI + 2.5);
    expect(guards).to.equal(1);
    expect(bytes).to.be.within(array.nbytes, 1.1 * array.nbytes);
    expect(most).to.be.at.most(4 * MEBI);
  });
});

import { expect } from 'chai';
import { dtype, histogram, zeros } from '../../src/bigarray/index.ts';
import { throwsCode } from './throws.ts';

describe('A histogram', () => {
  const view = zeros([6], dtype('int64')).assign([0, 1, 2, 3, 9, 10]);

  it('counts into bins of equal width', () => {
    const { counts, edges } = histogram(view, { bins: 2 });
    expect([...edges]).to.deep.equal([0, 5, 10]);
    expect([...counts]).to.deep.equal([4, 2]);
  });

  it('counts into bins with given edges, and nothing outside', () => {
    expect([...histogram(view, { bins: [1, 2, 9] }).counts]).to.deep.equal([1, 3]);
    expect([...histogram(view, { bins: 1, range: [2, 3] }).counts]).to.deep.equal([2]);
  });

  it('leaves out NaN where a range is given, and asks for one elsewhere', () => {
    const floats = zeros([3], dtype('f8')).assign([1, NaN, 2]);
    expect([...histogram(floats, { bins: 1, range: [0, 5] }).counts]).to.deep.equal([2]);
    throwsCode('ARGUMENT', () => histogram(floats));
  });

  const wrong: [string, () => unknown, string][] = [
    ['no bins', () => histogram(view, { bins: 0 }), 'ARGUMENT'],
    ['half a bin', () => histogram(view, { bins: 0.5 }), 'ARGUMENT'],
    ['one edge', () => histogram(view, { bins: [1] }), 'ARGUMENT'],
    ['edges that descend', () => histogram(view, { bins: [2, 1] }), 'ARGUMENT'],
    ['a range that descends', () => histogram(view, { range: [2, 1] }), 'ARGUMENT'],
    ['text', () => histogram(zeros([2], dtype('S3'))), 'DTYPE'],
    [
      'a stop',
      () => histogram(zeros([1 << 20], dtype('u1')), { onProgress: () => false }),
      'STOPPED',
    ],
  ];
  for (const [what, count, code] of wrong) {
    it(`ends with ${code} at ${what}`, () => throwsCode(code, count));
  }
});

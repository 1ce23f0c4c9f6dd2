import { expect } from 'chai';
import { dtype } from '../../../src/bigarray/dtype-parse.ts';
import { max, mean, min, std, sum, variance } from '../../../src/bigarray/reduce.ts';
import { slice } from '../../../src/bigarray/slices.ts';
import { ArrayView, zeros } from '../../../src/bigarray/view.ts';
import { isZodbError } from '../../../src/errors.ts';
import { peer } from '../peers.ts';

interface Case {
  dtype: string;
  shape: number[];
  order: 'C' | 'F';
  steps: (number | null)[];
  function: 'sum' | 'mean' | 'min' | 'max' | 'var' | 'std';
  options: { axis?: number | number[]; keepdims?: boolean; ddof?: number };
  bytes: string;
  result?: { dtype: string; shape: number[]; bytes: string };
  error?: string;
}

const functions = { sum, mean, min, max, var: variance, std };

/** A dense array in C order over these bytes. */
function arrayOf(code: string, shape: readonly number[], hex: string): ArrayView {
  const view = zeros(shape, dtype(code));
  new Uint8Array(view.buffer).set(Buffer.from(hex, 'hex'));
  return view;
}

function title({ bytes, result, ...rest }: Case): string {
  return JSON.stringify({ ...rest, size: bytes.length });
}

describe('reductions beside numpy', () => {
  const numpy = peer('zodb');

  it('agree to the last bit for 800 random arrays', () => {
    const wrong: string[] = [];
    for (const test of numpy.runJson<Case[]>('bigarray/reductions.py', ['5', '800'])) {
      const base = arrayOf(test.dtype, test.shape, test.bytes).copy(test.order);
      const view = base.view(test.steps.map((step) => slice(null, null, step)));
      let found: unknown;
      try {
        found = functions[test.function](view, test.options as never);
      } catch (error) {
        expect(isZodbError(error, test.error), `${title(test)} ${error}`).to.equal(true);
        continue;
      }
      const { result } = test;
      if (result === undefined) throw new Error(`${title(test)} should have thrown ${test.error}`);
      const expected = arrayOf(result.dtype, result.shape, result.bytes);
      const ours = found instanceof ArrayView ? found : zeros([], expected.dtype).assign(found);
      expect(ours.dtype.str, title(test)).to.equal(result.dtype);
      expect(ours.shape, title(test)).to.deep.equal(result.shape);
      const [a, b] = [ours.toArray(), expected.toArray()];
      try {
        expect(a).to.deep.equal(b);
      } catch {
        wrong.push(`${title(test)}\n   ${String(a).slice(0, 100)}\n   ${String(b).slice(0, 100)}`);
      }
    }
    expect(wrong.join('\n')).to.equal('');
  });
});

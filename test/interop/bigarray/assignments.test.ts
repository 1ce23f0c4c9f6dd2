import { expect } from 'chai';
import { type DTypeSpec, dtype } from '../../../src/bigarray/dtype-parse.ts';
import { slice } from '../../../src/bigarray/slices.ts';
import { type ArrayView, zeros } from '../../../src/bigarray/view.ts';
import { isZodbError } from '../../../src/errors.ts';
import { peer } from '../peers.ts';

interface Described {
  dtype: DTypeSpec;
  shape: number[];
  bytes: string;
}

interface Case {
  to: Described;
  order: 'C' | 'F';
  steps: (number | null)[];
  values: Described;
  result?: string;
  error?: string;
}

function arrayOf({ dtype: spec, shape, bytes }: Described): ArrayView {
  const view = zeros(shape, dtype(spec));
  new Uint8Array(view.buffer).set(Buffer.from(bytes, 'hex'));
  return view;
}

describe('assignments beside numpy', () => {
  const numpy = peer('zodb');

  it('broadcast and convert to the same bytes for 1000 random arrays', () => {
    const cases = numpy.runJson<Case[]>('bigarray/assignments.py', ['11', '1000']);
    for (const { to, order, steps, values, result, error } of cases) {
      const title = JSON.stringify({ to, order, steps, values });
      const base = arrayOf(to).copy(order);
      const target = base.view(steps.map((step) => slice(null, null, step)));
      try {
        target.assign(arrayOf(values));
      } catch (caught) {
        expect(isZodbError(caught, error), `${title}: ${caught}`).to.equal(true);
        continue;
      }
      expect(error, title).to.equal(undefined);
      const bytes = Buffer.from(base.copy().data.buffer as ArrayBuffer).toString('hex');
      expect(bytes, title).to.equal(result);
    }
  });
});

import { expect } from 'chai';
import { dtype } from '../../../src/bigarray/dtype-parse.ts';
import { ellipsis, type Index, newaxis, slice } from '../../../src/bigarray/slices.ts';
import { type ArrayView, zeros } from '../../../src/bigarray/view.ts';
import { isZodbError } from '../../../src/errors.ts';
import { peer } from '../peers.ts';

type CaseIndex =
  | number
  | 'newaxis'
  | 'ellipsis'
  | { slice: [number | null, number | null, number | null] };

interface Case {
  shape: number[];
  order: 'C' | 'F';
  indexes: CaseIndex[];
  result?: { shape: number[]; strides?: number[]; values: unknown };
  error?: string;
}

function toIndex(index: CaseIndex): Index {
  if (typeof index === 'number') return index;
  if (index === 'newaxis') return newaxis;
  if (index === 'ellipsis') return ellipsis;
  return slice(...index.slice);
}

/** An array that counts its elements in C order, lying in `order`. */
function counted(shape: number[], order: 'C' | 'F'): ArrayView<'int32'> {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = zeros([size], dtype('int32')).assign(
    Int32Array.from({ length: size }, (_, i) => i),
  );
  return values.reshape(shape).copy(order);
}

describe('basic indexing beside numpy', () => {
  const numpy = peer('zodb');

  it('gives the same elements, shapes and strides for 1500 random indexings', () => {
    const cases = numpy.runJson<Case[]>('bigarray/indexing.py', ['7', '1500']);
    for (const { shape, order, indexes, result, error } of cases) {
      const array = counted(shape, order);
      const title = JSON.stringify({ shape, order, indexes });
      let view: ArrayView;
      try {
        view = array.view(indexes.map(toIndex));
      } catch (caught) {
        expect(isZodbError(caught, error), `${title}: ${caught}`).to.equal(true);
        continue;
      }
      expect(error, title).to.equal(undefined);
      expect(view.shape, title).to.deep.equal(result?.shape);
      expect(view.toArray(), title).to.deep.equal(result?.values);
      if (result?.strides) {
        const expected = result.strides.filter((_, axis) => view.shape[axis] !== 1);
        expect(
          view.strides.filter((_, axis) => view.shape[axis] !== 1),
          title,
        ).to.deep.equal(expected);
      }
    }
  });
});

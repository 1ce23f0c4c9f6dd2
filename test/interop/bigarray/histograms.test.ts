import { expect } from 'chai';
import { ArrayView, dtype, type HistogramOptions, histogram } from '../../../src/bigarray/index.ts';
import { peer } from '../peers.ts';

interface Case {
  dtype: string;
  bytes: string;
  options: HistogramOptions;
  counts: number[];
  edges: number[];
}

describe('histograms beside numpy', () => {
  const numpy = peer('zodb');

  it('have the same counts and edges for 300 random arrays', () => {
    const cases = numpy.runJson<Case[]>('bigarray/histograms.py', ['5', '300']);
    for (const { dtype: spec, bytes, options, counts, edges } of cases) {
      const type = dtype(spec);
      const { buffer } = Uint8Array.from(Buffer.from(bytes, 'hex'));
      const layout = {
        offset: 0,
        shape: [buffer.byteLength / type.itemsize],
        strides: [type.itemsize],
      };
      const found = histogram(new ArrayView({ buffer, dtype: type, layout }), options);
      const title = JSON.stringify({ spec, options, size: layout.shape });
      expect([...found.edges], title).to.deep.equal(edges);
      expect([...found.counts], title).to.deep.equal(counts);
    }
  });
});

import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { isDamaged, verify } from '../../src/tools/index.ts';
import { corpusFiles } from '../filestorage/corpus.ts';

// Written by Python 3 with protocol 3, as we write: encoding again must give the same bytes.
const IDENTICAL = new Set(['py3-plone-bench', 'zblk-py3-p3', 'zodbtools-py3-p3']);

describe('verify with a round trip', () => {
  const files = corpusFiles();
  if (files.length === 0) it.skip('needs the corpus, which is absent');

  for (const { name, file, oracle } of files)
    it(`loses nothing of ${name}`, () => {
      using storage = new FileStorage(file, { readOnly: true });
      const result = verify(storage, { roundtrip: true });
      expect(result.problems).to.deep.equal([]);
      expect(isDamaged(result)).to.equal(false);
      expect(result).to.include({
        transactions: oracle.transactions,
        records: oracle.records,
        different: 0,
        failed: 0,
      });
      expect(result.identical + result.equal + result.empty).to.equal(result.records);
      if (IDENTICAL.has(name)) expect(result.equal).to.equal(0);
    });

  it('tells how far it is', function () {
    const [first] = files;
    if (first === undefined) this.skip();
    using storage = new FileStorage(first.file, { readOnly: true });
    const positions: number[] = [];
    verify(storage, { onProgress: (position) => positions.push(position) });
    expect(positions).to.have.length(first.oracle.transactions);
    expect(positions).to.deep.equal([...positions].sort((a, b) => a - b));
  });
});

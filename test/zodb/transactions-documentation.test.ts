import { expect } from 'chai';
import { runExamples } from '../page-examples.ts';

describe('docs/transactions.md', () => {
  it('has examples that show what it says', () => {
    const examples = runExamples('docs/transactions.md');
    expect(examples).to.have.length(15);
    for (const { code, said, shown } of examples) expect(shown, code).to.equal(said);
  });
});

import { expect } from 'chai';
import { runExamples } from '../page-examples.ts';

describe('docs/arrays.md', () => {
  it('has examples that show what it says', () => {
    const examples = runExamples('docs/arrays.md');
    expect(examples).to.have.length.greaterThan(15);
    for (const { code, said, shown } of examples) expect(shown, code).to.equal(said);
  });
});

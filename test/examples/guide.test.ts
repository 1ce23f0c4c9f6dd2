import { expect } from 'chai';
import { runExamples } from '../page-examples.ts';

describe('the guide', () => {
  for (const [page, shows] of [
    ['first-steps.md', 13],
    ['coming-from-python.md', 12],
    ['persistence-rules.md', 19],
  ] as const)
    it(`shows what it says in ${page}`, () => {
      const examples = runExamples(`docs/guide/${page}`);
      for (const { code, said, shown } of examples) expect(shown, code).to.equal(said);
      expect(examples).to.have.length(shows);
    });

  it('begins in the README with a database that does what is said there', () => {
    const examples = runExamples('README.md', 'A database of your own');
    for (const { code, said, shown } of examples) expect(shown, code).to.equal(said);
    expect(examples).to.have.length(2);
  });
});

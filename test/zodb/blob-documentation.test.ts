import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Blob } from '../../src/main.ts';
import { runExamples } from '../page-examples.ts';

describe('docs/blobs.md', () => {
  it('has examples that show what it says', () => {
    const examples = runExamples('docs/blobs.md');
    expect(examples).to.have.length(4);
    for (const { code, said, shown } of examples) expect(shown, code).to.equal(said);
  });

  it('names what a blob has', () => {
    const page = readFileSync(new URL('../../docs/blobs.md', import.meta.url), 'utf8');
    const [, table] = /\n((?:\|.*\n)+)/.exec(page) ?? [];
    const own = Object.getOwnPropertyNames(Blob.prototype).filter((name) => !name.includes('_'));
    for (const name of own.filter((name) => name !== 'constructor'))
      expect(table, name).to.match(new RegExp(`\`(await )?${name}\\b`));
  });
});

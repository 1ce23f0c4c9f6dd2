import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { FAMILIES } from '../../src/btrees/index.ts';
import { runExamples } from '../page-examples.ts';

describe('docs/btrees.md', () => {
  it('has examples that show what it says', () => {
    const examples = runExamples('docs/btrees.md');
    expect(examples).to.have.length.greaterThan(15);
    for (const { code, said, shown } of examples) expect(shown, code).to.equal(said);
  });

  it('lists every family with its sizes', () => {
    const page = readFileSync(new URL('../../docs/btrees.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([\w ]+)` \| (\d+) \| (\d+) \|$/gm)];
    const listed = rows.flatMap(([, names, leaf, inner]) =>
      names!.split(' ').map((name) => [name, Number(leaf), Number(inner)]),
    );
    const known = [...FAMILIES.values()].map((family) => [
      family.name,
      family.maxLeafSize,
      family.maxInternalSize,
    ]);
    expect(listed).to.have.deep.members(known);
  });
});

// docs/btrees-tests.md against the test files: every test it names is there.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import * as btrees from '../../../src/btrees/index.ts';
import { each, KINDS } from './kinds.ts';

const page = readFileSync(new URL('../../../docs/btrees-tests.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \| (.+) \|$/gm)].map(
  ([, cls, method, ours]) => ({ method: `${cls}.${method}`, ours: ours! }),
);

describe('docs/btrees-tests.md', () => {
  it('lists each of the methods of Python once, and leaves no more than 15 without a test', () => {
    const methods = rows.map(({ method }) => method);
    expect(methods).to.have.length(173);
    expect(new Set(methods).size).to.equal(methods.length);
    expect(rows.filter(({ ours }) => ours.startsWith('—'))).to.have.length.within(1, 15);
  });

  it('names tests that are there', () => {
    const here = new URL('.', import.meta.url);
    const sources = readdirSync(here)
      .filter((name) => name.endsWith('.test.ts') && name !== 'list.test.ts')
      .map((name) => readFileSync(new URL(name, here), 'utf8'));
    for (const { method, ours } of rows) {
      if (ours.startsWith('—')) continue;
      const quoted = [`'${ours}'`, `"${ours}"`];
      expect(
        sources.some((source) => quoted.some((title) => source.includes(title))) ||
          quoted[0] === OWN,
        `${method}: no test is called ${ours}`,
      ).to.equal(true);
    }
  });

  it('each family has its four classes, under the names of its module', () => {
    expect(KINDS).to.have.length(22 * 4);
    each(KINDS, ({ name, class: cls }) => {
      expect(cls.name).to.equal(name);
      expect(btrees).to.have.property(name, cls);
    });
  });
});

/** The one that stands in this very file. */
const OWN = "'each family has its four classes, under the names of its module'";

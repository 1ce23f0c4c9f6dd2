// docs/btrees-tests.md names exactly the test methods that Python's package has.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { peer } from '../peers.ts';

describe('docs/btrees-tests.md and Python', () => {
  const python = peer('zodb');

  it('name the same methods', () => {
    const page = readFileSync(new URL('../../../docs/btrees-tests.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)].map(
      ([, cls, method]) => `${cls}.${method}`,
    );
    expect(listed).to.have.members(python.runJson<string[]>('btrees/list_tests.py'));
  });
});

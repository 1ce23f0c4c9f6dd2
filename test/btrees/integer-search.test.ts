import { expect } from 'chai';
import fc from 'fast-check';
import { searchBetween, searchIntegers } from '../../src/btrees/integer-search.ts';

/** What both are to find, by looking at one key after the other. */
function found(keys: readonly number[], key: number): number {
  const at = keys.findIndex((each) => each >= key);
  if (at < 0) return ~keys.length;
  return keys[at] === key ? at : ~at;
}

const spans = [10, 1000, 2 ** 31, Number.MAX_SAFE_INTEGER];
const sorted = fc
  .constantFrom(...spans)
  .chain((span) => fc.uniqueArray(fc.integer({ min: -span, max: span }), { minLength: 1 }))
  .map((keys) => keys.sort((a, b) => a - b));

describe('the search for integers', () => {
  it('finds each key, and the place of those that are not there, however keys are spread', () => {
    fc.assert(
      fc.property(sorted, fc.integer(), fc.boolean(), (keys, any, dense) => {
        const near = keys.flatMap((key) => [key - 1, key, key + 1]);
        for (const key of dense ? near : [any, ...near]) {
          expect(searchIntegers(keys, key)).to.equal(found(keys, key));
          const [from, to] = [(keys[0] as number) - 1, (keys.at(-1) as number) + 1];
          if (key >= from && key < to)
            expect(searchBetween(keys, key, from, to)).to.equal(found(keys, key));
        }
      }),
    );
  });

  it('leaves keys to others that do not begin and end with numbers', () => {
    expect(searchIntegers([], 1)).to.equal(undefined);
    expect(searchIntegers([-(2n ** 60n), 1], 1)).to.equal(undefined);
    expect(searchIntegers([1, 2n ** 60n], 1)).to.equal(undefined);
  });
});

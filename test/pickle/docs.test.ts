import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import * as pickle from '../../src/pickle/index.ts';

const page = readFileSync(new URL('../../docs/pickle.md', import.meta.url), 'utf8');

/** An example as a function body: imports taken from the module, `expression; // → text` compared. */
function runnable(example: string): string {
  return example
    .replace(/^import \{([^}]*)\} from 'zodb\/pickle';/gm, 'const {$1} = zodbPickle;')
    .replace(/^(.*); +\/\/ → (.*)$/gm, (_, expression: string, text: string) => {
      return `check(${expression}, ${JSON.stringify(text.trim())});`;
    });
}

describe('The examples of docs/pickle.md', () => {
  const examples = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(
    ([, code]) => code as string,
  );

  it('are there', () => {
    expect(examples.length).to.be.greaterThan(1);
  });

  examples.forEach((example, i) => {
    it(`number ${i + 1} does what it says`, () => {
      let compared = 0;
      const check = (value: unknown, text: string): void => {
        compared += 1;
        expect(pickle.describe(value)).to.equal(text);
      };
      new Function('zodbPickle', 'check', runnable(example))(pickle, check);
      expect(compared).to.be.greaterThan(1);
    });
  });
});

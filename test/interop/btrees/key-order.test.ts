// Keys that Python has sorted stand in the same order here, whichever two are compared; and they are found in a tree.
import { expect } from 'chai';
import { OOBTree } from '../../../src/btrees/index.ts';
import { compareKeys } from '../../../src/btrees/key-order.ts';
import { decode } from '../../../src/pickle/index.ts';
import { peer } from '../peers.ts';
import { seeded } from './programs.ts';

describe('the order of keys here and in Python', () => {
  const python = peer('zodb');

  it('is the same for numbers, Decimals, dates, times, UUIDs, tuples and texts', () => {
    const lists = python.runJson<Record<string, string>>('btrees/key_order.py');
    for (const [title, pickled] of Object.entries(lists)) {
      const keys = decode(Buffer.from(pickled, 'hex')) as unknown[];
      let equal = 0;
      for (const [i, a] of keys.entries()) {
        for (const [j, b] of keys.entries()) {
          const order = Math.sign(compareKeys(a, b));
          if (order === 0 && i !== j) equal++;
          else expect(order, `${title}: ${String(a)}, ${String(b)}`).to.equal(Math.sign(i - j));
        }
      }
      expect(equal, title).to.be.lessThan(keys.length * 20);
      const random = seeded(keys.length);
      const tree = new OOBTree<unknown, number>();
      for (const [i, key] of [...keys.entries()].sort(() => random(3) - 1)) tree.set(key, i);
      tree.check();
      for (const key of keys) expect(tree.has(key)).to.equal(true);
    }
  });
});

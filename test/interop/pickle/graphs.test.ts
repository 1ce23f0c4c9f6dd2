import { expect } from 'chai';
import { decode, encode } from '../../../src/pickle/index.ts';
import { toHex } from '../../hex.ts';
import { fromHex } from '../../pickle/raw.ts';
import { peer } from '../peers.ts';
import { graph, seeded } from './graphs.ts';

const COUNT = Number(process.env['ZODB_GRAPHS'] ?? 10_000);
const SEED = Number(process.env['ZODB_SEED'] ?? Date.now() % 2 ** 31);

describe('Random graphs of values', () => {
  const zodb = peer('zodb');

  it(`are written as Python writes them when it has read them (${COUNT} graphs, ZODB_SEED=${SEED})`, () => {
    const random = seeded(SEED);
    for (let done = 0; done < COUNT; done += 2000) {
      const pickles = Array.from({ length: Math.min(2000, COUNT - done) }, () =>
        toHex(encode(graph(random, 12))),
      );
      const again = zodb.runJson<string[]>('pickle/graphs.py', [], {
        input: JSON.stringify(pickles),
      });
      for (const [i, pickle] of pickles.entries()) {
        expect(again[i], `graph ${done + i} of seed ${SEED}`).to.equal(pickle);
        expect(
          toHex(encode(decode(fromHex(pickle)))),
          `graph ${done + i} of seed ${SEED}, read here`,
        ).to.equal(pickle);
      }
    }
  });
});

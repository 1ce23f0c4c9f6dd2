// The same operations, applied here and by Python's C extension, build the same trees: every node with the same state.
import { expect } from 'chai';
import { FAMILIES } from '../../../src/btrees/index.ts';
import { peer } from '../peers.ts';
import { apply, classFor, kindsOf, operations, type Program, seeded } from './programs.ts';
import { states } from './states.ts';

const SMALL: (readonly [leaf: number, internal: number])[] = [
  [4, 3],
  [2, 2],
  [5, 4],
  [1, 1],
];

describe('trees built here and in Python', () => {
  const python = peer('zodb');

  for (const { name: family, maxLeafSize } of FAMILIES.values()) {
    for (const type of ['BTree', 'TreeSet'] as const) {
      it(`${family}${type}: 40 sequences give the same nodes`, () => {
        const random = seeded(
          family.length * 1000 + family.charCodeAt(0) * 7 + family.charCodeAt(1),
        );
        const kinds = kindsOf(family);
        const programs: Program[] = Array.from({ length: 40 }, (_, n) => {
          const sizes = n % 4 === 3 ? null : (SMALL[n % SMALL.length] as readonly [number, number]);
          const keys = sizes === null ? 10 * maxLeafSize : 20 + random(100);
          const kind = kinds[n % kinds.length] as number;
          const count = sizes === null ? 12 * maxLeafSize : 50 + random(250);
          const made = operations(random, count, Math.min(keys, 4000));
          return { family, type, kind, sizes, operations: made };
        });
        const expected = python.runJson<string[][]>('btrees/apply.py', [], {
          input: JSON.stringify(programs),
        });
        let nodes = 0;
        for (const [n, program] of programs.entries()) {
          const tree = new (classFor(program))();
          for (const operation of program.operations) apply(tree, program, operation);
          const built = states(tree);
          expect(built, `sequence ${n}`).to.deep.equal(expected[n]);
          nodes += built.length;
        }
        expect(nodes).to.be.greaterThan(300);
      });
    }
  }
});

// Set operations here and in Python give the same: every result, its weight, and which families have them.
import { expect } from 'chai';
import * as btrees from '../../../src/btrees/index.ts';
import { keyAt, valueAt } from '../../btrees/samples.ts';
import { peer } from '../peers.ts';
import { kindsOf, seeded } from './programs.ts';
import { states } from './states.ts';

interface Given {
  readonly type: 'BTree' | 'Bucket' | 'TreeSet' | 'Set' | 'list';
  readonly keys: readonly number[];
  readonly values: readonly number[];
}

interface Program {
  readonly family: string;
  readonly kind: number;
  readonly operation: string;
  readonly a: Given;
  readonly b: Given;
  readonly weights: readonly number[];
}

const OPERATIONS = [
  'union',
  'intersection',
  'difference',
  'multiunion',
  'weightedUnion',
  'weightedIntersection',
] as const;
const TYPES = ['BTree', 'Bucket', 'TreeSet', 'Set'] as const;

function given(random: (limit: number) => number, withLists: boolean): Given {
  const count = random(4) === 0 ? random(3) : random(80);
  const type = withLists && random(6) === 0 ? 'list' : TYPES[random(4)]!;
  return {
    type,
    // The operations of Python repeat what a list repeats.
    keys: [...new Set(Array.from({ length: count }, () => 40 * random(100) + 1))],
    values: Array.from({ length: count }, () => random(10)),
  };
}

function made({ family, kind }: Program, { type, keys, values }: Given): any {
  const description = btrees.FAMILIES.get(family)!;
  const held = keys.map((n) => keyAt(description, n, kind));
  if (type === 'list') return held;
  const collection = new (btrees as any)[family + type]();
  for (const [i, key] of held.entries()) {
    if (collection instanceof btrees.SortedMapping) {
      (collection as btrees.BTree<any, any>).set(key, valueAt(description, values[i]!));
    } else collection.add(key);
  }
  return collection;
}

/** What set_operations.py prints. */
function run(program: Program): [weight: number | null, states: string[] | null] {
  const { family, operation, weights } = program;
  const [a, b] = [made(program, program.a), made(program, program.b)];
  try {
    if (operation === 'multiunion') {
      return [null, states(btrees.multiunion((btrees as any)[`${family}Set`], [a, b, a]))];
    }
    const result = (btrees as any)[operation](a, b, ...weights);
    if (!operation.startsWith('weighted')) return [null, states(result)];
    return [Number(result[0]), states(result[1])];
  } catch (error) {
    if (/have no weights|takes integer keys/.test((error as Error).message)) return [null, null];
    throw error;
  }
}

describe('set operations here and in Python', () => {
  const python = peer('zodb');

  for (const family of btrees.FAMILIES.keys()) {
    it(`${family}: 120 of them give the same`, () => {
      const random = seeded(family.charCodeAt(0) * 37 + family.charCodeAt(1));
      const kinds = kindsOf(family);
      const programs = Array.from({ length: 120 }, (_, n): Program => {
        const operation = OPERATIONS[n % OPERATIONS.length]!;
        const weighted = operation.startsWith('weighted');
        const a = given(random, operation !== 'difference' && !weighted);
        const b = given(random, !weighted && a.type !== 'list');
        const kind = kinds[n % kinds.length]!;
        const weights = weighted && random(2) === 0 ? [random(9), random(9)] : [];
        return { family, kind, operation, a, b, weights };
      });
      const expected = python.runJson<unknown[]>('btrees/set_operations.py', [], {
        input: JSON.stringify(programs),
      });
      for (const [n, program] of programs.entries()) {
        expect(run(program), JSON.stringify(program)).to.deep.equal(expected[n]);
      }
    });
  }
});

// Merging three states gives what Python's BTrees give: the same state, or the same reason against it at the same place.
import { expect } from 'chai';
import * as btrees from '../../../src/btrees/index.ts';
import { tuple } from '../../../src/pickle/index.ts';
import { keyAt, valueAt } from '../../btrees/samples.ts';
import { peer } from '../peers.ts';
import { kindsOf, seeded } from './programs.ts';
import { textOf } from './states.ts';

type Entries = (readonly [key: number, value: number])[];
/** Entries (null: the state None) and the successor: none, or one of two. */
type Side = readonly [entries: Entries | null, next: number];

interface Program {
  readonly family: string;
  readonly type: string;
  readonly kind: number;
  readonly merges: readonly (readonly [Side, Side, Side])[];
}

const NEXT = [undefined, { next: 1 }, { next: 2 }];

/** A few entries among ten keys, and two versions of them with a few changes each. */
function merge(random: (limit: number) => number, isTree: boolean): [Side, Side, Side] {
  const old: Entries = [];
  for (let key = 0; key < 10; key++) if (random(2) === 0) old.push([key * 3 + 1, random(2)]);
  const changed = (): Entries => {
    const entries = new Map(old);
    for (let count = random(4); count > 0; count--) {
      const key = random(10) * 3 + random(2);
      if (random(2) === 0) entries.delete(key);
      else entries.set(key, random(3));
    }
    if (random(40) === 0) entries.clear();
    return [...entries].sort(([a], [b]) => a - b);
  };
  const next = random(3) === 0 ? 1 : 0;
  const other = (): number => (random(isTree ? 60 : 20) === 0 ? random(3) : isTree ? 0 : next);
  const empty = (entries: Entries): Entries | null =>
    isTree && entries.length === 0 ? null : entries;
  return [
    [empty(old), isTree ? 0 : next],
    [empty(changed()), other()],
    [empty(changed()), other()],
  ];
}

function state({ family, type, kind }: Program, [entries, next]: Side): unknown {
  if (entries === null) return null;
  const description = btrees.FAMILIES.get(family)!;
  const items = tuple<unknown>();
  for (const [key, value] of entries) {
    items.push(recorded(description.key, keyAt(description, key, kind)));
    if (/BTree|Bucket/.test(type))
      items.push(recorded(description.value, valueAt(description, value)));
  }
  const leaf = next === 0 ? tuple(items) : tuple<unknown>(items, NEXT[next]);
  if (type === 'Bucket' || type === 'Set') return leaf;
  return next === 0 ? tuple(tuple(leaf)) : tuple<unknown>(tuple(NEXT[next]), NEXT[next]);
}

/** As a record has it. */
function recorded(type: btrees.Family['value'], argument: unknown): unknown {
  return type.write(type.hold(argument));
}

function outcome(program: Program, sides: readonly Side[]): string {
  const cls = (btrees as any)[program.family + program.type];
  try {
    const merged = cls._p_resolveConflict(...sides.map((side) => state(program, side)));
    return textOf(merged, (value) => `@${NEXT.indexOf(value as never)}`);
  } catch (error) {
    if (!(error instanceof btrees.BTreesConflictError)) return 'error';
    return `conflict ${error.positions.join('/')} ${error.reason}`;
  }
}

describe('merging here and in Python', () => {
  const python = peer('zodb');
  const reasons = new Map<string, number>();
  after(() => {
    const counts = [...reasons].sort(([a], [b]) => Number(a) - Number(b));
    console.log(
      `      outcomes: ${counts.map(([reason, count]) => `${reason}: ${count}`).join(', ')}`,
    );
  });

  for (const family of btrees.FAMILIES.keys()) {
    it(`${family}: 10000 random merges have the same outcome`, () => {
      const random = seeded(family.charCodeAt(0) * 41 + family.charCodeAt(1));
      const kinds = kindsOf(family);
      const programs = kinds.flatMap((kind) =>
        ['BTree', 'Bucket', 'TreeSet', 'Set'].map((type): Program => {
          const isTree = type === 'BTree' || type === 'TreeSet';
          const count = Math.ceil(10_000 / 4 / kinds.length);
          const merges = Array.from({ length: count }, () => merge(random, isTree));
          return { family, type, kind, merges };
        }),
      );
      const expected = python.runJson<string[][]>('btrees/merge.py', [], {
        input: JSON.stringify(programs),
      });
      for (const [n, program] of programs.entries()) {
        for (const [i, sides] of program.merges.entries()) {
          const ours = outcome(program, sides);
          // Where text takes the place of a tuple or the reverse, Python often ends in a SystemError: a fault.
          if (expected[n]![i] === 'error' && family.endsWith('O') && ours !== 'error') {
            reasons.set('SystemError in Python', (reasons.get('SystemError in Python') ?? 0) + 1);
            continue;
          }
          if (ours !== expected[n]![i]) {
            expect(ours, `${program.type} ${JSON.stringify(sides)}`).to.equal(expected[n]![i]);
          }
          const reason =
            /^conflict .* (\d+)$/.exec(ours)?.[1] ?? (ours === 'error' ? ours : 'merged');
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        }
      }
    });
  }

  it('those were merged, and refused for every reason that can be', () => {
    expect([...reasons.keys()].sort((a, b) => Number(a) - Number(b))).to.include.members(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13].map(String).concat('merged'),
    );
  });
});

// Two transactions on one tree at once: the same ones go together as in Python, and leave the same records.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Collection, FAMILIES } from '../../../src/btrees/index.ts';
import { isZodbError, open, TransactionManager } from '../../../src/main.ts';
import { peer } from '../peers.ts';
import { records } from './files.ts';
import { apply, classFor, kindsOf, type Operation, seeded } from './programs.ts';

interface Session {
  readonly family: string;
  readonly type: 'BTree' | 'TreeSet';
  readonly kind: number;
  readonly sizes: null;
  readonly first: readonly Operation[];
  readonly one: readonly Operation[];
  readonly two: readonly Operation[];
}

/** Odd values: of equal texts, Python writes as many as there are objects. */
function changes(random: (limit: number) => number, count: number, keys: number): Operation[] {
  return Array.from({ length: count }, () => [
    random(3) === 0 ? 'delete' : 'set',
    random(keys),
    random(10) | 1,
  ]);
}

function session(random: (limit: number) => number, family: string, n: number): Session {
  const kinds = kindsOf(family);
  // One bucket, a few, and many.
  const keys = [20, 200, 1500][n % 3]!;
  return {
    family,
    type: n % 2 === 0 ? 'BTree' : 'TreeSet',
    kind: kinds[n % kinds.length]!,
    sizes: null,
    first: Array.from({ length: keys / 2 }, () => ['set', random(keys), random(10) | 1] as const),
    one: changes(random, 1 + random(6), keys),
    two: changes(random, 1 + random(6), keys),
  };
}

function run(file: string, program: Session): boolean {
  using db = open(file, { fsync: false });
  const managers = [new TransactionManager(), new TransactionManager()] as const;
  const tree = new (classFor({ ...program, operations: [] }))();
  const change = (target: Collection<any, any>, operations: readonly Operation[]): void => {
    for (const operation of operations) apply(target, { ...program, operations }, operation);
  };
  change(tree, program.first);
  const first = db.open({ transactionManager: managers[0] });
  first.root.set('tree', tree);
  managers[0].commit();
  const second = db.open({ transactionManager: managers[1] });
  change(tree, program.one);
  change(second.root.get('tree') as Collection<any, any>, program.two);
  managers[0].commit();
  try {
    managers[1].commit();
    return true;
  } catch (error) {
    if (!isZodbError(error, 'CONFLICT') && !isZodbError(error, 'READ_CONFLICT')) throw error;
    managers[1].abort();
    return false;
  }
}

describe('conflicts in database files, here and in Python', () => {
  const python = peer('zodb');
  const outcomes = { resolved: 0, refused: 0 };
  let folder: string | undefined;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-conflicts-'));
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  for (const family of FAMILIES.keys()) {
    it(`${family}: 24 pairs of transactions end in the same way`, () => {
      const random = seeded(family.charCodeAt(0) * 17 + family.charCodeAt(1));
      const sessions = Array.from({ length: 24 }, (_, n) => session(random, family, n));
      const named = (n: number, who: string): string => join(folder!, `${family}-${n}-${who}.fs`);
      const expected = python.runJson<boolean[]>('btrees/conflicts.py', [], {
        input: JSON.stringify(sessions.map((given, n) => ({ ...given, file: named(n, 'python') }))),
      });
      const ours = sessions.map((given, n) => run(named(n, 'here'), given));
      expect(ours).to.deep.equal(expected);
      for (const together of ours) outcomes[together ? 'resolved' : 'refused']++;
      for (const n of sessions.keys()) {
        expect(records(named(n, 'here')), `session ${n}`).to.deep.equal(
          records(named(n, 'python')),
        );
      }
    });
  }

  it('both ends came about', () => {
    expect(outcomes.resolved).to.be.greaterThan(100);
    expect(outcomes.refused).to.be.greaterThan(40);
  });
});

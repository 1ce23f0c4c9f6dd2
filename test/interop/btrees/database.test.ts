// The same operations, committed and aborted in the same order, leave the same records in a database file, byte for byte;
// and Python reads the trees that were written here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Collection, FAMILIES } from '../../../src/btrees/index.ts';
import { open, TransactionManager } from '../../../src/main.ts';
import type { Persistent, PersistentClass } from '../../../src/zodb/persistent.ts';
import { peer } from '../peers.ts';
import { records } from './files.ts';
import {
  apply,
  classFor,
  kindsOf,
  type Operation,
  operations,
  type Program,
  seeded,
} from './programs.ts';
import { states } from './states.ts';

interface Session extends Program {
  readonly small: boolean;
}

const SMALL: readonly [number, number] = [4, 3];

/** Of each family; on a CI machine as many as are promised. */
const SESSIONS = process.env['CI'] === 'true' && process.env['ZODB_LIMITS'] !== 'small' ? 40 : 12;

/** A program in several transactions, some of them aborted, some on a cache that has just been emptied. */
function session(random: (limit: number) => number, family: string, n: number): Session {
  const small = n % 4 !== 3;
  const { maxLeafSize } = FAMILIES.get(family)!;
  const kinds = kindsOf(family);
  const count = small ? 250 : 8 * maxLeafSize;
  const made: Operation[] = [];
  for (const [name, key, value] of operations(
    random,
    count,
    small ? 60 : 10 * Math.min(maxLeafSize, 300),
  )) {
    // Two equal texts of which one was loaded are one object in JavaScript, and two in Python.
    made.push([name, key, value | 1]);
    if (random(25) !== 0) continue;
    made.push([random(5) === 0 ? 'abort' : 'commit', 0, 0]);
    if (random(3) === 0) made.push(['minimize', 0, 0]);
  }
  const sizes = small ? SMALL : null;
  return {
    family,
    type: n % 2 === 0 ? 'BTree' : 'TreeSet',
    kind: kinds[n % kinds.length]!,
    sizes,
    small,
    operations: made,
  };
}

/** Does here what database.py does in Python; the states at the end. */
function write(file: string, program: Session): string[] {
  const cls = classFor(program);
  const name = `Small${program.family}${program.type}`;
  if (program.small) Object.defineProperty(cls, 'name', { value: name });
  const classes = program.small ? { [`small.${name}`]: cls as unknown as PersistentClass } : {};
  using db = open(file, { classes, fsync: false });
  const transactionManager = new TransactionManager();
  const connection = db.open({ transactionManager });
  connection.root.set('tree', new cls());
  transactionManager.commit();
  const between: Record<string, () => void> = {
    commit: () => transactionManager.commit(),
    abort: () => transactionManager.abort(),
    minimize: () => connection.cacheMinimize(),
  };
  for (const operation of program.operations) {
    const step = between[operation[0]];
    const tree = connection.root.get('tree') as Collection<any, any>;
    if (step === undefined) apply(tree, program, operation);
    else step();
    tree.check();
  }
  transactionManager.commit();
  return states(connection.root.get('tree') as Persistent);
}

describe('trees in database files, here and in Python', () => {
  const python = peer('zodb');
  let folder: string | undefined;
  let damagedByPython = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-btrees-'));
  });
  after(() => {
    console.log(`      ${damagedByPython} sessions left out, in which Python damaged the tree`);
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  for (const family of FAMILIES.keys()) {
    it(`${family}: ${SESSIONS} sessions leave the same records, which Python reads`, () => {
      const random = seeded(family.charCodeAt(0) * 131 + family.charCodeAt(1));
      const sessions = Array.from({ length: SESSIONS }, (_, n) => session(random, family, n));
      const ours = sessions.map((_, n) => join(folder!, `${family}-${n}-here.fs`));
      const theirs = sessions.map((_, n) => join(folder!, `${family}-${n}-python.fs`));
      const whole = python.runJson<boolean[]>('btrees/database.py', ['write'], {
        input: JSON.stringify(sessions.map((given, n) => ({ ...given, file: theirs[n] }))),
      });
      const built = sessions.map((given, n) => write(ours[n]!, given));
      let count = 0;
      let damaged = 0;
      for (const n of sessions.keys()) {
        if (!whole[n]) {
          damaged++;
          continue;
        }
        const written = records(ours[n]!);
        const expected = records(theirs[n]!);
        const differs = written.findIndex((line, i) => line !== expected[i]);
        expect(written[differs], `session ${n}, record ${differs}`).to.equal(expected[differs]);
        expect(written.length).to.equal(expected.length);
        count += written.length;
      }
      expect(count).to.be.greaterThan(300);
      expect(damaged).to.be.lessThan(SESSIONS / 4);
      damagedByPython += damaged;
      const read = python.runJson<string[][]>('btrees/database.py', ['read'], {
        input: JSON.stringify(ours),
      });
      expect(read).to.deep.equal(built);
    });
  }
});

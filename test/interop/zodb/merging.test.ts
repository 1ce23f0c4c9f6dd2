import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  ConflictError,
  open,
  Persistent,
  type PersistentMapping,
  PersistentWeakRef,
  TransactionManager,
} from '../../../src/main.ts';
import { PyDict, PySet, tuple } from '../../../src/pickle/index.ts';
import type { PersistentReference } from '../../../src/zodb/conflict.ts';
import { peer } from '../peers.ts';

class Counter extends Persistent {
  count = 1;
  ref: unknown = null;

  _p_resolveConflict(old: PyDict, committed: PyDict, changed: PyDict): unknown {
    const count = (state: PyDict): number => state.get('count') as number;
    const merged = new PyDict(committed);
    merged.set('count', count(committed) + count(changed) - count(old));
    return merged;
  }
}

class Comparing extends Counter {
  override _p_resolveConflict(old: PyDict, committed: PyDict, changed: PyDict): unknown {
    const ref = (state: PyDict): PersistentReference => state.get('ref') as PersistentReference;
    if (ref(committed).equals(ref(old)) && ref(changed).equals(ref(old)))
      return super._p_resolveConflict(old, committed, changed);
    throw new Error('not reached');
  }
}

class Raising extends Counter {
  override _p_resolveConflict(): unknown {
    throw new Error('no');
  }
}

class Plain extends Persistent {
  count = 1;
}

const classes = {
  'merging.Counter': Counter,
  'merging.Comparing': Comparing,
  'merging.Raising': Raising,
  'merging.Plain': Plain,
};

type Change = (object: Counter, targets: PersistentMapping[]) => void;
const add =
  (n: number): Change =>
  (object) => {
    object.count += n;
  };
const refer = (make: (targets: PersistentMapping[]) => unknown): Change => {
  return (object, targets) => {
    object.count += 1;
    object.ref = make(targets);
  };
};

const cases: [name: string, one: Change, two: Change][] = [
  ['counter', add(5), add(7)],
  ['counter with references', refer(([first]) => first), refer(([, second]) => second)],
  ['counter with a reference in a tuple', refer(([first]) => tuple<unknown>(1, first)), add(2)],
  ['counter with a reference as a key', refer(([, , third]) => new PyDict([[third, 1]])), add(2)],
  ['counter with a reference in a set', refer(([, , third]) => new PySet([third])), add(2)],
  ['counter with a weak reference', refer(([first]) => new PersistentWeakRef(first!)), add(2)],
  ['comparing equal', add(5), add(7)],
  ['comparing different', refer(([, second]) => second), add(7)],
  ['raising', add(1), add(2)],
  ['plain', add(1), add(2)],
];

describe('conflicts of classes that resolve them, Python and Node', () => {
  const zodb = peer('zodb');
  let folder: string;
  let theirs: Record<string, string | null>;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-merging-'));
    const path = join(folder, 'python.fs');
    zodb.run('zodb/merging.py', ['make', path]);
    copyFileSync(path, join(folder, 'node.fs'));
    theirs = zodb.runJson('zodb/merging.py', ['play', path]);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [name, ...acts] of cases)
    it(`${name}: the same outcome, the same record`, () => {
      using db = open(join(folder, 'node.fs'), { classes });
      const managers = [new TransactionManager(), new TransactionManager()] as const;
      const objects = managers.map((manager, i) => {
        const { root } = db.open({ transactionManager: manager });
        const object = root.get('cases').get(name) as Counter;
        acts[i]?.(object, root.get('targets') as PersistentMapping[]);
        return object;
      });
      managers[0].commit();
      let outcome: string | null = null;
      try {
        managers[1].commit();
        outcome = Buffer.from(db.storage.load(objects[0]!._p_oid!)!.data).toString('hex');
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        managers[1].abort();
      }
      expect(outcome).to.equal(theirs[name]);
      expect(objects[1]!._p_status).to.equal('ghost');
    });

  it('some are resolved and some are refused', () => {
    const resolved = Object.keys(theirs).filter((name) => theirs[name] !== null);
    expect(Object.keys(theirs)).to.have.members(cases.map(([name]) => name));
    expect(resolved.length).to.be.within(4, 6);
  });
});

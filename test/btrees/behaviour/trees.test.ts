// What BTrees do beyond Buckets: they grow, shrink, and stay whole.
import { expect } from 'chai';
import { open, Persistent, TransactionManager } from '../../../src/main.ts';
import { tuple } from '../../../src/pickle/index.ts';
import { stateOf } from '../../../src/zodb/object-state.ts';
import {
  BTREES,
  each,
  KINDS,
  key,
  keys,
  make,
  range,
  shownKey,
  shuffled,
  TREES,
  value,
} from './kinds.ts';

/** A jar that remembers which object was registered. */
function observed(object: any): { registered: unknown } {
  const jar = {
    registered: undefined as unknown,
    register: (changed: unknown) => (jar.registered = changed),
    readCurrent: () => {},
  };
  const state = stateOf(object);
  state.jar = jar as never;
  state.oid = 1n as never;
  return jar;
}

/** Whether doing something marks an object changed and tells its jar. */
function changes(object: any, jar: { registered: unknown }, action: () => void): boolean {
  object._p_changed = false;
  jar.registered = undefined;
  action();
  return object._p_changed === true && jar.registered === object;
}

describe('trees of all families', () => {
  const deletions: [title: string, made: number[], deleted: number][] = [
    ['deleting a key between others leaves the others', [5, 2, 6, 1, 3, 10, 4], 4],
    ['deleting a key before a gap leaves the others', [5, 2, 6, 1, 3, 10, 4], 3],
    ['deleting a key near the beginning leaves the others', [5, 2, 6, 1, 3, 10, 4], 2],
    ['deleting a key that was set second leaves the others', [7, 3, 8, 1, 5, 10, 6, 4], 3],
    ['deleting the key that was set first leaves the others', [7, 3, 8, 1, 5, 10, 6, 4], 7],
  ];
  for (const [title, made, deleted] of deletions) {
    it(title, () => {
      each(TREES, (kind) => {
        const tree = make(kind, made);
        expect(tree.delete(key(kind, deleted))).to.equal(true);
        const left = made.filter((n) => n !== deleted).sort((a, b) => a - b);
        expect([...tree.keys()]).to.deep.equal(keys(kind, left));
        tree.check();
      });
    });
  }

  it('keys that are set once each in any order come out in order', () => {
    each(TREES, (kind) => {
      const tree = make(kind, shuffled(1000));
      expect([...tree.keys()]).to.deep.equal(keys(kind, range(0, 1000)));
      tree.check();
    });
  });

  it('keys that are set several times are there once', () => {
    each(TREES, (kind) => {
      const tree = make(
        kind,
        shuffled(1000).map((n) => n % 100),
      );
      expect([...tree.keys()]).to.deep.equal(keys(kind, range(0, 100)));
      tree.check();
    });
  });

  it('random keys are deleted, and only these', () => {
    each(TREES, (kind) => {
      const tree = make(kind, shuffled(1000));
      const deleted = new Set(
        shuffled(1000)
          .slice(0, 400)
          .map((n) => (n * 31) % 1000),
      );
      const gone = (n: number): boolean => tree.delete(key(kind, n)) && !tree.has(key(kind, n));
      expect([...deleted].filter((n) => !gone(n))).to.deep.equal([]);
      const left = range(0, 1000).filter((n) => !deleted.has(n));
      expect([...tree.keys()]).to.deep.equal(keys(kind, left));
      tree.check();
    });
  });

  it('deleting all keys, also those that are not there, leaves an empty tree', () => {
    each(TREES, (kind) => {
      const present = new Set(shuffled(1000).slice(0, 600));
      const tree = make(kind, present);
      const wrong = range(0, 1000).filter((n) => tree.delete(key(kind, n)) !== present.has(n));
      expect(wrong).to.deep.equal([]);
      expect([...tree.keys()]).to.deep.equal([]);
      tree.check();
    });
  });

  for (const [title, order] of [
    ['a tree that grows and shrinks at its end stays whole', (n: number) => n],
    ['a tree that grows and shrinks at its beginning stays whole', (n: number) => 999 - n],
  ] as const) {
    it(title, () => {
      each(TREES, (kind) => {
        const tree = make(kind, range(0, 1000).map(order));
        expect([...tree.keys()]).to.deep.equal(keys(kind, range(0, 1000)));
        for (const n of range(0, 1000).map(order)) tree.delete(key(kind, n));
        expect([...tree.keys()]).to.deep.equal([]);
        tree.check();
      });
    });
  }

  it('deletions that make keys of inner nodes change places keep the tree whole', () => {
    each(TREES, (kind) => {
      const Small = class extends (kind.class as any) {
        static readonly maxLeafSize = 3;
        static readonly maxInternalSize = 2;
      } as any;
      const tree = new Small();
      const added = shuffled(150).map((n) => (n * n + 7 * n) % 150);
      for (const n of added) tree.insert(key(kind, n), value(kind, 1));
      const deleted = shuffled(150).filter((n) => n % 3 !== 0);
      for (const n of deleted) {
        tree.delete(key(kind, n));
        expect(tree.has(key(kind, n))).to.equal(false);
        tree.check();
      }
      const left = [...new Set(added)].filter((n) => n % 3 === 0).sort((a, b) => a - b);
      expect([...tree.keys()]).to.deep.equal(keys(kind, left));
    });
  }).timeout(10000);

  for (const [title, order] of [
    ['ranges after keys were set in order have all of them', range(0, 100)],
    ['ranges after keys were set in any order have all of them', shuffled(100)],
  ] as const) {
    it(title, () => {
      each(TREES, (kind) => {
        const tree = make(kind, order);
        const all = keys(kind, range(0, 100));
        const [min, max] = [key(kind, 0), key(kind, 100)];
        for (const bounds of [
          { min, max },
          {},
          undefined,
          { min },
          { max },
          { min: undefined, max },
        ]) {
          expect([...tree.keys(bounds)]).to.deep.equal(all);
        }
        tree.check();
      });
    });
  }

  it('a range that ends at a deleted first key of a bucket ends in the bucket before', () => {
    each(TREES, (kind) => {
      const tree = make(kind, range(1, 1200));
      const [[, separator]] = tree.__getstate__();
      const first = [...tree.keys()].findIndex((each) => String(each) === String(separator)) + 1;
      expect(first).to.be.greaterThan(1);
      const bounds = { min: key(kind, 0), max: key(kind, first) };
      expect([...tree.keys(bounds)]).to.deep.equal(keys(kind, range(1, first + 1)));
      tree.delete(key(kind, first));
      expect([...tree.keys(bounds)]).to.deep.equal(keys(kind, range(1, first)));
      expect([...tree.keys({ ...bounds, reverse: true })]).to.deep.equal(
        keys(kind, range(1, first).reverse()),
      );
      expect(tree.maxKey(bounds.max)).to.deep.equal(shownKey(kind, first - 1));
      tree.check();
    });
  });

  it('insert sets only what is not there', () => {
    each(BTREES, (kind) => {
      const tree = make(kind, [0]);
      expect(tree.insert(key(kind, 0), value(kind, 1))).to.equal(false);
      expect(tree.insert(key(kind, 1), value(kind, 1))).to.equal(true);
      expect([...tree.values()].map(String)).to.deep.equal(
        [value(kind, 0), value(kind, 1)].map(String),
      );
      tree.check();
    });
  });

  it('a tree that is emptied while it is walked ends the walk and stays whole', () => {
    each(KINDS, (kind) => {
      const made = make(kind, range(0, 10));
      const met: unknown[] = [];
      for (const each of made.keys()) {
        met.push(each);
        made.delete(each);
      }
      expect(met).to.deep.equal(keys(kind, range(0, 10)));
      expect(made.size).to.equal(0);
      made.check();
    });
  });

  it('adding to a small tree, and replacing a value in one, marks it changed', () => {
    each(BTREES, (kind) => {
      const tree = make(kind);
      const jar = observed(tree);
      const set = (k: number, v: number) => () => tree.set(key(kind, k), value(kind, v));
      expect(changes(tree, jar, set(1, 3))).to.equal(true);
      expect(changes(tree, jar, set(1, 6))).to.equal(true);
      expect(changes(tree, jar, set(2, 4))).to.equal(true);
      expect(changes(tree, jar, set(2, 5))).to.equal(true);
    });
  });

  it('deleting from a small tree marks it changed', () => {
    each(TREES, (kind) => {
      const tree = make(kind);
      const jar = observed(tree);
      tree.insert(key(kind, 0), value(kind, 1));
      tree.insert(key(kind, 1), value(kind, 2));
      expect(changes(tree, jar, () => tree.delete(key(kind, 1)))).to.equal(true);
      expect(changes(tree, jar, () => tree.delete(key(kind, 1)))).to.equal(false);
    });
  });

  it('a state whose child is no node of the tree is refused', () => {
    each(TREES, (kind) => {
      const tree = make(kind);
      const filled = make(kind, range(0, 1000));
      const [[leaf]] = filled.__getstate__();
      for (const stranger of [new Persistent(), make(BTREES[0]!), null]) {
        for (const state of [
          tuple<unknown>(tuple<unknown>(stranger), leaf),
          tuple<unknown>(tuple<unknown>(leaf, shownKey(kind, 4), stranger), leaf),
        ]) {
          if (kind === BTREES[0] && stranger?.constructor === kind.class) continue;
          expect(() => tree.__setstate__(state))
            .to.throw('a child is neither')
            .with.property('code', 'CORRUPTED');
        }
      }
    });
  });

  it('a key that was deleted is between no nodes either, and the tree is stored for that', () => {
    each(BTREES, (kind) => {
      const Small = class extends (kind.class as any) {
        static readonly maxLeafSize = 4;
        static readonly maxInternalSize = 4;
      } as any;
      const db = open('memory:', { classes: { 'app.Small': Small } });
      const manager = new TransactionManager();
      try {
        const tree = new Small();
        db.open({ transactionManager: manager }).root.set('tree', tree);
        const separatorGoes = (): void => {
          manager.commit();
          const [[, separator]] = tree.__getstate__();
          tree.delete(separator);
          const [[, other]] = tree.__getstate__();
          expect(other).not.to.deep.equal(separator);
          expect(tree._p_changed).to.equal(true);
          tree.check();
        };
        for (const n of range(0, 6)) tree.set(key(kind, n), value(kind, n));
        separatorGoes();
        for (const n of range(6, 100)) tree.set(key(kind, n), value(kind, n));
        expect(tree.__getstate__()[0][0]).to.be.instanceOf(Small);
        separatorGoes();
      } finally {
        manager.abort();
        db.close();
      }
    });
  });
});

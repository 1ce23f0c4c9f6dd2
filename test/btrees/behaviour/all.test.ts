// What all classes have in common.
import { expect } from 'chai';
import { type DB, open, registerClass, TransactionManager } from '../../../src/main.ts';
import { pyGlobal, tuple } from '../../../src/pickle/index.ts';
import { ClassTable } from '../../../src/zodb/classes.ts';
import { stateOf } from '../../../src/zodb/object-state.ts';
import type { Persistent } from '../../../src/zodb/persistent.ts';
import { each, isMapping, KINDS, key, keys, make, range, shown, TREES, value } from './kinds.ts';

function databaseTest(test: (db: DB, manager: TransactionManager) => void): () => void {
  return () => {
    const db = open('memory:');
    const manager = new TransactionManager();
    try {
      test(db, manager);
    } finally {
      manager.abort();
      db.close();
    }
  };
}

/** The bytes of an object's newest record. */
function recordOf(db: DB, object: Persistent): Buffer {
  return Buffer.from(db.storage.load(object._p_oid!)!.data);
}

describe('all classes of BTrees', () => {
  it('what a subclass is given does not reach the class itself', () => {
    each(KINDS, (kind) => {
      class Subclass extends (kind.class as any) {}
      Object.assign(Subclass, { extra: 1 });
      expect(Subclass).to.have.property('extra', 1);
      expect(kind.class).not.to.have.property('extra');
    });
  });

  it("have the methods of JavaScript's Map or Set, and those of their own", () => {
    const both =
      'has delete clear size keys values entries forEach minKey maxKey check union'.split(' ');
    const mapping = 'get set insert setDefault pop popItem update byValue difference'.split(' ');
    const set =
      `add insert pop update difference symmetricDifference isDisjointFrom intersectionUpdate
      differenceUpdate symmetricDifferenceUpdate`.split(/\s+/);
    each(KINDS, (kind) => {
      const made = make(kind, range(0, 10));
      const own = isMapping(kind) ? mapping : set;
      for (const name of [...both, ...own]) {
        if (name === 'entries' && !isMapping(kind)) continue;
        expect(made, name).to.have.property(name);
      }
      expect(made[Symbol.iterator]).to.be.a('function');
      expect(kind.type === 'Set').to.equal('at' in made);
    });
  });

  it(
    'what was stored is what another connection loads',
    databaseTest((db, manager) => {
      const connection = db.open({ transactionManager: manager });
      each(KINDS, (kind) => {
        for (const count of [0, 10, 1000]) {
          connection.root.set('tree', make(kind, range(0, count)));
          manager.commit();
          using other = db.open({ transactionManager: new TransactionManager() });
          expect([...(other.root.get('tree') as any)]).to.deep.equal(shown(kind, range(0, count)));
        }
      });
    }),
  ).timeout(20000);

  it(
    'a ghost loads its content again',
    databaseTest((db, manager) => {
      const connection = db.open({ transactionManager: manager });
      each(KINDS, (kind) => {
        for (const count of [0, 10, 1000]) {
          const tree = make(kind, range(0, count));
          connection.root.set('tree', tree);
          manager.commit();
          tree._p_deactivate();
          expect(tree._p_state).to.equal(-1);
          expect([...tree]).to.deep.equal(shown(kind, range(0, count)));
        }
      });
    }),
  ).timeout(20000);

  it('a state that does not begin with a tuple is refused', () => {
    each(KINDS, (kind) => {
      const made = make(kind);
      for (const state of [tuple(''), 'x', [], 1, tuple(tuple(), null, null)]) {
        expect(() => made.__setstate__(state))
          .to.throw()
          .with.property('code', 'CORRUPTED');
      }
    });
  });

  it('bounds can be left out one by one, also in collections of none to three keys', () => {
    each(KINDS, (kind) => {
      for (const count of [0, 1, 2, 3]) {
        const made = make(kind, range(0, count));
        const at = (bounds: object): unknown[] => [...made.keys(bounds)];
        const all = keys(kind, range(0, count));
        expect(at({})).to.deep.equal(all);
        const [min, max] = [key(kind, 0), key(kind, Math.max(count - 1, 0))];
        expect(at({ min, excludeMin: true })).to.deep.equal(all.slice(1));
        expect(at({ max, excludeMax: true })).to.deep.equal(all.slice(0, -1));
        expect(at({ min, max, excludeMin: true, excludeMax: true })).to.deep.equal(
          all.slice(1, -1),
        );
        expect(
          at({ min, max: key(kind, count), excludeMin: true, excludeMax: true }),
        ).to.deep.equal(all.slice(1));
        expect(at({ reverse: true })).to.deep.equal(all.toReversed());
      }
      if (!kind.signedKeys) return;
      const three = make(kind, range(0, 3));
      const below = { min: -1, excludeMin: true, excludeMax: true };
      expect([...three.keys({ ...below, max: 3 })]).to.deep.equal(keys(kind, [0, 1, 2]));
      expect([...three.keys({ ...below, max: 2 })]).to.deep.equal(keys(kind, [0, 1]));
    });
  });

  it(
    'a change relies on the nodes above it, a look-up on none',
    databaseTest((db, manager) => {
      const connection = db.open({ transactionManager: manager });
      each(TREES, (kind) => {
        const tree = make(kind, range(0, 1000));
        connection.root.set('tree', tree);
        manager.commit();
        const read: unknown[] = [];
        const state = stateOf(tree);
        const jar = state.jar!;
        state.jar = {
          readCurrent: (object: Persistent) => void read.push(object),
          register: (object: Persistent) => jar.register(object),
          setstate: (object: Persistent) => jar.setstate(object),
          ghosted: (object: Persistent) => jar.ghosted(object),
        };
        tree.delete(key(kind, 100));
        expect(read).to.include(tree);
        read.length = 0;
        if (isMapping(kind)) tree.set(key(kind, 100), value(kind, 1));
        else tree.add(key(kind, 100));
        expect(read).to.include(tree);
        read.length = 0;
        expect(tree.has(key(kind, 100))).to.equal(true);
        expect([...tree]).to.have.length(1000);
        expect(read).to.deep.equal([]);
        state.jar = jar;
        manager.abort();
      });
    }),
  );

  it(
    'records name the class of the Python package, and are the same when they are stored again',
    databaseTest((db, manager) => {
      const connection = db.open({ transactionManager: manager });
      each(KINDS, (kind) => {
        const made = make(kind, [1]);
        connection.root.set('tree', made);
        manager.commit();
        const record = recordOf(db, made);
        const module = `BTrees.${kind.family.name}BTree`;
        expect(record.toString('latin1'))
          .to.include(`c${module}\n${kind.name}\n`)
          .and.not.include('Py');
        connection.cacheMinimize();
        const loaded = connection.root.get('tree') as Persistent;
        expect(loaded).to.be.instanceOf(kind.class);
        loaded._p_changed = true;
        manager.commit();
        expect(recordOf(db, loaded).equals(record)).to.equal(true);
      });
    }),
  );

  it(
    'an empty one stored, loaded and stored again gives the same record',
    databaseTest((db, manager) => {
      const connection = db.open({ transactionManager: manager });
      each(KINDS, (kind) => {
        const made = make(kind);
        connection.root.set('tree', made);
        manager.commit();
        const record = recordOf(db, made);
        connection.cacheMinimize();
        const loaded = connection.root.get('tree') as any;
        expect(loaded.size).to.equal(0);
        loaded._p_changed = true;
        manager.commit();
        expect(recordOf(db, loaded).equals(record)).to.equal(true);
        expect(kind.type.includes('Tree') ? loaded.__getstate__() : null).to.equal(null);
      });
    }),
  );

  it(
    'a registered subclass is stored under its own name and loaded as itself',
    databaseTest((db, manager) => {
      const connection = db.open({ transactionManager: manager });
      each(KINDS, (kind) => {
        const Subclass = class extends (kind.class as any) {} as any;
        registerClass(Subclass, `behaviour.Sub${kind.name}`);
        const made = new Subclass();
        connection.root.set('tree', made);
        manager.commit();
        expect(recordOf(db, made).toString('latin1')).to.include(`cbehaviour\nSub${kind.name}\n`);
        connection.cacheMinimize();
        expect(connection.root.get('tree')).to.be.instanceOf(Subclass);
      });
    }),
  );

  it('an instance of a subclass is one of the class, and of no other', () => {
    each(KINDS, (kind) => {
      class Subclass extends (kind.class as any) {}
      expect(new Subclass()).to.be.instanceOf(kind.class);
      for (const other of KINDS) {
        if (other !== kind) expect(make(kind)).not.to.be.instanceOf(other.class);
      }
    });
  });

  it('the name that Python without its C extension once wrote is read as the class', () => {
    const table = new ClassTable();
    each(KINDS, (kind) => {
      const spelling = pyGlobal(`BTrees.${kind.family.name}BTree`, `${kind.name}Py`);
      expect(table.find(spelling)).to.equal(kind.class);
    });
  });
});

// Trees as persistent objects: what is loaded, what is stored, what a conflict is.
import { expect } from 'chai';
import { IIBTree, IOBTree, LOBTree, OOBTree, OOTreeSet } from '../../src/btrees/index.ts';
import { treeData } from '../../src/btrees/node.ts';
import {
  type Connection,
  type DB,
  open,
  registerClass,
  TransactionManager,
} from '../../src/main.ts';
import { float, PyDict, tuple, Unpickler } from '../../src/pickle/index.ts';
import type { Persistent } from '../../src/zodb/persistent.ts';

class Index extends IOBTree<string> {
  static override maxLeafSize = 4;
  static override maxInternalSize = 3;
  #hits = 0;

  lookUp(key: number): string | undefined {
    this.#hits++;
    return this.get(key);
  }

  get hits(): number {
    return this.#hits;
  }
}
registerClass(Index, 'app.index.Index');

describe('BTrees in a database', () => {
  let db: DB;
  let manager: TransactionManager;
  let connection: Connection;

  beforeEach(() => {
    db = open('memory:');
    manager = new TransactionManager();
    connection = db.open({ transactionManager: manager });
  });
  afterEach(() => {
    manager.abort();
    db.close();
  });

  function stored<T extends Persistent>(tree: T): T {
    connection.root.set('tree', tree);
    manager.commit();
    connection.cacheMinimize();
    return connection.root.get('tree') as T;
  }

  /** The oids that the last transaction stored. */
  function lastStored(): bigint[] {
    const transactions = [...db.storage.iterate()];
    return [...transactions.at(-1)!.records()].map(({ oid }) => oid as bigint);
  }

  const numbers = (count: number): [number, number][] =>
    Array.from({ length: count }, (_, n) => [n, n]);

  it('loads the nodes on the way to a key, and no others', () => {
    const tree = stored(new IIBTree(numbers(1000)));
    expect(tree.get(500)).to.equal(500);
    const leaves = treeData(tree).children.map(({ self }) => self);
    expect(leaves.filter((leaf) => leaf._p_state === 0)).to.have.length(1);
    expect([...tree.keys({ min: 60, max: 130 })]).to.have.length(71);
    expect(leaves.filter((leaf) => leaf._p_state === 0)).to.have.length(3);
  });

  it('stores the one bucket that changed', () => {
    const tree = stored(new LOBTree<unknown>(numbers(1000)));
    tree.set(500, 'new');
    manager.commit();
    expect(lastStored()).to.have.length(1);
    expect(lastStored()[0]).to.not.equal(tree._p_oid);
    tree.set(2000, 'more');
    manager.commit();
    expect(lastStored()).to.have.length(1);
  });

  it('keeps one bucket in its own record, and marks itself when that changes', () => {
    const tree = stored(new OOBTree([['a', 1]]));
    tree.set('b', 2);
    expect(tree._p_changed).to.equal(true);
    manager.commit();
    expect(lastStored()).to.deep.equal([tree._p_oid]);
    tree.delete('b');
    expect(tree._p_changed).to.equal(true);
  });

  it('is stored neither for reading nor for setting an equal number', () => {
    const tree = stored(new IIBTree(numbers(300)));
    tree.set(7, 7);
    expect(tree.insert(8, 9)).to.equal(false);
    expect(tree.delete(1000)).to.equal(false);
    expect(connection.hasChanges()).to.equal(false);
    manager.commit();
  });

  it('is as it was after abort', () => {
    const tree = stored(new IIBTree(numbers(300)));
    for (let n = 0; n < 290; n++) tree.delete(n);
    for (let n = 1000; n < 2000; n++) tree.set(n, n);
    manager.abort();
    tree.check();
    expect([...tree]).to.deep.equal(numbers(300));
    tree.clear();
    manager.abort();
    expect(tree.size).to.equal(300);
  });

  it('stays whole in memory when it may not be changed', () => {
    const tree = stored(new IIBTree(numbers(100)));
    expect(tree.size).to.equal(100);
    const past = db.open({
      before: db.lastTransaction() + 1n,
      transactionManager: new TransactionManager(),
    });
    const old = past.root.get('tree') as IIBTree;
    expect(() => old.set(500, 1)).to.throw('read-only');
    expect(() => old.delete(5)).to.throw('read-only');
    expect(() => old.clear()).to.throw('read-only');
    expect([...old]).to.deep.equal(numbers(100));
    const single = stored(new OOTreeSet(['a']));
    const then = db.open({
      before: db.lastTransaction() + 1n,
      transactionManager: new TransactionManager(),
    });
    expect(() => (then.root.get('tree') as OOTreeSet).add('b')).to.throw('read-only');
    expect([...(then.root.get('tree') as OOTreeSet)]).to.deep.equal(['a']);
    expect([...single]).to.deep.equal(['a']);
  });

  it('conflicts where another transaction changed a node on the way', () => {
    const tree = stored(new IIBTree(numbers(240)));
    tree.set(5, 55);
    const other = new TransactionManager();
    const theirs = db.open({ transactionManager: other }).root.get('tree') as IIBTree;
    for (let n = 1000; n < 1200; n++) theirs.set(n, n);
    other.commit();
    expect(() => manager.commit())
      .to.throw()
      .with.property('code', 'READ_CONFLICT');
    manager.abort();
    tree.set(5, 55);
    manager.commit();
    expect([tree.get(5), tree.size]).to.deep.equal([55, 440]);
  });

  it('lets two transactions change different buckets', () => {
    const tree = stored(new IIBTree(numbers(240)));
    tree.set(5, 55);
    const other = new TransactionManager();
    const theirs = db.open({ transactionManager: other }).root.get('tree') as IIBTree;
    theirs.set(200, 0);
    other.commit();
    manager.commit();
    manager.begin();
    expect([tree.get(5), tree.get(200)]).to.deep.equal([55, 0]);
  });

  it('holds persistent objects, which get records of their own', () => {
    const tree = stored(new OOBTree<string, unknown>([['inner', new OOBTree([['x', 1]])]]));
    const inner = tree.get('inner') as OOBTree;
    expect(inner._p_state).to.equal(-1);
    expect(inner.get('x')).to.equal(1);
    inner.set('y', 2);
    manager.commit();
    expect(lastStored()).to.deep.equal([inner._p_oid]);
  });

  it('a subclass has its own methods, private fields and node sizes, in all nodes', () => {
    const index = new Index(Array.from({ length: 50 }, (_, n) => [n, `v${n}`] as const));
    const loaded = stored(index);
    expect(loaded).to.be.instanceOf(Index);
    expect([loaded.lookUp(49), loaded.hits]).to.deep.equal(['v49', 1]);
    expect(treeData(loaded).children[0]!.self).to.be.instanceOf(Index);
    for (let n = 50; n < 90; n++) loaded.set(n, 'more');
    for (let n = 0; n < 30; n++) loaded.delete(n);
    manager.commit();
    connection.cacheMinimize();
    loaded.check();
    expect(loaded.size).to.equal(60);
    manager.begin();
    loaded.set(100, 'x');
    manager.abort();
    expect(loaded.size).to.equal(60);
  });

  it('prints without loading', async () => {
    const { inspect } = await import('node:util');
    const tree = stored(new LOBTree([[1, 'a']]));
    expect(inspect(tree)).to.match(/^LOBTree <oid [0-9a-f]{16}, ghost>$/);
    expect(tree._p_state).to.equal(-1);
  });

  describe('floats in O keys and values', () => {
    /** The record of an object, with every float as a PyFloat. */
    function exact(object: Persistent): unknown {
      const { data } = connection.load(object._p_oid!);
      const unpickler = new Unpickler({ exact: true });
      unpickler.load(data);
      return unpickler.load(data, unpickler.position);
    }

    const entries = (count: number): [number, unknown][] =>
      Array.from({ length: count }, (_, n) => [n, n % 2 === 0 ? float(n) : n]);

    it('stay floats, and ints stay ints, when buckets are split', () => {
      const tree = stored(new IOBTree(entries(60)));
      expect(tree.get(4)).to.equal(4);
      tree.set(60, 'new');
      manager.commit();
      for (const { self: leaf } of treeData(tree).children) {
        const [items] = exact(leaf) as unknown[][];
        for (let i = 0; i < items!.length; i += 2) {
          const n = items![i] as number;
          if (n < 60) expect(items![i + 1]).to.deep.equal(n % 2 === 0 ? float(n) : n);
        }
      }
    });

    it('a whole number in the place of a float is a float, elsewhere an int', () => {
      const tree = stored(
        new OOBTree<string, unknown>([
          ['a', 12.5],
          ['b', 1],
          ['c', float(2)],
        ]),
      );
      tree.set('a', 13);
      tree.set('b', 13);
      tree.set('c', 13);
      tree.set('d', 13);
      manager.commit();
      expect(exact(tree)).to.deep.equal(
        tuple(tuple(tuple(tuple<unknown>('a', float(13), 'b', 13, 'c', float(13), 'd', 13)))),
      );
      expect([...tree.values()]).to.deep.equal([13, 13, 13, 13]);
    });

    it('are told apart from int keys of other entries', () => {
      const tree = stored(
        new IOBTree<unknown>([
          [1, float(2)],
          [3, float(4)],
        ]),
      );
      tree.set(2, 'int key');
      tree.set(4, 1);
      manager.commit();
      expect(exact(tree)).to.deep.equal(
        tuple(tuple(tuple(tuple<unknown>(1, float(2), 2, 'int key', 3, float(4), 4, 1)))),
      );
    });

    it('within lists and dicts go where these go, also to a changed copy in the same place', () => {
      const tree = stored(
        new IOBTree<unknown>(
          Array.from(
            { length: 60 },
            (_, n) => [n, [float(n), new PyDict([['x', float(1)]])]] as const,
          ),
        ),
      );
      const [number, dict] = tree.get(50) as [number, PyDict];
      tree.set(50, [number + 1, dict]);
      tree.set(60, 'new');
      manager.commit();
      const last = treeData(tree).children.at(-1)!.self;
      const [items] = exact(last) as unknown[][];
      const at = items!.indexOf(50);
      expect(items![at + 1]).to.deep.equal([float(51), new PyDict([['x', float(1)]])]);
      expect(items![items!.indexOf(40) + 1]).to.deep.equal([
        float(40),
        new PyDict([['x', float(1)]]),
      ]);
    });
  });
});

import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  type Connection,
  DB,
  formatId,
  isZodbError,
  MappingStorage,
  PersistentMapping,
  TransactionManager,
} from '../../src/main.ts';

describe('closed connections', () => {
  let db: DB;
  const opened = (): Connection => db.open({ transactionManager: new TransactionManager() });
  beforeEach(() => {
    db = new DB(new MappingStorage(), { poolSize: 2, historicalPoolSize: 1 });
    db.transaction(({ root }) => root.set('a', new PersistentMapping([['n', 1]])));
  });
  afterEach(() => db[Symbol.dispose]());

  it('are shown by name and state, and so are their databases', () => {
    const [now, then] = [opened(), db.open({ before: db.lastTransaction() })];
    expect(inspect([db, now, then], { breakLength: 200 })).to.equal(
      `[ DB <memory>, Connection <memory>, Connection <memory, what was before ${formatId(db.lastTransaction())}> ]`,
    );
    now.close();
    expect(inspect(now)).to.equal('Connection <memory, closed>');
    db.close();
    expect(inspect(db)).to.equal('DB <memory, closed>');
  });

  it('are opened again with what they had loaded, the one used last first', () => {
    const [one, two] = [opened(), opened()];
    const a = one.root.get('a');
    expect(a.get('n')).to.equal(1);
    two.close();
    one.close();
    expect(opened()).to.equal(one);
    expect(a._p_status).to.equal('saved');
    expect(one.root.get('a')).to.equal(a);
    expect(opened()).to.equal(two);
  });

  it('show what others have committed while they were idle', () => {
    const one = opened();
    const a = one.root.get('a');
    expect(a.get('n')).to.equal(1);
    one.close();
    const other = db.open({ transactionManager: new TransactionManager() });
    expect(other).to.equal(one);
    const writer = opened();
    other.close();
    writer.root.get('a').set('n', 2);
    writer.transactionManager.commit();
    expect(a._p_status).to.equal('ghost');
    expect(opened().root.get('a').get('n')).to.equal(2);
  });

  it('show no changes of the transaction in which they were closed', () => {
    const [one, two] = [opened(), opened()];
    expect(one.root.get('a').get('n')).to.equal(1);
    two.root.get('a').set('n', 3);
    two.transactionManager.commit();
    expect(one.root.get('a').get('n')).to.equal(1);
    one.close();
    expect(opened().root.get('a').get('n')).to.equal(3);
  });

  it('are kept as many as the pool holds, and only for a while', async () => {
    const many = [opened(), opened(), opened()];
    for (const connection of many) connection.close();
    expect(db.connectionInfo().length).to.equal(2);
    const hasty = new DB(new MappingStorage(), { poolTimeout: 5 });
    const first = hasty.open({ transactionManager: new TransactionManager() });
    first.close();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(hasty.open({ transactionManager: new TransactionManager() })).not.to.equal(first);
    hasty[Symbol.dispose]();
  });

  it('to a past moment serve only the same moment again', () => {
    const then = db.lastTransaction();
    db.transaction(({ root }) => root.set('b', 1));
    const past = db.open({ at: then });
    expect(past.root.has('b')).to.equal(false);
    past.close();
    const now = db.open({ at: db.lastTransaction() });
    expect(now).not.to.equal(past);
    expect(now.root.has('b')).to.equal(true);
    expect(db.open({ before: then + 1n })).to.equal(past);
  });

  it('refuse every use', () => {
    const connection = opened();
    const { root } = connection;
    connection.close();
    const uses: (() => unknown)[] = [
      () => connection.root,
      () => connection.get(0n),
      () => connection.add(new PersistentMapping()),
      () => connection.sync(),
      () => connection.newTransaction(),
      () => connection.transactionManager,
      () => connection.exportFile(0n),
      () => connection.importFile(new Uint8Array()),
      () => connection.getConnection('unnamed'),
      () => root.set('a', 1),
      () => {
        root._p_deactivate();
        root.get('a');
      },
    ];
    for (const use of uses)
      expect(use)
        .to.throw()
        .that.satisfies((error: unknown) => isZodbError(error, 'CLOSED'));
    connection.close();
  });

  it('of a closed database are gone, and it takes no more', () => {
    db.close();
    for (const use of [() => opened(), () => db.undoLog(), () => db.transaction(() => 1)])
      expect(use).to.throw().with.property('code', 'CLOSED');
  });
});

describe('the figures of a database', () => {
  it('say what connections hold, load and store', () => {
    const db = new DB(new MappingStorage());
    db.transaction(({ root }) => root.set('a', new PersistentMapping()).set('b', 1));
    const connection = db.open({ transactionManager: new TransactionManager() });
    connection.cacheMinimize();
    connection.transferCounts(true);
    expect(connection.root.get('a').size).to.equal(0);
    expect(connection.transferCounts()).to.eql({ loads: 2, stores: 0 });
    connection.root.get('a').set('x', 1);
    connection.transactionManager.commit();
    expect(connection.transferCounts(true)).to.eql({ loads: 2, stores: 1 });
    expect(connection.transferCounts()).to.eql({ loads: 0, stores: 0 });
    expect(db.cacheSize()).to.equal(2);
    expect(db.cacheDetail()).to.eql([
      { className: 'persistent.mapping.PersistentMapping', count: 2 },
    ]);
    const [info] = db.connectionInfo();
    expect(info).to.include({ isOpen: true, loaded: 2, ghosts: 0, loads: 0 });
    expect([db.objectCount(), db.size() > 0]).to.eql([2, true]);
    connection.close();
    const activity = db.activity.analysis({ divisions: 4 });
    expect(activity.length).to.equal(4);
    expect(activity.at(-1)).to.include({ connections: 2, stores: 3 });
    db.cacheMinimize();
    expect(db.cacheSize()).to.equal(0);
    db.close();
  });
});

describe('prefetch', () => {
  it('loads objects while the event loop goes on, and later uses load nothing', async () => {
    const db = new DB(new MappingStorage());
    const items = db.transaction(({ root }) => {
      const made = Array.from({ length: 500 }, (_, i) => new PersistentMapping([['i', i]]));
      root.set('items', made);
      return made;
    });
    const connection = db.open({ transactionManager: new TransactionManager() });
    connection.cacheMinimize();
    const oids = items.map(({ _p_oid }) => _p_oid!);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await connection.prefetch([...oids, 0x999n, connection.root]);
    clearInterval(timer);
    expect(turns).to.be.greaterThan(0);
    connection.transferCounts(true);
    expect(oids.every((oid, i) => (connection.get(oid) as PersistentMapping).get('i') === i)).equal(
      true,
    );
    expect(connection.transferCounts().loads).to.equal(0);
    const error = await connection.prefetch(5 as never).catch((e: unknown) => e);
    expect(isZodbError(error, 'ARGUMENT')).to.equal(true);
    db.close();
  });

  it('leaves it to a storage that can have records sent ahead', async () => {
    const asked: unknown[] = [];
    const storage = Object.assign(new MappingStorage(), {
      prefetch: async (...args: unknown[]) => void asked.push(args),
    });
    const db = new DB(storage);
    const connection = db.open({ transactionManager: new TransactionManager() });
    await connection.prefetch([0n, '0000000000000007']);
    expect(asked).to.eql([[[0n, 7n], connection.before]]);
    db.close();
  });
});

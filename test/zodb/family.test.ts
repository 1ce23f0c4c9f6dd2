import { expect } from 'chai';
import {
  type Connection,
  DB,
  MappingStorage,
  PersistentMapping,
  TransactionManager,
} from '../../src/main.ts';
import { PersistentRef } from '../../src/pickle/index.ts';

describe('databases that refer to each other', () => {
  let databases: Map<string, DB>;
  let one: DB;
  let two: DB;
  let manager: TransactionManager;
  let connection: Connection;
  let other: Connection;

  const database = (databaseName: string, xrefs = true): DB =>
    new DB(new MappingStorage(databaseName), { databaseName, databases, xrefs });

  beforeEach(() => {
    databases = new Map();
    one = database('one');
    two = database('two');
    manager = new TransactionManager();
    connection = one.open({ transactionManager: manager });
    other = connection.getConnection('two');
  });
  afterEach(() => {
    manager.abort();
    for (const db of [one, two]) db[Symbol.dispose]();
  });

  const read = <T>(fn: (root: PersistentMapping) => T): T => one.transaction((c) => fn(c.root));

  it('have connections that belong together, and are closed together', () => {
    expect(other.db).to.equal(two);
    expect(other.getConnection('one')).to.equal(connection);
    expect(connection.getConnection('one')).to.equal(connection);
    connection.close();
    expect([connection.isOpen, other.isOpen]).to.eql([false, false]);
    expect(() => connection.getConnection('two'))
      .to.throw()
      .with.property('code', 'CLOSED');
  });

  it('commit together, and find the object of the other again, changed ones too', () => {
    other.root.set('there', new PersistentMapping([['n', 1]]));
    manager.commit();
    connection.root.set('x', other.root.get('there'));
    manager.commit();
    expect(read((root) => root.get('x').get('n'))).to.equal(1);
    read((root) => root.get('x').set('n', 2));
    expect(two.transaction((c) => c.root.get('there').get('n'))).to.equal(2);
  });

  it('store a new object where it was added', () => {
    const fresh = new PersistentMapping();
    other.add(fresh);
    connection.root.set('fresh', fresh);
    manager.commit();
    expect(two.objectCount()).to.equal(2);
    expect(read((root) => root.get('fresh')._p_jar)).not.to.equal(connection);
  });

  const refused: [name: string, code: string, act: () => void][] = [
    [
      'a new object reachable from both',
      'CROSS_REFERENCE',
      () => {
        const fresh = new PersistentMapping();
        connection.root.set('x', fresh);
        other.root.set('x', fresh);
      },
    ],
    [
      'an object of a foreign database',
      'OTHER_CONNECTION',
      () => {
        const foreign = new DB(new MappingStorage());
        const far = foreign.open({ transactionManager: new TransactionManager() });
        connection.root.set('x', far.root);
      },
    ],
    [
      'an object of a separate connection to the other database',
      'OTHER_CONNECTION',
      () => {
        const separate = two.open({ transactionManager: new TransactionManager() });
        connection.root.set('x', separate.root);
      },
    ],
    [
      'an object of another connection to the same database',
      'OTHER_CONNECTION',
      () => {
        const separate = one.open({ transactionManager: new TransactionManager() });
        connection.root.set('x', separate.root);
      },
    ],
  ];
  for (const [name, code, act] of refused)
    it(`refuse a reference to ${name}`, () => {
      act();
      expect(() => manager.commit())
        .to.throw()
        .with.property('code', code);
    });

  it('refuse references where they are not wanted', () => {
    const strict = database('strict', false);
    const from = strict.open({ transactionManager: new TransactionManager() });
    from.root.set('x', from.getConnection('two').root);
    expect(() => from.transactionManager.commit())
      .to.throw()
      .with.property('code', 'CROSS_REFERENCE');
    from.transactionManager.abort();
    strict[Symbol.dispose]();
  });

  it('keep a reference to a database that is not open as it is', () => {
    connection.root.set('x', other.root);
    manager.commit();
    const { data } = one.storage.load(0n as never)!;
    const alone = new DB(one.storage);
    alone.transaction(({ root }) => {
      expect(root.get('x')).to.be.instanceOf(PersistentRef);
      root._p_changed = true;
    });
    expect(one.storage.load(0n as never)!.data).to.eql(data);
  });

  it('have different names, and may be opened again once they are closed', () => {
    expect(() => database('two'))
      .to.throw()
      .with.property('code', 'ARGUMENT');
    expect(() => connection.getConnection('three'))
      .to.throw()
      .with.property('code', 'ARGUMENT');
    connection.close();
    two.close();
    two = database('two');
  });

  it('are seen at the same moment of the past', () => {
    other.root.set('n', 1);
    connection.root.set('there', other.root);
    manager.commit();
    const then = two.lastTransaction();
    two.transaction((c) => c.root.set('n', 2));
    one.transaction((c) => c.root.set('n', 3));
    using past = one.open({ before: then + 1n });
    expect(past.root.get('there').get('n')).to.equal(1);
    expect(past.getConnection('two').isReadOnly).to.equal(true);
  });
});

import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  type Connection,
  DB,
  MappingStorage,
  PersistentMapping,
  PersistentWeakKeyDictionary,
  PersistentWeakRef,
  TransactionManager,
} from '../../src/main.ts';

describe('a weak reference', () => {
  let db: DB;
  let manager: TransactionManager;
  let connection: Connection;
  beforeEach(() => {
    db = new DB(new MappingStorage());
    manager = new TransactionManager();
    connection = db.open({ transactionManager: manager });
  });
  afterEach(() => db[Symbol.dispose]());

  it('leads to its object, before and after it is stored', () => {
    const target = new PersistentMapping([['n', 1]]);
    const reference = new PersistentWeakRef(target);
    expect(reference.deref()).to.equal(target);
    expect(reference.oid).to.equal(undefined);
    connection.root.set('target', target).set('weak', reference);
    manager.commit();
    expect(reference.oid).to.equal(target._p_oid);
    db.transaction(({ root }) => {
      const read = root.get<PersistentWeakRef<PersistentMapping>>('weak')!;
      expect(read).to.be.instanceOf(PersistentWeakRef);
      expect(inspect(read)).to.match(/^PersistentWeakRef <oid 0000/);
      expect(read.deref()).to.equal(root.get('target'));
      expect(read.deref()?.get('n')).to.equal(1);
    });
  });

  it('stores an object that nothing else refers to', () => {
    connection.root.set('weak', new PersistentWeakRef(new PersistentMapping([['n', 2]])));
    manager.commit();
    const read = db.transaction(({ root }) => root.get('weak').deref().get('n'));
    expect(read).to.equal(2);
  });

  it('is written back as it was read, and is empty when its object is not there', () => {
    const gone = new PersistentMapping();
    connection.root.set('weak', new PersistentWeakRef(gone));
    connection.root.set('list', [new PersistentWeakRef(gone)]);
    manager.commit();
    const record = db.storage.load(0n as never)!.data;
    db.transaction(({ root }) => {
      root._p_changed = true;
    });
    expect(db.storage.load(0n as never)!.data).to.eql(record);
    const copy = new DB(new MappingStorage());
    const begun = copy.storage.begin({});
    begun.store(0n as never, copy.lastTransaction(), record);
    begun.vote();
    begun.finish();
    expect(copy.transaction(({ root }) => root.get('weak').deref())).to.equal(undefined);
    copy.close();
  });

  it('takes only persistent objects', () => {
    expect(() => new PersistentWeakRef({} as never))
      .to.throw()
      .with.property('code', 'ARGUMENT');
  });

  describe('as a key', () => {
    it('is seen as its object, and goes when that is gone', () => {
      const [one, two] = [new PersistentMapping(), new PersistentMapping()];
      const weak = new PersistentWeakKeyDictionary<PersistentMapping, string>([[one, 'one']]);
      weak.set(two, 'two');
      connection.root.set('one', one).set('weak', weak);
      manager.commit();
      db.transaction(({ root }) => {
        const read = root.get<PersistentWeakKeyDictionary<PersistentMapping, string>>('weak')!;
        expect(read.size).to.equal(2);
        const known = root.get<PersistentMapping>('one')!;
        expect(read.get(known)).to.equal('one');
        expect([...read.values()]).to.eql(['one', 'two']);
        expect(read.delete(known)).to.equal(true);
        expect(read.has(known)).to.equal(false);
      });
      manager.begin();
      expect([...weak]).to.eql([[two, 'two']]);
      expect(() => weak.set({} as never, ''))
        .to.throw()
        .with.property('code', 'ARGUMENT');
    });
  });
});

import { expect } from 'chai';
import {
  type Connection,
  DB,
  isZodbError,
  MappingStorage,
  Persistent,
  PersistentMapping,
  type ResourceManager,
  registerClass,
  TransactionManager,
} from '../../src/main.ts';
import { formatId } from '../../src/zodb/ids.ts';

class Note extends Persistent {
  text = '';
  next: Note | undefined = undefined;
}
registerClass(Note, 'test.savepoint.Note');

const note = (text: string): Note => Object.assign(new Note(), { text });

describe('a savepoint', () => {
  let db: DB;
  let manager: TransactionManager;
  let connection: Connection;
  beforeEach(() => {
    db = new DB(new MappingStorage());
    manager = new TransactionManager();
    connection = db.open({ transactionManager: manager });
    connection.root.set('old', note('old'));
    manager.commit();
  });
  afterEach(() => db[Symbol.dispose]());

  it('brings objects back to what they were, as often as it is returned to', () => {
    const old = connection.root.get<Note>('old')!;
    old.text = 'one';
    const savepoint = manager.savepoint();
    expect(old._p_status).to.equal('saved');
    for (const text of ['two', 'three']) {
      old.text = text;
      savepoint.rollback();
      expect(old.text).to.equal('one');
    }
    manager.commit();
    expect(db.transaction(({ root }) => root.get('old').text)).to.equal('one');
    expect(old._p_serial).to.equal(db.lastTransaction());
  });

  it('also takes back what was changed inside an object that it holds, without a word to anybody', () => {
    const old = connection.root.get('old') as Note & { list: string[] };
    old.list = ['one'];
    const savepoint = manager.savepoint();
    old.list.push('two');
    savepoint.rollback();
    expect(old.list).to.deep.equal(['one']);
  });

  it('has what changed stored in the order of oids, even if it holds nothing', () => {
    connection.root.set('last', note('last'));
    manager.commit();
    const { root } = connection;
    const [old, last] = [root.get<Note>('old')!, root.get<Note>('last')!];
    last.text = 'new';
    last._p_changed = false;
    manager.savepoint();
    last._p_changed = true;
    old.text = 'new';
    manager.commit();
    const [stored] = db.storage.iterate!({ start: db.lastTransaction() });
    expect([...stored!.records()].map(({ oid }) => oid)).to.deep.equal([old._p_oid, last._p_oid]);
  });

  it('set before the connection took part does not take back that something was read', () => {
    const savepoint = manager.savepoint();
    const old = connection.root.get<Note>('old')!;
    old._p_activate();
    connection.readCurrent(old);
    connection.root.set('other', note('other'));
    savepoint.rollback();
    db.transaction(({ root }) => {
      root.get('old').text = 'new';
    });
    connection.root.set('other', note('other'));
    expect(() => manager.commit())
      .to.throw()
      .with.property('code', 'READ_CONFLICT');
    manager.abort();
  });

  it('keeps the ids of new objects, and takes those back that came after it', () => {
    const kept = note('kept');
    connection.root.set('kept', kept);
    const savepoint = manager.savepoint();
    const { _p_oid: oid } = kept;
    expect(oid).to.be.a('bigint');
    const later = note('later');
    connection.root.set('later', later);
    manager.savepoint();
    expect(later._p_jar).to.equal(connection);
    savepoint.rollback();
    expect(kept._p_oid).to.equal(oid);
    expect(later._p_oid).to.equal(undefined);
    expect(later.text).to.equal('later');
    expect(connection.root.has('later')).to.equal(false);
    connection.root.set('again', later);
    manager.commit();
    expect(later._p_oid! > oid!, formatId(later._p_oid!)).to.equal(true);
    expect(db.transaction(({ root }) => root.get('again').text)).to.equal('later');
    expect(db.transaction(({ root }) => root.get('kept').text)).to.equal('kept');
  });

  it('serves loads of evicted objects, new ones too, and has them committed', () => {
    connection.root.set('a', note('a'));
    connection.root.get<Note>('old')!.text = 'changed';
    manager.savepoint();
    connection.cacheMinimize();
    const a = connection.root.get<Note>('a')!;
    expect(a._p_status).to.equal('ghost');
    expect(a.text).to.equal('a');
    expect(connection.root.get<Note>('old')!.text).to.equal('changed');
    manager.commit();
    expect(a._p_serial).to.equal(db.lastTransaction());
    expect(db.transaction(({ root }) => root.get('old').text)).to.equal('changed');
  });

  it('stores nothing in the database before the commit, and nothing at all after an abort', () => {
    const before = db.lastTransaction();
    const fresh = note('fresh');
    connection.root.set('fresh', fresh);
    manager.savepoint();
    connection.root.get<Note>('old')!.text = 'other';
    manager.savepoint();
    expect(db.lastTransaction()).to.equal(before);
    manager.abort();
    expect(db.lastTransaction()).to.equal(before);
    expect(fresh._p_oid).to.equal(undefined);
    expect(connection.root.get<Note>('old')!.text).to.equal('old');
    expect(connection.root.has('fresh')).to.equal(false);
  });

  it('undoes all changes where there were none before it', () => {
    const savepoint = manager.get().savepoint();
    connection.root.set('x', 1);
    savepoint.rollback();
    expect(connection.root.has('x')).to.equal(false);
    expect(connection.hasChanges()).to.equal(false);
    connection.root.set('y', 1);
    manager.commit();
    expect(db.transaction(({ root }) => [...root.keys()])).to.eql(['old', 'y']);
  });

  it('is invalid after the transaction, and after returning to an earlier one', () => {
    connection.root.set('x', 1);
    const first = manager.savepoint();
    const second = manager.savepoint();
    first.rollback();
    expect([first.valid, second.valid]).to.eql([true, false]);
    manager.commit();
    expect(first.valid).to.equal(false);
    for (const savepoint of [first, second])
      expect(() => savepoint.rollback())
        .to.throw()
        .with.property('code', 'SAVEPOINT');
  });

  it('is still a conflict with what others committed before the first store', () => {
    connection.root.set('x', 1);
    manager.savepoint();
    db.transaction(({ root }) => root.set('x', 2));
    expect(() => manager.commit())
      .to.throw()
      .with.property('code', 'CONFLICT');
    manager.abort();
    expect(connection.root.get('x')).to.equal(2);
  });

  it('says so when an object is used whose only state was given up', () => {
    const lost = note('lost');
    connection.root.set('lost', lost);
    manager.savepoint();
    lost._p_deactivate();
    manager.abort();
    expect(() => lost.text)
      .to.throw()
      .with.property('code', 'INVALID_OBJECT');
  });

  it('stores many objects with a small cache, in a file once they are many', () => {
    const small = new DB(db.storage, { cacheSize: 50 });
    const own = new TransactionManager();
    const { root, cache } = small.open({ transactionManager: own });
    const notes = new PersistentMapping<number, Note>();
    root.set('notes', notes);
    for (let i = 0; i < 3000; i++) {
      notes.set(i, note('x'.repeat(2000) + i));
      if (i % 100 === 99) own.savepoint();
    }
    expect(cache.loadedCount).to.be.at.most(50 + 100 + 2);
    const savepoint = own.savepoint();
    for (let i = 0; i < 100; i++) notes.get(i)!.text = 'changed';
    savepoint.rollback();
    own.commit();
    const read = db.transaction((c) => {
      const found = c.root.get<PersistentMapping<number, Note>>('notes')!;
      return [...found.entries()].every(([i, { text }]) => text === 'x'.repeat(2000) + i);
    });
    expect(read).to.equal(true);
  });

  describe('with a resource manager that supports none', () => {
    const plain: ResourceManager = {
      sortKey: () => 'plain',
      abort: () => undefined,
      tpcBegin: () => undefined,
      commit: () => undefined,
      tpcVote: () => undefined,
      tpcFinish: () => undefined,
      tpcAbort: () => undefined,
    };

    it('is an error, and fails the transaction', () => {
      manager.get().join(plain);
      expect(() => manager.savepoint())
        .to.throw(/plain supports no savepoints/)
        .with.property('code', 'SAVEPOINT');
      expect(() => manager.commit())
        .to.throw()
        .with.property('code', 'TRANSACTION_FAILED');
      manager.abort();
    });

    it('is allowed optimistically, and only returning to it is the error', () => {
      manager.get().join(plain);
      const savepoint = manager.savepoint(true);
      expect(() => savepoint.rollback())
        .to.throw()
        .that.satisfies((error: unknown) => isZodbError(error, 'SAVEPOINT'));
      manager.abort();
    });
  });

  it('aborts what joined after it, which may join again', () => {
    const calls: string[] = [];
    const savepoint = manager.savepoint();
    const late: ResourceManager = {
      sortKey: () => 'late',
      abort: () => calls.push('abort'),
      tpcBegin: () => calls.push('begin'),
      commit: () => undefined,
      tpcVote: () => undefined,
      tpcFinish: () => undefined,
      tpcAbort: () => undefined,
    };
    manager.get().join(late);
    savepoint.rollback();
    manager.commit();
    expect(calls).to.eql(['abort']);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  DB,
  MappingStorage,
  open,
  PersistentMapping,
  type Tid,
  TransactionManager,
} from '../../src/main.ts';

describe('the history of a database', () => {
  let folder: string;
  let db: DB;
  let tids: Tid[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-undo-'));
    db = open(join(folder, 'data.fs'), { fsync: false });
    tids = [];
    const commit = (note: string, fn: (root: PersistentMapping) => void): void => {
      db.transaction(
        (connection) => {
          const transaction = connection.transactionManager.get();
          transaction.setExtendedInfo('size', 5).setExtendedInfo('with', ['a', 'list']);
          fn(connection.root);
        },
        { note, user: 'ä user' },
      );
      tids.push(db.lastTransaction());
    };
    commit('make', (root) => root.set('a', new PersistentMapping([['n', 1]])));
    commit('change', (root) => root.get('a').set('n', 2));
    commit('other', (root) => root.set('b', 1));
  });
  afterEach(() => {
    db[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  const n = (): number => db.transaction(({ root }) => root.get('a').get('n'));

  it('is read in words and dates, newest first', () => {
    const log = db.undoLog({ limit: 2 });
    expect(log.map(({ description }) => description)).to.eql(['other', 'change']);
    const [{ tid, time, user, extension }] = log as [(typeof log)[0]];
    expect(tid).to.equal(tids[2]);
    expect(Math.abs(time.getTime() - Date.now())).to.be.lessThan(60_000);
    expect(user).to.equal('ä user');
    expect([...extension]).to.eql([
      ['size', 5],
      ['with', ['a', 'list']],
    ]);
    const filtered = db.undoLog({ filter: (entry) => entry.description !== 'other', first: 1 });
    expect(filtered.map(({ description }) => description)).to.eql([
      'make',
      'initial database creation',
    ]);
    const history = db.history(1n, { limit: 5 });
    expect(history.map((entry) => entry.description)).to.eql(['change', 'make']);
    expect(history[0]?.size).to.be.greaterThan(50);
  });

  it('is shown to who only reads, and cannot be undone there', () => {
    using reader = open(join(folder, 'data.fs'), { readOnly: true });
    expect(reader.undoLog()).to.eql(db.undoLog());
    expect(() => reader.undo(tids[1]!))
      .to.throw()
      .with.property('code', 'UNSUPPORTED');
  });

  it('is undone at once, and undoing that is undone too', () => {
    db.undo(tids[1]!, { note: 'no', user: 'me' });
    expect(n()).to.equal(1);
    expect(db.undoLog({ limit: 1 })[0]).to.include({ description: 'no', user: 'me' });
    db.undo(db.lastTransaction());
    expect(n()).to.equal(2);
  });

  it('is undone within another transaction when that commits', () => {
    const manager = new TransactionManager();
    const transaction = manager.begin();
    db.undo([tids[1]!, tids[2]!], { transaction, note: 'both' });
    expect(n()).to.equal(2);
    manager.commit();
    expect(n()).to.equal(1);
    expect(db.transaction(({ root }) => root.has('b'))).to.equal(false);
    db.undo(db.lastTransaction(), { transaction: manager.begin() });
    manager.abort();
    expect(n()).to.equal(1);
  });

  it('is not undone in part: one that cannot be undone keeps the others', () => {
    db.transaction(({ root }) => root.get('a').set('n', 3));
    expect(() => db.undo([tids[2]!, tids[1]!]))
      .to.throw()
      .with.property('code')
      .that.is.oneOf(['UNDO', 'MULTIPLE_UNDO']);
    expect(db.transaction(({ root }) => root.get('b'))).to.equal(1);
    db.undo(tids[2]!);
  });

  it('is not part of a transaction in which a connection has changes, where Python waits for ever', () => {
    const manager = new TransactionManager();
    const { root } = db.open({ transactionManager: manager });
    root.set('c', 1);
    db.undo(tids[1]!, { transaction: manager.get() });
    expect(() => manager.commit())
      .to.throw(/one after the other/)
      .with.property('code', 'STORAGE_TRANSACTION');
    manager.abort();
    expect([root.has('c'), n()]).to.eql([false, 2]);
    db.undo(tids[1]!);
  });

  it('reaches open connections at their next transaction', () => {
    const manager = new TransactionManager();
    const { root } = db.open({ transactionManager: manager });
    expect(root.get('a').get('n')).to.equal(2);
    db.undo(tids[1]!);
    expect(root.get('a').get('n')).to.equal(2);
    manager.begin();
    expect(root.get('a').get('n')).to.equal(1);
  });

  it('is packed up to now, a moment, or days ago', () => {
    expect(db.pack({ days: 1 })).to.include({ packed: false });
    const dry = db.pack({ dryRun: true });
    expect(dry.packed).to.equal(false);
    expect(dry.recordsRemoved).to.be.greaterThan(0);
    expect(db.history(1n, { limit: 5 }).length).to.equal(2);
    expect(db.pack({ before: tids[1]! }).packed).to.equal(true);
    expect(db.pack({ before: new Date() }).packed).to.equal(true);
    expect(db.history(1n, { limit: 5 }).length).to.equal(1);
    expect(n()).to.equal(2);
  });

  it('is not there in storages that keep none', () => {
    const plain = new DB(new MappingStorage());
    const uses: [string, () => unknown][] = [
      ['undo', () => plain.undo(1n)],
      ['history', () => plain.history(0n)],
      ['pack', () => plain.pack()],
    ];
    for (const [what, use] of uses)
      if (!plain.storage.can[what as 'undo'])
        expect(use).to.throw().with.property('code', 'UNSUPPORTED');
    plain.close();
  });
});

import { expect } from 'chai';
import { MappingStorage } from '../../src/memory/index.ts';
import { attributesOf } from '../../src/zodb/attributes.ts';
import { classOf, registerClass } from '../../src/zodb/classes.ts';
import { DB } from '../../src/zodb/database.ts';
import { ConflictError } from '../../src/zodb/errors.ts';
import { type Oid, ZERO_TID } from '../../src/zodb/ids.ts';
import { PersistentMapping } from '../../src/zodb/mapping.ts';
import { Persistent } from '../../src/zodb/persistent.ts';
import { TransactionManager, transaction } from '../../src/zodb/transaction-manager.ts';

class Page extends Persistent {
  title = '';
  parts: unknown[] = [];
  next: Page | undefined = undefined;
}
registerClass(Page, 'test.wiki.Page', 'test.oldwiki.Page');

const session = (db: DB) => {
  const manager = new TransactionManager();
  const connection = db.open({ transactionManager: manager });
  return { manager, connection, root: connection.root };
};

describe('a connection', () => {
  let db: DB;
  beforeEach(() => {
    db = new DB(new MappingStorage());
  });
  afterEach(() => db[Symbol.dispose]());

  it('finds a root in a new database, and stores what is put into it', () => {
    const one = session(db);
    one.root.set('a', 1).set('page', new Page());
    one.root.get<Page>('page')!.title = 'Home';
    one.manager.commit();
    const two = session(db);
    expect([...two.root.keys()]).to.deep.equal(['a', 'page']);
    const page = two.root.get<Page>('page')!;
    expect(page).to.be.instanceOf(Page);
    expect(page._p_status).to.equal('ghost');
    expect(page.title).to.equal('Home');
    expect(classOf(page)).to.deep.equal({ module: 'test.wiki', name: 'Page' });
    expect(page._p_serial).to.equal(db.lastTransaction());
  });

  it('gives one object for one oid, and the same values on both sides of a cycle', () => {
    const one = session(db);
    const page = new Page();
    const other = new Page();
    page.next = other;
    other.next = page;
    one.root.set('p', page);
    one.manager.commit();
    const two = session(db);
    const loaded = two.root.get<Page>('p')!;
    expect(loaded.next?.next).to.equal(loaded);
    expect(two.connection.get(loaded._p_oid as Oid)).to.equal(loaded);
  });

  it('sees one snapshot until the next transaction', () => {
    const one = session(db);
    one.root.set('n', 1);
    one.manager.commit();
    const two = session(db);
    expect(two.root.get('n')).to.equal(1);
    one.root.set('n', 2);
    one.manager.commit();
    expect(two.root.get('n')).to.equal(1);
    two.connection.cacheMinimize();
    expect(two.root.get('n')).to.equal(1);
    two.manager.begin();
    expect(two.root.get('n')).to.equal(2);
  });

  it('keeps its snapshot when the first change makes a transaction', () => {
    const one = session(db);
    const page = new Page();
    one.root.set('page', page);
    one.manager.commit();
    const two = session(db);
    const loaded = two.root.get<Page>('page')!;
    expect(loaded.title).to.equal('');
    page.title = 'New';
    one.manager.commit();
    loaded.parts = [loaded.title];
    expect(loaded.title).to.equal('');
    expect(() => two.manager.commit()).to.throw(ConflictError);
    two.manager.abort();
    expect(loaded.title).to.equal('New');
  });

  it('refuses the second of two changes of one object, and works after the abort', () => {
    const one = session(db);
    const two = session(db);
    one.root.set('n', 1);
    two.root.set('n', 2);
    one.manager.commit();
    expect(() => two.manager.commit())
      .to.throw(ConflictError)
      .with.property('oid', 0n);
    two.manager.abort();
    expect(two.root.get('n')).to.equal(1);
    two.root.set('n', 3);
    two.manager.commit();
    one.manager.begin();
    expect(one.root.get('n')).to.equal(3);
  });

  it('forgets changes and new objects at abort', () => {
    const { manager, root } = session(db);
    const page = new Page();
    root.set('p', page);
    manager.abort();
    expect(root.has('p')).to.equal(false);
    expect(page._p_jar).to.equal(undefined);
    expect(page._p_oid).to.equal(undefined);
  });

  it('takes back the ids of new objects when a commit fails', () => {
    const { manager, root } = session(db);
    const page = new Page();
    class Unknown extends Persistent {}
    page.parts = [new Unknown()];
    root.set('p', page);
    expect(() => manager.commit()).to.throw(/Unknown has no Python name/);
    manager.abort();
    expect(page._p_oid).to.equal(undefined);
    page.parts = [];
    root.set('p', page);
    manager.commit();
    expect(page._p_status).to.equal('saved');
  });

  it('gives oids in the order in which Python finds new objects', () => {
    // root -> A, A.parts = [p, q, r], p.next = s, r.next = u: stored in the order root, A, r, u, q, p, s.
    const { manager, root } = session(db);
    const [a, p, q, r, s, u] = [...'apqrsu'].map((title) => Object.assign(new Page(), { title }));
    Object.assign(a!, { parts: [p, q, r] });
    p!.next = s;
    r!.next = u;
    root.set('a', a);
    manager.commit();
    expect([a, p, q, r, u, s].map((page) => page?._p_oid)).to.deep.equal([1n, 2n, 3n, 4n, 5n, 6n]);
  });

  it('adds an object before the commit, and refuses one of another connection', () => {
    const one = session(db);
    const two = session(db);
    const page = new Page();
    const oid = one.connection.add(page);
    expect(one.connection.get(oid)).to.equal(page);
    expect(() => two.connection.add(page))
      .to.throw()
      .with.property('code', 'OTHER_CONNECTION');
    two.root.set('p', page);
    expect(() => two.manager.commit()).to.throw(/another connection/);
    two.manager.abort();
    one.manager.commit();
    expect(page._p_serial).not.to.equal(ZERO_TID);
  });

  it('shows the past, read-only', () => {
    const one = session(db);
    one.root.set('n', 1);
    one.manager.commit();
    const then = db.lastTransaction();
    one.root.set('n', 2);
    one.manager.commit();
    const past = db.open({ at: then });
    expect(past.root.get('n')).to.equal(1);
    expect(() => past.root.set('n', 5))
      .to.throw()
      .with.property('code', 'READ_ONLY');
    expect(past.root.get('n')).to.equal(1);
    past.close();
    expect(() => db.open({ at: '2999-01-01T00:00:00Z' }))
      .to.throw()
      .with.property('code', 'ARGUMENT');
  });

  it('keeps whole numbers that were floats floats', () => {
    const one = session(db);
    const page = new Page();
    one.root.set('p', page);
    (page as unknown as Record<string, unknown>)['weight'] = 12.5;
    one.manager.commit();
    const before = db.storage.load(page._p_oid as Oid)!.data.length;
    (page as unknown as Record<string, unknown>)['weight'] = 12.25;
    one.manager.commit();
    expect(db.storage.load(page._p_oid as Oid)!.data.length).to.equal(before);
  });

  it('refuses to close with uncommitted changes, and everything after it is closed', () => {
    const { connection, manager, root } = session(db);
    root.set('n', 1);
    expect(() => connection.close())
      .to.throw()
      .with.property('code', 'CLOSED');
    manager.abort();
    connection.close();
    expect(() => connection.get(0n))
      .to.throw()
      .with.property('code', 'CLOSED');
    expect(() => root.get('n'))
      .to.throw()
      .with.property('code', 'CLOSED');
  });

  it('names class and oid when a constructor needs arguments', () => {
    class Strict extends Persistent {
      size: number;
      constructor(options: { size: number }) {
        super();
        this.size = options.size;
      }
    }
    registerClass(Strict, 'test.wiki.Strict');
    const one = session(db);
    one.root.set('s', new Strict({ size: 1 }));
    one.manager.commit();
    const two = session(db);
    expect(() => two.root.get<Strict>('s')!.size)
      .to.throw(/must work without arguments/)
      .with.property('className', 'test.wiki.Strict');
  });

  it('lets go of objects beyond its limit within one job', () => {
    const small = new DB(db.storage, { cacheSize: 100 });
    const one = session(small);
    const pages = new PersistentMapping<number, Page>();
    one.root.set('pages', pages);
    for (let i = 0; i < 5000; i++) pages.set(i, Object.assign(new Page(), { title: `page ${i}` }));
    one.manager.commit();
    const two = session(small);
    let read = 0;
    for (const page of two.root.get<PersistentMapping<number, Page>>('pages')!.values()) {
      if (page.title.startsWith('page')) read++;
    }
    expect(read).to.equal(5000);
    expect(two.connection.cache.loadedCount).to.be.at.most(100 + 1000);
  });

  it('loads objects of classes that are not registered, and writes them back unchanged', () => {
    const one = session(db);
    class Temporary extends Persistent {
      a = 1;
      b = [1, 'x'];
    }
    const own = new DB(db.storage, { classes: { 'gone.module.Thing': Temporary } });
    const writer = session(own);
    writer.root.set('t', new Temporary());
    writer.manager.commit();
    one.manager.begin();
    const thing = one.root.get('t');
    expect(classOf(thing)).to.deep.equal({ module: 'gone.module', name: 'Thing' });
    expect([...attributesOf(thing)]).to.deep.equal([
      ['a', 1],
      ['b', [1, 'x']],
    ]);
    const record = db.storage.load(thing._p_oid)!.data;
    thing._p_changed = true;
    one.manager.commit();
    expect(db.storage.load(thing._p_oid)!.data).to.deep.equal(record);
  });
});

describe('db.transaction', () => {
  let db: DB;
  beforeEach(() => {
    db = new DB(new MappingStorage());
  });

  it('commits what returns, aborts what throws, and gives the value', () => {
    expect(db.transaction((connection) => connection.root.set('n', 1).size)).to.equal(1);
    expect(() =>
      db.transaction((connection) => {
        connection.root.set('n', 2);
        throw new Error('mine');
      }),
    ).to.throw('mine');
    expect(db.transaction((connection) => connection.root.get('n'))).to.equal(1);
  });

  it('runs again after a conflict, as often as it is told', () => {
    let runs = 0;
    const clash = (times: number) =>
      db.transaction(
        (connection) => {
          runs++;
          connection.root.set('n', runs);
          if (runs <= times) db.transaction((other) => other.root.set('n', -runs));
        },
        { retries: 2 },
      );
    clash(2);
    expect(runs).to.equal(3);
    runs = 0;
    expect(() => clash(3)).to.throw(ConflictError);
  });

  it('commits when a promise resolves and aborts when it rejects', async () => {
    await db.transaction(async (connection) => {
      await Promise.resolve();
      connection.root.set('n', 1);
    });
    const failing = db.transaction(async (connection) => {
      connection.root.set('n', 2);
      throw new Error('mine');
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal('mine');
    expect(db.transaction((connection) => connection.root.get('n'))).to.equal(1);
  });

  it('is shown by the global transaction, which ends or begins none inside it', () => {
    db.transaction((connection) => {
      expect(transaction.get()).to.equal(connection.transactionManager.get());
      for (const what of ['begin', 'commit', 'abort'] as const) {
        expect(() => transaction[what]())
          .to.throw()
          .with.property('code', 'TRANSACTION_INSIDE');
      }
      transaction.get().note('from inside');
      connection.root.set('n', 1);
    });
    const [last] = [...db.storage.iterate()].slice(-1);
    expect(Buffer.from(last!.description).toString()).to.equal('from inside');
    expect(transaction.get().description).to.equal('');
  });

  it('is named when the default manager already has a connection', () => {
    const first = db.open();
    expect(() => db.open())
      .to.throw(/db\.transaction/)
      .with.property('code', 'TRANSACTION_SHARED');
    first.close();
    db.open().close();
  });
});

// Mistakes with connections: what is closed is used, or what belongs to one connection is used in another. Each is an error
// with a code of its own, and leaves the database as it was.

import { expect } from 'chai';
import {
  type Connection,
  DB,
  MappingStorage,
  PersistentMapping,
  PersistentWeakRef,
  TransactionManager,
  transaction,
} from '../../src/main.ts';

interface Scene {
  readonly db: DB;
  readonly manager: TransactionManager;
  readonly connection: Connection;
  readonly other: Connection;
  /** A stored object of `connection`, loaded; and one that is a ghost. */
  readonly object: PersistentMapping;
  readonly ghost: PersistentMapping;
}

type Row = readonly [mistake: string, code: string, make: (scene: Scene) => unknown];

const closed = ({ connection }: Scene): void => connection.close();

const ROWS: readonly Row[] = [
  ['the root of a closed connection', 'CLOSED', (s) => [closed(s), s.connection.root.size]],
  ['get of a closed connection', 'CLOSED', (s) => [closed(s), s.connection.get(1n)]],
  [
    'add to a closed connection',
    'CLOSED',
    (s) => [closed(s), s.connection.add(new PersistentMapping())],
  ],
  ['sync of a closed connection', 'CLOSED', (s) => [closed(s), s.connection.sync()]],
  ['an export from a closed connection', 'CLOSED', (s) => [closed(s), s.connection.exportFile(1n)]],
  [
    'an import into a closed connection',
    'CLOSED',
    (s) => [closed(s), s.connection.importFile(new Uint8Array(4))],
  ],
  [
    'the manager of a closed connection',
    'CLOSED',
    (s) => [closed(s), s.connection.transactionManager],
  ],
  [
    'a change of an object of a closed connection',
    'CLOSED',
    (s) => [closed(s), s.object.set('x', 1)],
  ],
  ['a ghost of a closed connection', 'CLOSED', (s) => [closed(s), s.ghost.size]],
  [
    'closing with uncommitted changes',
    'CLOSED',
    (s) => [s.object.set('x', 1), s.connection.close()],
  ],
  ['adding an object of another connection', 'OTHER_CONNECTION', (s) => s.other.add(s.object)],
  ['a second default connection', 'TRANSACTION_SHARED', ({ db }) => [db.open(), db.open()]],
  [
    'storing an object of another connection',
    'OTHER_CONNECTION',
    (s) => [s.other.root.set('stolen', s.object), s.other.transactionManager.commit()],
  ],
  [
    'storing one that was only added there',
    'OTHER_CONNECTION',
    (s) => {
      const added = new PersistentMapping();
      s.connection.add(added);
      s.other.root.set('stolen', { list: [added] });
      s.other.transactionManager.commit();
    },
  ],
  [
    'storing one in a weak reference',
    'OTHER_CONNECTION',
    (s) => [
      s.other.root.set('stolen', new PersistentWeakRef(s.object)),
      s.other.transactionManager.commit(),
    ],
  ],
  [
    'a savepoint with an object of another connection',
    'OTHER_CONNECTION',
    (s) => [s.other.root.set('stolen', s.object), s.other.transactionManager.savepoint()],
  ],
  [
    'an object kept from a db.transaction that has ended',
    'CLOSED',
    ({ db }) => db.transaction(({ root }) => root).set('x', 1),
  ],
  [
    'the same, from one that is asynchronous',
    'CLOSED',
    async ({ db }) => (await db.transaction(async ({ root }) => root)).set('x', 1),
  ],
  [
    'the global commit inside db.transaction',
    'TRANSACTION_INSIDE',
    ({ db }) => db.transaction(() => transaction.commit()),
  ],
  [
    'the global begin after an await in it',
    'TRANSACTION_INSIDE',
    ({ db }) =>
      db.transaction(async () => {
        await Promise.resolve();
        transaction.begin();
      }),
  ],
];

const OF_A_CLOSED_DATABASE: readonly (readonly [what: string, use: (db: DB) => unknown])[] = [
  ['open', (db) => db.open()],
  ['a transaction', (db) => db.transaction(() => 1)],
  ['pack', (db) => db.pack()],
  ['undo log', (db) => db.undoLog()],
  ['history', (db) => db.history(1n)],
];

describe('mistakes with connections', () => {
  let scene: Scene;
  let before: number;
  beforeEach(() => {
    const db = new DB(new MappingStorage());
    const [manager, second] = [new TransactionManager(), new TransactionManager()];
    const connection = db.open({ transactionManager: manager });
    const object = new PersistentMapping();
    const ghost = new PersistentMapping();
    connection.root.set('object', object).set('ghost', ghost);
    manager.commit();
    ghost._p_deactivate();
    const other = db.open({ transactionManager: second });
    scene = { db, manager, connection, other, object, ghost };
    before = db.objectCount();
  });
  afterEach(() => {
    scene.other[Symbol.dispose]();
    scene.connection[Symbol.dispose]();
    scene.db[Symbol.dispose]();
  });

  for (const [mistake, code, make] of ROWS)
    it(`${mistake}: ${code}`, async () => {
      let error: unknown;
      try {
        await make(scene);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).to.be.an('error').with.property('code', code);
      expect(scene.db.objectCount()).to.equal(before);
    });

  for (const [what, use] of OF_A_CLOSED_DATABASE)
    it(`${what} of a closed database: CLOSED`, () => {
      scene.db[Symbol.dispose]();
      expect(() => use(scene.db))
        .to.throw()
        .with.property('code', 'CLOSED');
    });
});

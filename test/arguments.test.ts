// What a caller passes wrongly is said at once, as a typed error, and nothing has happened by then. One row each.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  configure,
  guard,
  histogram,
  mean,
  min,
  RAMArray,
  std,
  sum,
  ZBigArray,
} from '../src/bigarray/index.ts';
import { findProblems } from '../src/btrees/index.ts';
import { FileStorage } from '../src/filestorage/index.ts';
import {
  attributesOf,
  Blob,
  classOf,
  DB,
  DemoStorage,
  dbclose,
  dbopen,
  getAttribute,
  isZodbError,
  MappingStorage,
  open,
  Persistent,
  PersistentWeakRef,
  registerClass,
  TransactionManager,
  transaction,
} from '../src/main.ts';
import { decode, encode, scanReferences } from '../src/pickle/index.ts';

/** What a caller without types may pass. */
const wrong = (value: unknown): never => value as never;

const db = (): DB => open('memory:');
const R = (): RAMArray => new RAMArray([2, 3], 'int64');

const cases: [call: string, code: string, act: (file: string) => unknown][] = [
  ['open()', 'ARGUMENT', () => open(wrong(undefined))],
  ['open({})', 'ARGUMENT', () => open(wrong({}))],
  ["open('')", 'ARGUMENT', () => open('')],
  ['open(file, null)', 'ARGUMENT', (file) => open(file, wrong(null))],
  ["open('nosuch:')", 'ARGUMENT', () => open('nosuch:')],
  ["open(file, { create: 'maybe' })", 'ARGUMENT', (file) => open(file, { create: wrong('maybe') })],
  ["open(file, { readOnly: 'yes' })", 'ARGUMENT', (file) => open(file, { readOnly: wrong('yes') })],
  ['open(file, { lock: 0 })', 'ARGUMENT', (file) => open(file, { lock: wrong(0) })],
  ["open(file, { fsync: 'no' })", 'ARGUMENT', (file) => open(file, { fsync: wrong('no') })],
  ["open(file, { blobDir: '' })", 'ARGUMENT', (file) => open(file, { blobDir: '' })],
  ['open(file, { blobDir: 5 })', 'ARGUMENT', (file) => open(file, { blobDir: wrong(5) })],
  ['new Blob(5)', 'ARGUMENT', () => new Blob(wrong(5))],
  ['new DemoStorage({ base: 5 })', 'ARGUMENT', () => new DemoStorage({ base: wrong(5) })],
  ["open('demo:x')", 'ARGUMENT', () => open('demo:x')],
  ['open(file, { cacheSize: -1 })', 'ARGUMENT', () => open('memory:', { cacheSize: -1 })],
  ['open(file, { classes: 5 })', 'ARGUMENT', () => open('memory:', { classes: wrong(5) })],
  ['open(file, { readonly: true })', 'ARGUMENT', (file) => open(file, wrong({ readonly: true }))],
  ["open('memory:', { fsync: false })", 'ARGUMENT', () => open('memory:', { fsync: false })],
  [
    'open(storage, { readOnly: true })',
    'ARGUMENT',
    () => open(new MappingStorage(), { readOnly: true }),
  ],
  ['open(file, { poolSize: -1 })', 'ARGUMENT', () => open('memory:', { poolSize: -1 })],
  ["open(file, { xrefs: 'no' })", 'ARGUMENT', () => open('memory:', { xrefs: wrong('no') })],
  ['open(file, { databases: {} })', 'ARGUMENT', () => open('memory:', { databases: wrong({}) })],
  [
    'open(file, { databaseName: 5 })',
    'ARGUMENT',
    () => open('memory:', { databaseName: wrong(5) }),
  ],
  [
    'new DB(storage, { cache: 5 })',
    'ARGUMENT',
    () => new DB(new MappingStorage(), wrong({ cache: 5 })),
  ],
  [
    'dbclose(root, { discared: true })',
    'ARGUMENT',
    () => dbclose(root(), wrong({ discared: true })),
  ],
  ['new FileStorage(5)', 'ARGUMENT', () => new FileStorage(wrong(5))],
  ["new FileStorage('')", 'ARGUMENT', () => new FileStorage('')],
  ['new DB({})', 'ARGUMENT', () => new DB(wrong({}))],
  ['dbclose({})', 'ARGUMENT', () => dbclose(wrong({}))],
  ["db.open({ at: 'yesterday' })", 'ARGUMENT', () => db().open({ at: 'yesterday' })],
  ['db.open({ at: 5 })', 'ARGUMENT', () => db().open({ at: wrong(5) })],
  ["db.open({ at: '2090-01-01' })", 'ARGUMENT', () => db().open({ at: '2090-01-01' })],
  ['db.open({ at, before })', 'ARGUMENT', () => db().open({ at: 1n, before: 1n })],
  [
    'db.open({ transactionManager: {} })',
    'ARGUMENT',
    () => db().open({ transactionManager: wrong({}) }),
  ],
  ['db.open({ att: 1n })', 'ARGUMENT', () => db().open(wrong({ att: 1n }))],
  ['db.undo()', 'ARGUMENT', () => db().undo(wrong(undefined))],
  ['db.undo(1n, { note: 5 })', 'ARGUMENT', () => db().undo(1n, { note: wrong(5) })],
  ['db.undo(1n, { notes: 5 })', 'ARGUMENT', () => db().undo(1n, wrong({ notes: 5 }))],
  ['db.undoLog({ limit: -1 })', 'ARGUMENT', () => db().undoLog({ limit: -1 })],
  ['db.undoLog({ filter: 5 })', 'ARGUMENT', () => db().undoLog({ filter: wrong(5) })],
  ["db.history('2a')", 'ARGUMENT', () => db().history('2a')],
  ['db.history(0n, { limit: 1.5 })', 'ARGUMENT', () => db().history(0n, { limit: 1.5 })],
  ['db.pack({ days: -1 })', 'ARGUMENT', () => db().pack({ days: -1 })],
  ["db.pack({ before: 'then' })", 'ARGUMENT', () => db().pack({ before: 'then' })],
  ["db.pack({ gc: 'no' })", 'ARGUMENT', () => db().pack({ gc: wrong('no') })],
  ['db.pack({ day: 1 })', 'ARGUMENT', () => db().pack(wrong({ day: 1 }))],
  [
    'db.activity.analysis({ divisions: -1 })',
    'ARGUMENT',
    () => db().activity.analysis({ divisions: -1 }),
  ],
  ['db.transaction(5)', 'ARGUMENT', () => db().transaction(wrong(5))],
  [
    'db.transaction(fn, { note: 5 })',
    'ARGUMENT',
    () => db().transaction(never, { note: wrong(5) }),
  ],
  [
    'db.transaction(fn, { user: 5 })',
    'ARGUMENT',
    () => db().transaction(never, { user: wrong(5) }),
  ],
  [
    'db.transaction(fn, { retries: -1 })',
    'ARGUMENT',
    () => db().transaction(never, { retries: -1 }),
  ],
  [
    'db.transaction(fn, { retry: 1 })',
    'ARGUMENT',
    () => db().transaction(never, wrong({ retry: 1 })),
  ],
  [
    'new TransactionManager({ explicit: 1 })',
    'ARGUMENT',
    () => new TransactionManager({ explicit: wrong(1) }),
  ],
  [
    'new TransactionManager({ Explicit: true })',
    'ARGUMENT',
    () => new TransactionManager(wrong({ Explicit: true })),
  ],
  ['transaction.savepoint(5)', 'ARGUMENT', () => new TransactionManager().savepoint(wrong(5))],
  [
    'transaction.get().setExtendedInfo(5, 5)',
    'ARGUMENT',
    () => new TransactionManager().get().setExtendedInfo(wrong(5), 5),
  ],
  ['transaction.run(5)', 'ARGUMENT', () => new TransactionManager().run(wrong(5))],
  ['transaction.get().note(5)', 'ARGUMENT', () => new TransactionManager().get().note(wrong(5))],
  ["connection.get('2a')", 'ARGUMENT', () => connection().get('2a')],
  ['connection.get(42)', 'ARGUMENT', () => connection().get(wrong(42))],
  ['connection.add({})', 'ARGUMENT', () => connection().add(wrong({}))],
  ['connection.exportFile(0n, 5)', 'ARGUMENT', () => connection().exportFile(0n, wrong(5))],
  ['connection.importFile(5)', 'ARGUMENT', () => connection().importFile(wrong(5))],
  ["connection.getConnection('none')", 'ARGUMENT', () => connection().getConnection('none')],
  ['new PersistentWeakRef({})', 'ARGUMENT', () => new PersistentWeakRef(wrong({}))],
  ["registerClass(class {}, 'm.C')", 'ARGUMENT', () => registerClass(wrong(class {}), 'm.C')],
  [
    'registerClass(C)',
    'ARGUMENT',
    () => registerClass(class extends Persistent {}, wrong(undefined)),
  ],
  ["registerClass(C, 'C')", 'ARGUMENT', () => registerClass(class extends Persistent {}, 'C')],
  ['classOf({})', 'ARGUMENT', () => classOf(wrong({}))],
  ['attributesOf(5)', 'ARGUMENT', () => [...attributesOf(wrong(5))]],
  ["getAttribute({}, 'x')", 'ARGUMENT', () => getAttribute(wrong({}), 'x')],
  ["new ZBigArray([10], 'int64', { order: 'A' })", 'SHAPE', () => zbigarray({ order: 'A' })],
  [
    "new ZBigArray([10], 'int64', { blockFormat: 'auto' })",
    'ARGUMENT',
    () => zbigarray({ blockFormat: 'auto' }),
  ],
  ['new ZBigArray([10])', 'DTYPE', () => new ZBigArray([10], wrong(undefined))],
  ['array.view(3)', 'INDEX', () => R().view(wrong(3))],
  ["array.view('x')", 'INDEX', () => R().view(wrong('x'))],
  ['array.write(5, 1)', 'INDEX', () => R().write(wrong(5), 1)],
  ['sum(5)', 'ARGUMENT', () => sum(wrong(5))],
  ['mean(typedArray)', 'ARGUMENT', () => mean(wrong(new Float64Array(3)))],
  ['min(undefined)', 'ARGUMENT', () => min(wrong(undefined))],
  ["mean(array, { axis: 'x' })", 'SHAPE', () => mean(R(), { axis: wrong('x') })],
  ["std(array, { ddof: 'x' })", 'ARGUMENT', () => std(R(), { ddof: wrong('x') })],
  ['sum(array, { onProgress: 5 })', 'ARGUMENT', () => sum(R(), { onProgress: wrong(5) })],
  ['histogram(5)', 'ARGUMENT', () => histogram(wrong(5))],
  ['histogram(array, { range: 5 })', 'ARGUMENT', () => histogram(R(), { range: wrong(5) })],
  ["histogram(array, { bins: 'auto' })", 'ARGUMENT', () => histogram(R(), { bins: wrong('auto') })],
  ['configure(null)', 'ARGUMENT', () => configure(wrong(null))],
  ["configure({ budget: '1 GiB' })", 'ARGUMENT', () => configure({ budget: wrong('1 GiB') })],
  ['configure({ budget: 1024 })', 'ARGUMENT', () => configure({ budget: 1024 })],
  ['configure({ hardLimit: 1024 })', 'ARGUMENT', () => configure({ hardLimit: 1024 })],
  ['configure({ readAhead: 1.5 })', 'ARGUMENT', () => configure({ readAhead: 1.5 })],
  ['configure({ loadTimeout: -1 })', 'ARGUMENT', () => configure({ loadTimeout: -1 })],
  ["configure({ onLoadError: 'x' })", 'ARGUMENT', () => configure({ onLoadError: wrong('x') })],
  ["configure({ backend: 'x' })", 'ARGUMENT', () => configure({ backend: wrong('x') })],
  ['guard(5)', 'ARGUMENT', () => guard(wrong(5))],
  ['findProblems({})', 'ARGUMENT', () => findProblems(wrong({}))],
  ["decode('text')", 'PICKLE', () => decode(wrong('text'))],
  ["decode(bytes, { strings: 'x' })", 'PICKLE', () => decode(encode(1), { strings: wrong('x') })],
  ["scanReferences('text', fn)", 'PICKLE', () => scanReferences(wrong('text'), never)],
];

const never = (): never => expect.fail('this was not to be called');
const root = () => dbopen('memory:');
const connection = () => db().open({ transactionManager: new TransactionManager() });
const zbigarray = (options: object) => new ZBigArray([10], 'int64', options);

describe('a wrong argument', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-arguments-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const [call, code, act] of cases)
    it(`${call} is an error with code ${code}`, () => {
      let error: unknown;
      try {
        act(join(folder, 'Data.fs'));
      } catch (caught) {
        error = caught;
      }
      expect(isZodbError(error, code), String(error)).equal(true);
      expect(readdirSync(folder)).eql([]);
    });

  it('of a transaction leaves the database as it was, and the next transaction works', () => {
    const root = dbopen(join(folder, 'Data.fs'));
    expect(existsSync(join(folder, 'Data.fs'))).equal(true);
    root.set('count', 1);
    transaction.get().user = wrong(5);
    expect(() => transaction.commit()).throw('user');
    transaction.abort();
    root.set('count', 2);
    transaction.commit();
    expect(root.get('count')).equal(2);
    dbclose(root);
  });
});

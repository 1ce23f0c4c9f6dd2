import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { Blob, DemoStorage, MappingStorage, open, TransactionManager } from '../../src/main.ts';
import { readDemoUrl } from '../../src/memory/index.ts';
import { storageSuite } from '../../src/testing/index.ts';
import { MAX_TID, type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';
import type { Storage, StorageTransaction } from '../../src/zodb/storage.ts';
import { testFolder } from '../filestorage/folder.ts';

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
const text = (value: Uint8Array | undefined): string => new TextDecoder().decode(value);
const ONE = 1n as Oid;
const TWO = 2n as Oid;

function commit(storage: Storage, body: (transaction: StorageTransaction) => void): Tid {
  const transaction = storage.begin({});
  body(transaction);
  transaction.vote();
  return transaction.finish();
}

const put = (storage: Storage, oid: Oid, serial: Tid, value: string): Tid =>
  commit(storage, (t) => t.store(oid, serial, bytes(value)));

// What the changes refer to may be in the base, so packing them collects no garbage.
const gc = false;
storageSuite({ describe, it }, 'DemoStorage', () => new DemoStorage(), { gc });
storageSuite({ describe, it }, 'DemoStorage over another', () => new DemoStorage().push(), { gc });

describe('DemoStorage over FileStorages', () => {
  const path = testFolder();
  let files = 0;
  const make = (): DemoStorage => {
    const name = path(`changes${++files}`);
    const changes = new FileStorage(`${name}.fs`, { blobDir: `${name}.blobs`, fsync: false });
    return new DemoStorage({ changes });
  };
  storageSuite({ describe, it }, 'DemoStorage whose changes are a FileStorage', make, { gc });
});

describe('DemoStorage', () => {
  const path = testFolder();
  /** A base with two revisions of ONE, for reading. */
  const base = (): { base: FileStorage; tids: [Tid, Tid] } => {
    using storage = new FileStorage(path('base.fs'), { fsync: false });
    const first = put(storage, ONE, ZERO_TID, 'one');
    const tids: [Tid, Tid] = [first, put(storage, ONE, first, 'two')];
    storage.close();
    return { base: new FileStorage(path('base.fs'), { readOnly: true }), tids };
  };
  const changed = (): FileStorage =>
    new FileStorage(path('changes.fs'), { blobDir: path('blobs'), fsync: false });

  it('shows the base, and changes over it, at every moment', () => {
    const { base: below, tids } = base();
    using storage = new DemoStorage({ base: below });
    const [first, second] = tids;
    expect(storage.lastTransaction()).to.equal(second);
    expect(storage.getTid(ONE)).to.equal(second);
    const third = put(storage, ONE, second, 'three');
    const fourth = put(storage, ONE, third, 'four');
    const at = (before: Tid): unknown => {
      const found = storage.load(ONE, before);
      return found && [text(found.data), found.tid, found.next];
    };
    expect(at(first)).to.equal(undefined);
    expect(at(second)).to.deep.equal(['one', first, second]);
    expect(at(third)).to.deep.equal(['two', second, third]);
    expect(at(fourth)).to.deep.equal(['three', third, fourth]);
    expect(at(MAX_TID)).to.deep.equal(['four', fourth, undefined]);
    expect(text(storage.loadSerial(ONE, first))).to.equal('one');
    expect(text(storage.loadSerial(ONE, third))).to.equal('three');
    expect(storage.getTid(ONE)).to.equal(fourth);
    expect([...storage.iterate()].map(({ tid }) => tid)).to.deep.equal([
      first,
      second,
      third,
      fourth,
    ]);
    expect(
      [...storage.iterate({ start: second, stop: third })].map(({ tid }) => tid),
    ).to.deep.equal([second, third]);
    expect(below.lastTransaction()).to.equal(second);
  });

  it('finds conflicts with the base as with changes, and resolves them', () => {
    const { base: below, tids } = base();
    using storage = new DemoStorage({ base: below, changes: changed() });
    const [first, second] = tids;
    const transaction = storage.begin({});
    expect(() => transaction.store(ONE, first, bytes('x')))
      .to.throw()
      .with.property('code', 'CONFLICT');
    expect(() => transaction.checkCurrent(ONE, first))
      .to.throw()
      .with.property('code', 'READ_CONFLICT');
    transaction.checkCurrent(ONE, second);
    transaction.abort();
    storage.resolveConflict = ({ data, committedData, original }) =>
      bytes([original(), committedData, data].map(text).join('+'));
    const resolving = storage.begin({});
    resolving.store(ONE, first, bytes('three'));
    expect(resolving.vote()).to.deep.equal([ONE]);
    const third = resolving.finish();
    expect(text(storage.load(ONE)?.data)).to.equal('one+two+three');
    commit(storage, (t) => t.store(ONE, second, bytes('four')));
    expect(text(storage.load(ONE)?.data)).to.equal('two+one+two+three+four');
    expect(storage.load(ONE)?.tid).not.to.equal(third);
  });

  it('has the histories of both, and undoes what is in the changes', () => {
    const { base: below, tids } = base();
    using storage = new DemoStorage({ base: below, changes: changed() });
    const third = put(storage, ONE, tids[1], 'three');
    expect(storage.history(ONE, 10).map(({ tid }) => tid)).to.deep.equal([third, tids[1], tids[0]]);
    expect(storage.history(ONE, 2).map(({ tid }) => tid)).to.deep.equal([third, tids[1]]);
    expect(() => storage.history(TWO))
      .to.throw()
      .with.property('code', 'POS_KEY');
    expect(storage.undoLog().map(({ tid }) => tid)).to.deep.equal([third]);
    const undone = commit(storage, (t) => t.undo?.(third));
    expect(text(storage.load(ONE)?.data)).to.equal('two');
    expect(storage.getTid(ONE)).to.equal(tids[1]);
    expect(storage.load(ONE, (tids[1] + 1n) as Tid)?.next).to.equal(third);
    const again = put(storage, ONE, tids[1], 'again');
    expect(text(storage.load(ONE)?.data)).to.equal('again');
    expect(again > undone).to.equal(true);
  });

  it('gives tids after those of the base, also where its clock was ahead', () => {
    const below = new MappingStorage();
    const future = 0x0700_0000_0000_0000n as Tid;
    const transaction = below.begin({}, future);
    transaction.vote();
    transaction.finish();
    using storage = new DemoStorage({ base: below });
    expect(put(storage, ONE, ZERO_TID, 'one') > future).to.equal(true);
    expect(() => storage.begin({}, future))
      .to.throw()
      .with.property('code', 'ARGUMENT');
  });

  it('gives new oids that neither has, far from those that the base will give', () => {
    const { base: below } = base();
    const starts = new Set<bigint>();
    for (let i = 0; i < 20; i++) {
      const storage = new DemoStorage({ base: below, closeBase: false });
      const oids = [storage.newOid(), storage.newOid()] as const;
      expect(oids[1]).to.equal(oids[0] + 1n);
      expect(oids[0] > 0n && oids[1] < 2n ** 63n).to.equal(true);
      starts.add(oids[0]);
    }
    expect(starts.size).to.equal(20);
    below.close();
  });

  it('packs its changes only, without garbage collection', async () => {
    const { base: below, tids } = base();
    using storage = new DemoStorage({ base: below, changes: changed() });
    const third = put(storage, ONE, tids[1], 'three');
    const fourth = put(storage, ONE, third, 'four');
    expect(() => storage.pack({ gc: true }))
      .to.throw()
      .with.property('code', 'ARGUMENT');
    expect(storage.pack().recordsRemoved).to.equal(1);
    expect(text(storage.load(ONE)?.data)).to.equal('four');
    expect(() => storage.loadSerial(ONE, third))
      .to.throw()
      .with.property('code', 'POS_KEY');
    expect(text(storage.loadSerial(ONE, tids[0]))).to.equal('one');
    expect(fourth).to.equal(storage.lastTransaction());
    const fifth = put(storage, ONE, fourth, 'five');
    expect((await storage.packAsync()).recordsRemoved).to.equal(1);
    expect(storage.getTid(ONE)).to.equal(fifth);
  });

  it('is pushed over another, which goes on when it is popped or closed', () => {
    const first = new DemoStorage();
    const one = put(first, ONE, ZERO_TID, 'one');
    const second = first.push();
    put(second, ONE, one, 'two');
    expect(text(first.load(ONE)?.data)).to.equal('one');
    expect(second.pop()).to.equal(first);
    expect(() => second.load(ONE))
      .to.throw()
      .with.property('code', 'CLOSED');
    const third = first.push(changed());
    put(third, ONE, one, 'three');
    third.close();
    expect(text(first.load(ONE)?.data)).to.equal('one');
    first.close();
    expect(() => first.load(ONE))
      .to.throw()
      .with.property('code', 'CLOSED');
    expect(() => first.base.load(ONE))
      .to.throw()
      .with.property('code', 'CLOSED');
  });

  it('leaves open what it is told to', () => {
    const [below, above] = [new MappingStorage(), new MappingStorage()];
    new DemoStorage({ base: below, changes: above, closeBase: false, closeChanges: false }).close();
    expect(below.length() + above.length()).to.equal(0);
  });

  it('has the blobs of both', () => {
    const blobDir = path('base-blobs');
    {
      using db = open(path('Data.fs'), { blobDir, fsync: false });
      db.transaction((connection) => connection.root.set('blob', new Blob('base')));
    }
    const below = new FileStorage(path('Data.fs'), { blobDir, readOnly: true });
    using db = open(new DemoStorage({ base: below }));
    const manager = new TransactionManager();
    const { root } = db.open({ transactionManager: manager });
    const blob = root.get('blob') as Blob;
    expect(blob.read('utf8')).to.equal('base');
    const original = blob.committedPath();
    {
      using file = blob.open('a');
      file.write(' and changes');
    }
    root.set('new', new Blob('new'));
    manager.commit();
    expect(blob.read('utf8')).to.equal('base and changes');
    expect((root.get('new') as Blob).read('utf8')).to.equal('new');
    expect(readFileSync(original, 'utf8')).to.equal('base');
  });

  it('says so where the base has a blob, but was opened without its files', () => {
    {
      using db = open(path('Data.fs'), { blobDir: path('base-blobs'), fsync: false });
      db.transaction((connection) => connection.root.set('blob', new Blob('base')));
    }
    using storage = new DemoStorage({ base: new FileStorage(path('Data.fs'), { readOnly: true }) });
    expect(() => storage.loadBlob(ONE, storage.getTid(ONE))).to.throw(/without its blobs/);
    expect(() => storage.loadBlob(TWO, ZERO_TID))
      .to.throw()
      .with.property('code', 'POS_KEY');
  });

  it('is opened by URL: the base for reading, the changes with the options', () => {
    const { base: below } = base();
    below.close();
    const before = readFileSync(path('base.fs'));
    using db = open(`demo:(${path('base.fs')})/(file://${path('changes.fs')})`, { fsync: false });
    expect(db.storage.url).to.equal(
      `demo:(file://${path('base.fs')})/(file://${path('changes.fs')})`,
    );
    db.transaction(({ root }) => root.set('x', 1));
    db.close();
    using again = open(`demo:(${path('base.fs')})/(${path('changes.fs')})`, { readOnly: true });
    expect(again.transaction(({ root }) => root.get('x'))).to.equal(1);
    expect(text(again.storage.load(ONE)?.data)).to.equal('two');
    using alone = open(`demo:(demo:(${path('base.fs')})/(memory:))`);
    alone.transaction(({ root }) => root.set('x', 2));
    expect(readFileSync(path('base.fs')).equals(before)).to.equal(true);
    expect(() => open(`demo:(${path('none.fs')})/(memory:)`))
      .to.throw()
      .with.property('code', 'NO_SUCH_FILE');
  });

  it('says what it takes', () => {
    for (const wrong of [
      () => new DemoStorage(5 as never),
      () => new DemoStorage({ base: 'x' as never }),
      () => new DemoStorage({ closeBase: 1 as never }),
      ...['demo:', 'demo:x', 'demo:()', 'demo:(a', 'demo:(a)b', 'demo:(a)/b', 'demo:(a)/(b'].map(
        (url) => () => readDemoUrl(url),
      ),
    ])
      expect(wrong).to.throw().with.property('code', 'ARGUMENT');
    expect(readDemoUrl('demo:(demo:(a)/(b))/(c)')).to.deep.equal({
      base: 'demo:(a)/(b)',
      changes: 'c',
    });
  });

  it('refuses changes in another dialect than that of the base', () => {
    writeFileSync(path('old.fs'), 'FS21');
    using old = new FileStorage(path('old.fs'), { readOnly: true });
    expect(() => new DemoStorage({ base: old, changes: changed() })).to.throw(/python2/);
    expect(new DemoStorage({ base: old }).dialect).to.equal('python2');
  });
});

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileStorage, type FileStorageOptions } from '../../src/filestorage/index.ts';
import { isZodbError } from '../../src/main.ts';
import { copyTransactions } from '../../src/tools/index.ts';
import { type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';
import type { StorageTransaction } from '../../src/zodb/storage.ts';
import { testFolder } from './folder.ts';

const BLOB = new Uint8Array(Buffer.from('\x80\x03cZODB.blob\nBlob\nq\x00.\x80\x03N.', 'latin1'));
const OTHER = new Uint8Array(Buffer.from('\x80\x03cm\nC\nq\x00.\x80\x03N.', 'latin1'));
/** A PersistentMapping whose state is the reference to a blob of oid 1. */
const REFERRING = new Uint8Array(
  Buffer.from(
    '\x80\x03cm\nC\nq\x00.\x80\x03C\x08\0\0\0\0\0\0\0\x01q\x01cZODB.blob\nBlob\nq\x02\x86q\x03Q.',
    'latin1',
  ),
);
const ROOT = 0n as Oid;
const ONE = 1n as Oid;

describe('FileStorage and the files of blobs', () => {
  const path = testFolder();
  const open = (options: FileStorageOptions = {}): FileStorage =>
    new FileStorage(path('Data.fs'), { blobDir: path('blobs'), fsync: false, ...options });
  const file = (content: string): string => {
    const name = path(`new-${Math.random()}`);
    writeFileSync(name, content, { mode: 0o600 });
    return name;
  };
  const commit = (storage: FileStorage, body: (transaction: StorageTransaction) => void): Tid => {
    const transaction = storage.begin({});
    body(transaction);
    transaction.vote();
    return transaction.finish();
  };
  const put = (storage: FileStorage, serial: Tid, content: string, oid = ONE): Tid =>
    commit(storage, (t) => t.storeBlob?.(oid, serial, BLOB, file(content)));
  const read = (storage: FileStorage, tid: Tid, oid = ONE): string =>
    readFileSync(storage.loadBlob(oid, tid), 'utf8');
  /** The files of the folder, with their modes. */
  const files = (folder = 'blobs'): Record<string, string> => {
    const found: Record<string, string> = {};
    for (const name of readdirSync(path(folder), { recursive: true, encoding: 'utf8' })) {
      const { mode } = statSync(join(path(folder), name));
      if ((mode & 0o170000) === 0o100000) found[name] = (mode & 0o7777).toString(8);
    }
    return found;
  };

  it('are committed under the name of object and transaction, for reading only', () => {
    using storage = open();
    const given = file('content');
    const tid = commit(storage, (t) => t.storeBlob?.(ONE, ZERO_TID, BLOB, given));
    expect(storage.can.blobs).to.equal(true);
    expect(read(storage, tid)).to.equal('content');
    expect(existsSync(given)).to.equal(false);
    const name = `0x00/0x00/0x00/0x00/0x00/0x00/0x00/0x01/0x0${tid.toString(16)}.blob`;
    expect(files()).to.deep.equal({ '.layout': '644', [name]: '444' });
    expect(readFileSync(path('blobs/.layout'), 'utf8')).to.equal('bushy');
  });

  for (const voted of [false, true])
    it(`leave nothing behind when aborted ${voted ? 'after' : 'before'} the vote`, () => {
      using storage = open();
      const transaction = storage.begin({});
      transaction.storeBlob(ONE, ZERO_TID, BLOB, file('content'));
      if (voted) transaction.vote();
      transaction.abort();
      expect(readdirSync(path('blobs')).sort()).to.deep.equal(['.layout', 'tmp']);
      expect(readdirSync(path('')).filter((name) => name.startsWith('new-'))).to.deep.equal([]);
      expect(() => storage.loadBlob(ONE, transaction.tid))
        .to.throw()
        .with.property('code', 'POS_KEY');
    });

  it('stay with the caller where the record conflicts', () => {
    using storage = open();
    put(storage, ZERO_TID, 'content');
    const given = file('other');
    const transaction = storage.begin({});
    expect(() => transaction.storeBlob(ONE, ZERO_TID, BLOB, given))
      .to.throw()
      .with.property('code', 'CONFLICT');
    transaction.abort();
    expect(existsSync(given)).to.equal(true);
  });

  it('are those of the last record that a transaction stores of an object', () => {
    using storage = open();
    const first = file('first');
    const tid = commit(storage, (t) => {
      t.storeBlob?.(ONE, ZERO_TID, BLOB, first);
      t.storeBlob?.(ONE, ZERO_TID, BLOB, file('second'));
    });
    expect(read(storage, tid)).to.equal('second');
    expect(existsSync(first)).to.equal(false);
  });

  it('are copied by undo, and by undo of the undo', () => {
    using storage = open();
    const first = put(storage, ZERO_TID, 'first');
    const second = put(storage, first, 'second');
    const undone = commit(storage, (t) => t.undo?.(second));
    expect(read(storage, undone)).to.equal('first');
    const again = commit(storage, (t) => t.undo?.(undone));
    expect(read(storage, again)).to.equal('second');
    const gone = commit(storage, (t) => {
      t.undo?.(again);
      t.undo?.(undone);
      t.undo?.(second);
      t.undo?.(first);
    });
    expect(() => storage.loadBlob(ONE, gone))
      .to.throw()
      .with.property('code', 'POS_KEY');
    expect(Object.keys(files())).to.have.length(5);
  });

  it('are not copied where an undone record was no blob’s', () => {
    using storage = open();
    const first = commit(storage, (t) => t.store(ONE, ZERO_TID, OTHER));
    const second = commit(storage, (t) => t.store(ONE, first, REFERRING));
    commit(storage, (t) => t.undo?.(second));
    expect(Object.keys(files())).to.deep.equal(['.layout']);
  });

  it('say which file is missing when an undo needs it, and the next transaction works', () => {
    using storage = open();
    const first = put(storage, ZERO_TID, 'first');
    const second = put(storage, first, 'second');
    rmSync(storage.loadBlob(ONE, first));
    const transaction = storage.begin({});
    expect(() => transaction.undo(second))
      .to.throw(/no file of this blob/)
      .with.property('code', 'POS_KEY');
    transaction.abort();
    expect(readdirSync(path('blobs/tmp'))).to.deep.equal([]);
    put(storage, second, 'third');
  });

  for (const keepOld of [true, false])
    it(`that a pack removes ${keepOld ? 'are kept beside, with links to the others' : 'are gone'}`, () => {
      using storage = open();
      const root = commit(storage, (t) => t.store(ROOT, ZERO_TID, REFERRING));
      const tids = [put(storage, ZERO_TID, 'first')];
      tids.push(put(storage, tids[0] as Tid, 'second'));
      const garbage = put(storage, ZERO_TID, 'garbage', 0x1234n as Oid);
      const before = files();
      const dry = storage.pack({ dryRun: true });
      expect(dry.blobsRemoved).to.equal(2);
      expect(files()).to.deep.equal(before);
      expect(storage.pack({ keepOld }).blobsRemoved).to.equal(2);
      expect(read(storage, tids[1] as Tid)).to.equal('second');
      expect(() => storage.loadBlob(ONE, tids[0] as Tid))
        .to.throw()
        .with.property('code', 'POS_KEY');
      expect(() => storage.loadBlob(0x1234n as Oid, garbage))
        .to.throw()
        .with.property('code', 'POS_KEY');
      expect(readdirSync(path('blobs/0x00/0x00/0x00/0x00/0x00/0x00'))).to.deep.equal(['0x00']);
      expect(existsSync(path('blobs.old'))).to.equal(keepOld);
      if (keepOld) {
        expect(files('blobs.old')).to.deep.equal(before);
        expect(statSync(storage.loadBlob(ONE, tids[1] as Tid)).nlink).to.equal(2);
      }
      expect(storage.load(ROOT)?.tid).to.equal(root);
      expect(storage.pack().packed).to.equal(false);
      expect(existsSync(path('blobs/.removed'))).to.equal(false);
    });

  it('of garbage stay in a pack that collects none', () => {
    using storage = open();
    commit(storage, (t) => t.store(ROOT, ZERO_TID, OTHER));
    const first = put(storage, ZERO_TID, 'first');
    const second = put(storage, first, 'second');
    expect(storage.pack({ gc: false, keepOld: false }).blobsRemoved).to.equal(1);
    expect(read(storage, second)).to.equal('second');
    expect(() => storage.loadBlob(ONE, first))
      .to.throw()
      .with.property('code', 'POS_KEY');
  });

  it('stay in a pack that removes one of two records of the same transaction', () => {
    using storage = open();
    commit(storage, (t) => t.store(ROOT, ZERO_TID, REFERRING));
    const tid = commit(storage, (t) => {
      t.storeBlob?.(ONE, ZERO_TID, BLOB, file('first'));
      t.storeBlob?.(ONE, ZERO_TID, BLOB, file('second'));
    });
    storage.pack();
    expect(read(storage, tid)).to.equal('second');
  });

  it('of garbage that is changed during a pack stay as far as there are records', async () => {
    using storage = open();
    commit(storage, (t) => t.store(ROOT, ZERO_TID, OTHER));
    const first = put(storage, ZERO_TID, 'first');
    let second: Tid | undefined;
    const packed = storage.packAsync({
      onProgress: () => {
        second ??= put(storage, first, 'second');
      },
    });
    expect((await packed).blobsRemoved).to.equal(1);
    expect(read(storage, second as Tid)).to.equal('second');
    expect(() => storage.loadBlob(ONE, first))
      .to.throw()
      .with.property('code', 'POS_KEY');
  });

  it('of a transaction that was voted when its process died do no harm', () => {
    using storage = open();
    commit(storage, (t) => t.store(ROOT, ZERO_TID, REFERRING));
    const first = put(storage, ZERO_TID, 'first');
    const transaction = storage.begin({});
    transaction.storeBlob(ONE, first, BLOB, file('lost'));
    transaction.vote();
    cpSync(path('Data.fs'), path('dead.fs'));
    cpSync(path('blobs'), path('dead'), { recursive: true });
    transaction.abort();
    using dead = new FileStorage(path('dead.fs'), { blobDir: path('dead'), fsync: false });
    expect(dead.lastTransaction()).to.equal(first);
    expect(read(dead, first)).to.equal('first');
    const second = put(dead, first, 'second');
    expect(read(dead, second)).to.equal('second');
    expect(dead.pack().blobsRemoved).to.equal(1);
    expect(read(dead, second)).to.equal('second');
  });

  it('stay where the outcome of a commit cannot be known', () => {
    let failing = false;
    using storage = open({
      wrapWriter: (writer) => ({
        write: (bytes, position) => {
          if (failing && bytes.length === 1) throw new Error('the disk is gone');
          writer.write(bytes, position);
        },
        truncate: (length) => writer.truncate(length),
        sync: () => writer.sync(),
        close: () => writer.close(),
      }),
    });
    const transaction = storage.begin({});
    transaction.storeBlob(ONE, ZERO_TID, BLOB, file('content'));
    transaction.vote();
    failing = true;
    expect(() => transaction.finish())
      .to.throw()
      .with.property('code', 'COMMIT_OUTCOME_UNKNOWN');
    transaction.abort();
    expect(Object.keys(files())).to.have.length(2);
  });

  it('are restored under the transaction of the original', () => {
    using storage = open();
    const tid = 0x0400_0000_0000_0000n as Tid;
    const transaction = storage.begin({}, tid);
    transaction.restoreBlob(ONE, BLOB, file('content'));
    transaction.vote();
    transaction.finish();
    expect(read(storage, tid)).to.equal('content');
  });

  it('are copied with the transactions to another storage, as far as they are there', () => {
    using from = open();
    const first = put(from, ZERO_TID, 'first');
    const second = put(from, first, 'second');
    const undone = commit(from, (t) => t.undo?.(second));
    rmSync(from.loadBlob(ONE, first));
    using to = new FileStorage(path('copy.fs'), { blobDir: path('copy'), fsync: false });
    expect(copyTransactions(from, to)).to.equal(3);
    expect(readFileSync(path('copy.fs')).equals(readFileSync(path('Data.fs')))).to.equal(true);
    expect(files('copy')).to.deep.equal(files());
    expect(read(to, second)).to.equal('second');
    expect(read(to, undone)).to.equal('first');
    using bare = new FileStorage(path('bare.fs'), { fsync: false });
    expect(copyTransactions(from, bare)).to.equal(3);
  });

  it('stand one folder an object where the folder says lawn, or is from before it could say so', () => {
    for (const [name, make] of [
      ['marked', () => writeFileSync(path('marked/.layout'), 'lawn\n')],
      ['old', () => mkdirSync(path('old/0x01'))],
    ] as const) {
      mkdirSync(path(name));
      make();
      using storage = open({ blobDir: path(name), create: 'new', lock: false });
      void storage;
    }
    for (const name of ['marked', 'old']) {
      rmSync(path(name), { recursive: true });
      mkdirSync(path(name));
      if (name === 'marked') writeFileSync(path('marked/.layout'), 'lawn\n');
      else mkdirSync(path('old/0x99'));
      rmSync(path('Data.fs'));
      using storage = open({ blobDir: path(name) });
      const tid = put(storage, ZERO_TID, 'content');
      expect(storage.loadBlob(ONE, tid)).to.equal(path(`${name}/0x01/0x0${tid.toString(16)}.blob`));
      expect(readFileSync(path(`${name}/.layout`), 'utf8').trim()).to.equal('lawn');
    }
  });

  it('are refused in a folder of an unknown layout, and the data file can be opened after that', () => {
    mkdirSync(path('blobs'));
    writeFileSync(path('blobs/.layout'), 'tree');
    expect(() => open())
      .to.throw(/"tree"/)
      .with.property('code', 'FORMAT');
    using storage = open({ blobDir: undefined });
    expect(storage.can.blobs).to.equal(false);
  });

  it('are read, never written, where the file is opened for reading', () => {
    const tid = (() => {
      using storage = open();
      return put(storage, ZERO_TID, 'content');
    })();
    const before = files();
    rmSync(path('blobs/tmp'), { recursive: true });
    using reader = open({ readOnly: true });
    expect(read(reader, tid)).to.equal('content');
    expect(existsSync(path('blobs/tmp'))).to.equal(false);
    expect(files()).to.deep.equal(before);
    using elsewhere = open({ readOnly: true, blobDir: path('nowhere') });
    expect(() => elsewhere.loadBlob(ONE, tid))
      .to.throw()
      .with.property('code', 'POS_KEY');
    expect(existsSync(path('nowhere'))).to.equal(false);
  });

  it('follow: a reader has the blobs of what another process commits', () => {
    using writer = open();
    using reader = open({ readOnly: true });
    const tid = put(writer, ZERO_TID, 'content');
    reader.sync();
    expect(reader.load(ONE)?.tid).to.equal(tid);
    expect(read(reader, tid)).to.equal('content');
  });

  it('go away with the file that `create: "new"` replaces', () => {
    {
      using storage = open();
      put(storage, ZERO_TID, 'content');
    }
    using storage = open({ create: 'new' });
    expect(storage.length()).to.equal(0);
    expect(Object.keys(files())).to.deep.equal(['.layout']);
  });

  it('cannot be stored without a folder, and the message says so', () => {
    using storage = open({ blobDir: undefined });
    const transaction = storage.begin({});
    const coded = (error: unknown): boolean => isZodbError(error, 'STORAGE');
    let thrown: unknown;
    try {
      transaction.storeBlob(ONE, ZERO_TID, BLOB, file('content'));
    } catch (error) {
      thrown = error;
    }
    expect(coded(thrown)).to.equal(true);
    expect((thrown as Error).message).to.include('blobDir');
    transaction.abort();
    expect(() => storage.loadBlob(ONE, 1n as Tid)).to.throw(/blobDir/);
  });

  it('that cannot be put in their place fail the vote, and the next transaction works', () => {
    using storage = open();
    writeFileSync(path('blobs/0x00'), 'in the way');
    const transaction = storage.begin({});
    transaction.storeBlob(ONE, ZERO_TID, BLOB, file('content'));
    expect(() => transaction.vote())
      .to.throw()
      .with.property('code', 'WRITE');
    transaction.abort();
    rmSync(path('blobs/0x00'));
    const tid = put(storage, ZERO_TID, 'content');
    expect(read(storage, tid)).to.equal('content');
  });
});

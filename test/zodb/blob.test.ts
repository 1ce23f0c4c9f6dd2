import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { finished, pipeline } from 'node:stream/promises';
import { expect } from 'chai';
import {
  Blob,
  BlobError,
  type Connection,
  type DB,
  type OpenOptions,
  open,
  Persistent,
  PersistentMapping,
  TransactionManager,
} from '../../src/main.ts';
import { testFolder } from '../filestorage/folder.ts';

describe('Blob', () => {
  const path = testFolder();
  const database = (options: OpenOptions = {}): DB =>
    open(path('Data.fs'), { blobDir: path('blobs'), fsync: false, ...options });
  const connect = (db: DB): { connection: Connection; manager: TransactionManager } => {
    const manager = new TransactionManager();
    return { connection: db.open({ transactionManager: manager }), manager };
  };
  const temporary = (): string[] => readdirSync(path('blobs/tmp'));

  it('gives back what was written, before the commit and after it', () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob('first');
    expect(blob.read('utf8')).to.equal('first');
    connection.root.set('blob', blob);
    expect(blob.size).to.equal(5);
    manager.commit();
    expect(blob._p_status).to.equal('ghost');
    expect(blob.read()).to.deep.equal(new TextEncoder().encode('first'));
    blob.write('second');
    expect(blob.read('utf8')).to.equal('second');
    manager.commit();
    expect(blob.read('utf8')).to.equal('second');
    expect(readFileSync(blob.committedPath(), 'utf8')).to.equal('second');
    expect(temporary()).to.deep.equal([]);
  });

  it('forgets with the transaction what was not committed', () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob('first');
    connection.root.set('blob', blob);
    manager.commit();
    blob.write('second');
    expect(temporary()).to.have.length(1);
    expect(() => blob.committedPath()).to.throw(BlobError);
    manager.abort();
    expect(blob.read('utf8')).to.equal('first');
    expect(temporary()).to.deep.equal([]);
  });

  it('keeps its data when the transaction that was to add it is aborted before its commit', () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob('first');
    connection.add(blob);
    manager.abort();
    expect(blob._p_jar).to.equal(undefined);
    expect(blob.read('utf8')).to.equal('first');
    connection.root.set('blob', blob);
    manager.commit();
    expect(blob.read('utf8')).to.equal('first');
  });

  it('is empty when nothing was written', () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob();
    expect(blob.size).to.equal(0);
    connection.root.set('blob', blob);
    manager.commit();
    expect(blob.read()).to.deep.equal(new Uint8Array(0));
    expect(readFileSync(blob.committedPath()).length).to.equal(0);
  });

  it('reads and writes streams', async () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob();
    connection.root.set('blob', blob);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 10; i++) yield new Uint8Array(1000).fill(i);
    }
    await blob.write(pieces());
    manager.commit();
    expect(blob.size).to.equal(10_000);
    const stream = blob.createWriteStream({ flags: 'a' });
    stream.end('end');
    expect(() => manager.commit()).to.throw(BlobError, /is open/);
    manager.abort();
    await finished(stream).catch(() => undefined);
    expect(blob.size).to.equal(10_000);
    await pipeline(['end'], blob.createWriteStream({ flags: 'a' }));
    manager.commit();
    const parts: Buffer[] = [];
    for await (const part of blob.createReadStream({ start: 9_999 })) parts.push(part as Buffer);
    expect(Buffer.concat(parts).toString('latin1')).to.equal('\x09end');
  });

  it('can be changed in place', () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob('0123456789');
    connection.root.set('blob', blob);
    manager.commit();
    {
      using file = blob.open('r+');
      file.write('ab', 3);
      file.truncate(7);
      const target = new Uint8Array(20);
      expect(file.read(target, 0)).to.equal(7);
    }
    expect(blob.read('utf8')).to.equal('012ab56');
    manager.commit();
    {
      using file = blob.open('a');
      file.write('!');
    }
    manager.commit();
    expect(blob.read('utf8')).to.equal('012ab56!');
  });

  it('takes a file over', () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob('before');
    connection.root.set('blob', blob);
    writeFileSync(path('given'), 'given', { mode: 0o640 });
    blob.consumeFile(path('given'));
    expect(existsSync(path('given'))).to.equal(false);
    expect(() => blob.consumeFile(path('missing'))).to.throw(/ENOENT/);
    expect(blob.read('utf8')).to.equal('given');
    manager.commit();
    expect(blob.read('utf8')).to.equal('given');
  });

  it('is open for one writer, and not committed meanwhile', () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob('first');
    connection.root.set('blob', blob);
    const writer = blob.open('r+');
    for (const use of [
      () => blob.open('r'),
      () => blob.open('w'),
      () => blob.read(),
      () => blob.write('x'),
      () => blob.consumeFile(path('x')),
      () => manager.commit(),
    ])
      expect(use).to.throw(BlobError, /open/);
    manager.abort();
    writer.close();
    connection.root.set('blob', blob);
    manager.commit();
    const reader = blob.open('r');
    blob.write('second');
    const seen = new Uint8Array(5);
    reader.read(seen);
    expect(new TextDecoder().decode(seen)).to.equal('first');
    manager.commit();
    reader.close();
    expect(reader.isOpen).to.equal(false);
  });

  it('goes back to a savepoint', () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob('one');
    connection.root.set('blob', blob);
    const first = manager.savepoint();
    expect(blob.read('utf8')).to.equal('one');
    expect(() => blob.committedPath()).to.throw(BlobError);
    {
      using file = blob.open('a');
      file.write(' two');
    }
    const second = manager.savepoint();
    blob.write('three');
    second.rollback();
    expect(blob.read('utf8')).to.equal('one two');
    first.rollback();
    expect(blob.read('utf8')).to.equal('one');
    blob.write('four');
    manager.savepoint();
    manager.commit();
    expect(blob.read('utf8')).to.equal('four');
    blob.write('five');
    manager.savepoint();
    manager.abort();
    expect(blob.read('utf8')).to.equal('four');
    expect(temporary()).to.deep.equal([]);
  });

  it('conflicts, and both transactions keep their files apart', () => {
    using db = database();
    const one = connect(db);
    one.connection.root.set('blob', new Blob('zero'));
    one.manager.commit();
    const two = connect(db);
    const mine = one.connection.root.get('blob') as Blob;
    const theirs = two.connection.root.get('blob') as Blob;
    mine.write('mine');
    theirs.write('theirs');
    two.manager.commit();
    expect(() => one.manager.commit())
      .to.throw()
      .with.property('code', 'CONFLICT');
    one.manager.abort();
    expect(mine.read('utf8')).to.equal('theirs');
    expect(temporary()).to.deep.equal([]);
  });

  for (const [stored, title] of [
    [false, 'before it was stored keeps its data'],
    [true, 'after it was stored says that its data are gone, rather than being empty'],
  ] as const)
    it(`that was new in a commit that failed ${title}`, () => {
      using db = database();
      const one = connect(db);
      one.connection.root.set('other', new PersistentMapping());
      one.manager.commit();
      const two = connect(db);
      const blob = new Blob('new');
      const changes = [
        () => one.connection.root.set('blob', blob),
        () => (one.connection.root.get('other') as PersistentMapping).set('x', 1),
      ];
      for (const change of stored ? changes : changes.reverse()) change();
      (two.connection.root.get('other') as PersistentMapping).set('x', 2);
      two.manager.commit();
      expect(() => one.manager.commit())
        .to.throw()
        .with.property('code', 'CONFLICT');
      one.manager.abort();
      if (stored) expect(() => blob.read()).to.throw(/make the object anew/);
      else expect(blob.read('utf8')).to.equal('new');
      one.connection.root.set('blob', stored ? new Blob('again') : blob);
      one.manager.commit();
      expect(one.connection.root.get<Blob>('blob')?.size).to.equal(stored ? 5 : 3);
      expect(temporary()).to.deep.equal([]);
    });

  it('shows what another connection commits with the next transaction', () => {
    using db = database();
    const one = connect(db);
    one.connection.root.set('blob', new Blob('zero'));
    one.manager.commit();
    const two = connect(db);
    const theirs = two.connection.root.get('blob') as Blob;
    expect(theirs.read('utf8')).to.equal('zero');
    (one.connection.root.get('blob') as Blob).write('one');
    one.manager.commit();
    expect(theirs.read('utf8')).to.equal('zero');
    two.manager.begin();
    expect(theirs.read('utf8')).to.equal('one');
  });

  it('shows its past in historical connections, and undo brings it back', () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob('zero');
    connection.root.set('blob', blob);
    manager.commit();
    const then = db.lastTransaction();
    blob.write('one');
    manager.commit();
    using past = db.open({ at: then });
    const old = past.root.get('blob') as Blob;
    expect(old.read('utf8')).to.equal('zero');
    expect(() => old.write('x'))
      .to.throw()
      .with.property('code', 'READ_ONLY');
    db.undo(db.lastTransaction());
    manager.begin();
    expect(blob.read('utf8')).to.equal('zero');
  });

  it('is not stored when it is marked as changed, but has no new data', () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob('zero');
    connection.root.set('blob', blob);
    manager.commit();
    const tid = db.storage.getTid(blob._p_oid as never);
    blob._p_changed = true;
    connection.root.set('x', 1);
    manager.commit();
    expect(db.storage.getTid(blob._p_oid as never)).to.equal(tid);
    expect(blob.read('utf8')).to.equal('zero');
  });

  it('says what it takes', () => {
    for (const wrong of [
      () => new Blob(5 as never),
      () => new Blob().write({} as never),
      () => new (class Sub extends Blob {})(),
      () => new Blob().open('rw' as never),
      () => new Blob().consumeFile(5 as never),
      () => new Blob().createWriteStream({ flags: 'x' as never }),
    ])
      expect(wrong).to.throw().with.property('code', 'ARGUMENT');
  });

  it('is refused where the storage has no folder for it, with a message that names the option', () => {
    using db = database({ blobDir: path('elsewhere') });
    db.close();
    using without = open(path('Data.fs'), { fsync: false });
    const { connection, manager } = connect(without);
    connection.root.set('blob', new Blob('zero'));
    expect(() => manager.commit()).to.throw(/blobDir/);
    manager.abort();
  });

  it('is shown by console.log without being loaded', async () => {
    using db = database();
    const { connection, manager } = connect(db);
    const blob = new Blob('zero');
    connection.root.set('blob', blob);
    manager.commit();
    const { inspect } = await import('node:util');
    expect(inspect(blob)).to.match(/^Blob <oid [0-9a-f]{16}, ghost>$/);
    expect(blob instanceof Persistent).to.equal(true);
  });

  it('leaves no file when a process ends that committed nothing', () => {
    const script = `
      const { Blob, open } = await import(${JSON.stringify(new URL('../../src/main.ts', import.meta.url).href)});
      const blob = new Blob('unsaved');
      const db = open(${JSON.stringify(path('Data.fs'))}, { blobDir: ${JSON.stringify(path('blobs'))} });
      const connection = db.open();
      connection.add(new Blob('unsaved')); connection.root.set('x', blob); blob.write('again');`;
    execFileSync(process.execPath, ['--import=tsx', '--input-type=module', '-e', script], {
      env: { ...process.env, TMPDIR: path('') },
    });
    expect(readdirSync(path('')).filter((name) => name.startsWith('BUC'))).to.deep.equal([]);
    expect(temporary()).to.deep.equal([]);
  });
});

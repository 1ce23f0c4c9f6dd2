import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { storageSuite } from '../../src/testing/index.ts';
import { type Oid, ZERO_TID } from '../../src/zodb/ids.ts';
import { buildFile } from './build.ts';
import { testFolder } from './folder.ts';

describe('FileStorage', () => {
  const path = testFolder();
  storageSuite({ describe, it }, 'FileStorage', () => new FileStorage(path('Data.fs')));
  storageSuite({ describe, it }, 'FileStorage with blobs', () => {
    return new FileStorage(path('Data.fs'), { blobDir: path('blobs'), fsync: false });
  });

  it('gives new oids in order, after the highest that was stored', () => {
    using storage = new FileStorage(path('Data.fs'), { fsync: false });
    const transaction = storage.begin({});
    transaction.store(0x1234n as Oid, ZERO_TID, Uint8Array.of(1));
    transaction.vote();
    transaction.finish();
    expect([storage.newOid(), storage.newOid()]).to.deep.equal([0x1235n, 0x1236n]);
  });

  for (const [title, options, code] of [
    ['a missing file that it may not make', { create: false }, 'NO_SUCH_FILE'],
    ['a missing file for reading', { readOnly: true }, 'NO_SUCH_FILE'],
  ] as const)
    it(`refuses ${title}, and makes nothing`, () => {
      const missing = path('missing.fs');
      expect(() => new FileStorage(missing, options))
        .to.throw()
        .with.property('code', code);
      expect([missing, `${missing}.lock`].filter(existsSync)).to.deep.equal([]);
    });

  it('replaces a file that is there when told to make a new one, unless it is in use', () => {
    const file = path('Data.fs');
    const old = new FileStorage(file);
    const transaction = old.begin({});
    transaction.store(1n as Oid, ZERO_TID, Uint8Array.of(1));
    transaction.vote();
    transaction.finish();
    expect(() => new FileStorage(file, { create: 'new' }))
      .to.throw()
      .with.property('code', 'LOCK');
    old.close();
    using fresh = new FileStorage(file, { create: 'new' });
    expect(fresh.length()).to.equal(0);
    expect(fresh.findings).to.deep.equal([]);
  });

  it('refuses a file of Zope before 2000, by the name of its format', () => {
    buildFile(path('Data.fs'), [], 'FS20');
    expect(() => new FileStorage(path('Data.fs'), { readOnly: true }))
      .to.throw(/FS20/)
      .with.property('code', 'FORMAT');
  });
});

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { MappingStorage } from '../../src/memory/index.ts';
import { storageSuite } from '../../src/testing/index.ts';
import { type Oid, ZERO_TID } from '../../src/zodb/ids.ts';

storageSuite({ describe, it }, 'MappingStorage', () => new MappingStorage());

describe('MappingStorage', () => {
  it('gives new oids in order, after the highest that was stored', () => {
    const storage = new MappingStorage();
    const transaction = storage.begin({});
    transaction.store(0x1234n as Oid, ZERO_TID, Uint8Array.of(1));
    transaction.vote();
    transaction.finish();
    expect([storage.newOid(), storage.newOid()]).to.deep.equal([0x1235n, 0x1236n]);
  });

  it('has a folder for blobs only while it is open', () => {
    const storage = new MappingStorage();
    const folder = dirname(storage.blobTemporaryFolder());
    expect(existsSync(folder)).to.equal(true);
    storage.close();
    expect(existsSync(folder)).to.equal(false);
  });
});

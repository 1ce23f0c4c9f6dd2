import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type DB, open, TransactionManager } from '../../src/main.ts';
import { Unpickler } from '../../src/pickle/index.ts';
import { sameValue } from '../../src/tools/same-value.ts';
import type { Oid } from '../../src/zodb/ids.ts';
import { corpusFiles } from '../filestorage/corpus.ts';

const fixtures = [
  'objects-py3/objects.fs',
  'objects-py3/trees.fs',
  'tutorial/test.fs',
  'wendelin-py3/dtypes.fs',
  'wendelin-py3/formats.fs',
  'wendelin-py3/states.fs',
].map((name) => ({
  name,
  file: fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url)),
}));

/** Records whose equal strings Python held as several objects: they become shorter, and mean the same. */
const OTHER_BYTES = new Set(['objects-py3/objects.fs 3']);

/** The newest record of every object that exists. */
function currentRecords(db: DB): Map<Oid, Uint8Array> {
  const records = new Map<Oid, Uint8Array>();
  for (const transaction of db.storage.iterate()) {
    for (const { oid, data } of transaction.records()) {
      if (data === undefined) records.delete(oid);
      else records.set(oid, data);
    }
  }
  return records;
}

function decoded(record: Uint8Array): unknown {
  const unpickler = new Unpickler({ exact: true });
  const cls = unpickler.load(record);
  return [cls, unpickler.load(record, unpickler.position)];
}

function rewrites(name: string, file: string): void {
  it(`${name}: every object, changed without a change, is stored as it was`, function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), 'zodb-rewrite-'));
    const copy = join(folder, 'copy.fs');
    copyFileSync(file, copy);
    try {
      const db = open(copy, { fsync: false });
      const manager = new TransactionManager();
      const connection = db.open({ transactionManager: manager });
      const before = currentRecords(db);
      for (const oid of before.keys()) connection.get(oid)._p_changed = true;
      manager.commit();
      const after = currentRecords(db);
      expect([...after.keys()]).to.have.members([...before.keys()]);
      for (const [oid, record] of before) {
        const again = after.get(oid) as Uint8Array;
        if (OTHER_BYTES.has(`${name} ${oid}`)) {
          expect(sameValue(decoded(record), decoded(again)), `oid ${oid}`).to.equal(true);
        } else {
          expect(Buffer.from(again).equals(record), `oid ${oid}`).to.equal(true);
        }
      }
      db.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

describe('objects of Python go through the object layer and back', () => {
  for (const { name, file } of fixtures) rewrites(name, file);
});

describe('objects of files of others go through the object layer and back', () => {
  for (const { name, file } of corpusFiles()) {
    const magic = readFileSync(file).subarray(0, 4).toString('latin1');
    // An empty file of Python 2 and those with its magic are opened for reading only.
    if (magic === 'FS30') rewrites(name, file);
  }
});

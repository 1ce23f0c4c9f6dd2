import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type DB, open, TransactionManager } from '../../../src/main.ts';
import type { Oid } from '../../../src/zodb/ids.ts';
import { peer } from '../peers.ts';

describe('export files, Python and Node', () => {
  const zodb = peer('zodb');
  let folder: string;
  let top: Oid;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-export-'));
    top = BigInt(zodb.run('zodb/export.py', ['make', folder])) as Oid;
  });
  after(() => rmSync(folder, { recursive: true }));

  const records = (db: DB): Map<Oid, string> => {
    const found = new Map<Oid, string>();
    for (const transaction of db.storage.iterate())
      for (const { oid, data } of transaction.records())
        found.set(oid, Buffer.from(data!).toString('latin1'));
    return found;
  };

  it('an export of Node is the file that Python writes, and Python reads it', () => {
    const path = join(folder, 'node.zexp');
    using db = open(join(folder, 'from.fs'), { readOnly: true });
    db.open().exportFile(top, path);
    expect(readFileSync(path).equals(readFileSync(join(folder, 'python.zexp')))).to.equal(true);
    const seen = zodb.runJson('zodb/export.py', ['import', path, join(folder, 'again.fs')]);
    expect(seen).to.eql({ tree: 200, same: true, cycle: true, number: 2 ** 40 });
  });

  it('an import of Node makes the records that an import of Python makes, with the same oids', () => {
    using db = open(join(folder, 'node.fs'));
    const manager = new TransactionManager();
    const connection = db.open({ transactionManager: manager });
    connection.root.set('top', connection.importFile(join(folder, 'python.zexp')));
    manager.commit();
    using python = open(join(folder, 'python.fs'), { readOnly: true });
    const [ours, theirs] = [records(db), records(python)];
    expect([...ours.keys()].sort()).to.eql([...theirs.keys()].sort());
    const different = [...ours].filter(([oid, record]) => theirs.get(oid) !== record);
    expect(different.map(([oid]) => oid)).to.eql([]);
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type DB, open, TransactionManager } from '../../../src/main.ts';
import type { Oid } from '../../../src/zodb/ids.ts';
import { peer } from '../peers.ts';

function records(db: DB): Map<Oid, string> {
  const found = new Map<Oid, string>();
  for (const transaction of db.storage.iterate())
    for (const { oid, data } of transaction.records())
      found.set(oid, Buffer.from(data!).toString('latin1'));
  return found;
}

describe('export files, Python and Node', () => {
  const zodb = peer('zodb');
  let folder: string;
  let top: Oid;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-export-'));
    top = BigInt(zodb.run('zodb/export.py', ['make', folder])) as Oid;
  });
  after(() => rmSync(folder, { recursive: true }));

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

describe('export files, Python 2 and Node', () => {
  const [python2, zodb] = [peer('py27'), peer('zodb')];
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-export2-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('what is imported into a database of Python 2, from either Python, is what Python 2 reads', () => {
    const top = BigInt(python2.run('zodb/export2.py', ['make', folder])) as Oid;
    zodb.run('zodb/export2.py', ['three', folder]);
    const path = join(folder, 'make.fs');
    {
      using db = open(path, { python2: 'write' });
      const manager = new TransactionManager();
      const connection = db.open({ transactionManager: manager });
      const own = connection.exportFile(top) as Uint8Array;
      expect(own).to.deep.equal(new Uint8Array(readFileSync(join(folder, 'make.zexp'))));
      connection.root.set('top', connection.importFile(own));
      connection.root.set('other', connection.importFile(join(folder, 'three.zexp')));
      manager.commit();
    }
    const seen = python2.runJson<Record<'top' | 'other', Record<string, string>>>(
      'zodb/export2.py',
      ['read', path],
    );
    expect(Object.keys(seen.top)).to.have.length(18);
    expect(seen.other).to.deep.equal(seen.top);
    expect(seen.top).to.include({ gone: "OSError: OSError(2, 'none')", float: 'float: 2.0' });
  });
});

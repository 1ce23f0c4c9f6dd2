import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { dbclose, dbopen, PersistentList, transaction } from '../../src/main.ts';
import { peer } from './peers.ts';

describe('PersistentList, here and in Python', () => {
  const python = peer('zodb');
  let folder: string | undefined;
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('goes there and back; among floats a whole number is a float', () => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-lists-'));
    const file = join(folder, 'list.fs');
    const made = dbopen(file);
    made.set('list', new PersistentList([1, 'a', null]));
    transaction.commit();
    dbclose(made);
    expect(python.runJson('lists.py', ['read', file])).to.deep.equal([
      'persistent.list.PersistentList',
      [1, 'a', null],
    ]);
    python.run('lists.py', ['change', file]);
    const root = dbopen(file);
    const list = root.get('list') as PersistentList;
    expect([...list]).to.deep.equal([2, 'a', null, 'from Python']);
    list.push(5);
    transaction.commit();
    dbclose(root);
    expect(python.run('lists.py', ['read', file])).to.include(
      '[2.0, "a", null, "from Python", 5.0]',
    );
  });
});

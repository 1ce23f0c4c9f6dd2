import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Length } from '../../../src/btrees/index.ts';
import {
  type DB,
  open,
  PersistentMapping,
  PersistentWeakKeyDictionary,
  PersistentWeakRef,
} from '../../../src/main.ts';
import { peer } from '../peers.ts';

describe('weak references and those between databases, Python and Node', () => {
  const zodb = peer('zodb');
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-references-'));
    for (const name of ['python', 'node']) mkdirSync(join(folder, name));
    zodb.run('zodb/references.py', ['make', join(folder, 'python')]);
  });
  after(() => rmSync(folder, { recursive: true }));

  const opened = (name: string): [DB, DB] => {
    const databases = new Map<string, DB>();
    const db = (databaseName: string): DB =>
      open(join(folder, name, `${databaseName}.fs`), { databaseName, databases });
    return [db('one'), db('two')];
  };

  interface Seen {
    readonly records: readonly string[];
  }
  const seenByPython = (name: string): Seen =>
    zodb.runJson<Seen>('zodb/references.py', ['read', join(folder, name)]);

  it('are read, and stored as they were', () => {
    const before = seenByPython('python');
    const [one, two] = opened('python');
    one.transaction(({ root }) => {
      const target = root.get<PersistentMapping>('target')!;
      expect(root.get<PersistentWeakRef>('weak')?.deref()).to.equal(target);
      expect(root.get('far').get('n')).to.equal(2);
      expect(root.get('far')._p_jar.db).to.equal(two);
      expect(root.get('weak far').deref()).to.equal(root.get('far'));
      expect([...root.get('dictionary')]).to.eql([[root.get('key'), 'value']]);
      root._p_changed = true;
      root.get('dictionary')._p_changed = true;
    });
    one.close();
    two.close();
    expect(seenByPython('python')).to.eql(before);
  });

  it('are written as Python writes them', () => {
    const [one, two] = opened('node');
    one.transaction((connection) => {
      connection.root.set('target', new PersistentMapping([['n', 1]])).set('key', new Length(5));
      const far = connection.getConnection('two').root;
      // Oids of the two databases that are equal would be written as one.
      far.set(
        'filler',
        Array.from({ length: 5 }, () => new PersistentMapping()),
      );
      far.set('there', new PersistentMapping([['n', 2]]));
    });
    one.transaction((connection) => {
      const { root } = connection;
      const target = root.get<PersistentMapping>('target')!;
      const there = connection.getConnection('two').root.get<PersistentMapping>('there')!;
      root.set('weak', new PersistentWeakRef(target));
      root.set('far', there);
      root.set('weak far', new PersistentWeakRef(there));
      root.set('dictionary', new PersistentWeakKeyDictionary([[root.get('key'), 'value']]));
    });
    one.close();
    two.close();
    expect(seenByPython('node')).to.eql(seenByPython('python'));
  });
});

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Connection,
  DB,
  MappingStorage,
  PersistentMapping,
  TransactionManager,
} from '../../src/main.ts';

describe('an export file', () => {
  let db: DB;
  let manager: TransactionManager;
  let connection: Connection;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-export-'));
    db = new DB(new MappingStorage());
    manager = new TransactionManager();
    connection = db.open({ transactionManager: manager });
    const inner = new PersistentMapping([['n', 1]]);
    connection.root.set('a', new PersistentMapping<string, unknown>([['inner', inner]]));
    connection.root.get('a').set('twice', [inner, 2.5]);
    manager.commit();
  });
  afterEach(() => {
    db[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  const a = () => connection.root.get<PersistentMapping>('a')!;

  it('makes a copy in the same database, apart from the original', () => {
    const copy = connection.importFile(connection.exportFile(a()._p_oid!)) as PersistentMapping;
    expect(copy._p_oid).not.to.equal(a()._p_oid);
    connection.root.set('copy', copy);
    copy.get('inner').set('n', 2);
    expect(a().get('inner').get('n')).to.equal(1);
    expect(copy.get('twice')[0]).to.equal(copy.get('inner'));
    manager.commit();
    const read = db.transaction(({ root }) => root.get('copy').get('inner').get('n'));
    expect(read).to.equal(2);
  });

  it('is forgotten with the transaction that imported it', () => {
    const last = db.lastTransaction();
    const copy = connection.importFile(connection.exportFile(a()._p_oid!));
    manager.abort();
    expect(copy._p_oid).to.equal(undefined);
    expect(db.lastTransaction()).to.equal(last);
  });

  it('holds what a savepoint stored', () => {
    a().get('inner').set('n', 7);
    manager.savepoint();
    const copy = connection.importFile(connection.exportFile(a()._p_oid!)) as PersistentMapping;
    expect(copy.get('inner').get('n')).to.equal(7);
    manager.abort();
  });

  const damaged: [name: string, damage: (bytes: Uint8Array) => Uint8Array, code: string][] = [
    ['of another kind', () => new TextEncoder().encode('PK\x03\x04 and more'), 'FORMAT'],
    ['that is empty', () => new Uint8Array(0), 'FORMAT'],
    ['without objects', (bytes) => withoutRecords(bytes), 'FORMAT'],
    ['cut off in a record', (bytes) => bytes.slice(0, 60), 'CORRUPTED'],
    ['cut off before its end', (bytes) => bytes.slice(0, -16), 'CORRUPTED'],
    ['with an absurd length', (bytes) => bytes.fill(0x7f, 12, 20), 'CORRUPTED'],
    ['with a damaged record', (bytes) => bytes.fill(0, 22, 60), 'PICKLE'],
  ];
  for (const [name, damage, code] of damaged)
    it(`${name} is an error, and nothing is imported`, () => {
      const path = join(folder, 'damaged.zexp');
      writeFileSync(path, damage(connection.exportFile(a()._p_oid!)));
      connection.root.set('mine', 1);
      expect(() => connection.importFile(path))
        .to.throw()
        .with.property('code', code);
      const objects = db.objectCount();
      manager.commit();
      expect(db.objectCount()).to.equal(objects);
      expect(connection.root.get('mine')).to.equal(1);
    });

  it('of what does not exist is an error that leaves no file behind', () => {
    const path = join(folder, 'none.zexp');
    expect(() => connection.exportFile(0x99n, path))
      .to.throw()
      .with.property('code', 'POS_KEY');
    expect(existsSync(path)).to.equal(false);
    const nowhere = join(folder, 'no', 'folder');
    expect(() => connection.exportFile(0n, nowhere))
      .to.throw()
      .with.property('code', 'STORAGE');
    expect(() => connection.importFile(path))
      .to.throw()
      .with.property('code', 'NO_SUCH_FILE');
    manager.abort();
  });
});

function withoutRecords(bytes: Uint8Array): Uint8Array {
  return new Uint8Array([...bytes.slice(0, 4), ...bytes.slice(-16)]);
}

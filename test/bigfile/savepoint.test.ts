import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ArrayView, ZBigArray } from '../../src/bigarray/index.ts';
import { native } from '../../src/bigfile/native.ts';
import { type Connection, type DB, open, TransactionManager } from '../../src/main.ts';

const BLOCK = 2 ** 21;

for (const mode of ['faulting', 'explicit'] as const) {
  describe(`a savepoint of arrays, ${mode}`, () => {
    let folder: string;
    let db: DB;
    let manager: TransactionManager;
    let connection: Connection;
    let data: Uint8Array;
    const before = process.env['ZODB_NATIVE'];

    beforeEach(function () {
      if (mode === 'explicit') process.env['ZODB_NATIVE'] = 'off';
      else if (native().addon === undefined) this.skip();
      folder = mkdtempSync(join(tmpdir(), 'zodb-savepoint-'));
      db = open(join(folder, 'data.fs'), { fsync: false });
      db.transaction(({ root }) => root.set('A', new ZBigArray([4 * BLOCK], 'uint8')));
      manager = new TransactionManager();
      connection = db.open({ transactionManager: manager });
      data = bytes();
    });
    afterEach(() => {
      if (before === undefined) delete process.env['ZODB_NATIVE'];
      else process.env['ZODB_NATIVE'] = before;
      db?.[Symbol.dispose]();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });

    const array = (): ZBigArray<'uint8'> => connection.root.get('A') as ZBigArray<'uint8'>;
    const bytes = (): Uint8Array => (array().view() as ArrayView).data as Uint8Array;
    const sample = (from: Uint8Array): number[] => [0, 1, BLOCK, 3 * BLOCK].map((i) => from[i]!);

    it('brings elements back that were changed before and after it', () => {
      data[0] = 1;
      data[BLOCK] = 2;
      const savepoint = manager.savepoint();
      data[0] = 3;
      data[1] = 4;
      data[3 * BLOCK] = 5;
      savepoint.rollback();
      expect(sample(data)).to.eql([1, 0, 2, 0]);
      data[1] = 6;
      manager.commit();
      const committed = db.transaction(({ root }) =>
        sample(root.get<ZBigArray<'uint8'>>('A')!.view().data as Uint8Array),
      );
      expect(committed).to.eql([1, 6, 2, 0]);
    });

    it('forgets elements where nothing was changed before it, and whose end is an abort too', () => {
      const savepoint = manager.savepoint();
      data[0] = 3;
      savepoint.rollback();
      expect(sample(data)).to.eql([0, 0, 0, 0]);
      data[1] = 4;
      manager.savepoint();
      data[BLOCK] = 5;
      manager.abort();
      expect(sample(data)).to.eql([0, 0, 0, 0]);
      expect(connection.hasChanges()).to.equal(false);
    });

    it('brings the length of an array back with its elements', () => {
      data[0] = 1;
      const savepoint = manager.savepoint();
      array().append(new Uint8Array(BLOCK).fill(7));
      expect(array().length).to.equal(5 * BLOCK);
      savepoint.rollback();
      expect(array().length).to.equal(4 * BLOCK);
      expect(sample(data)).to.eql([1, 0, 0, 0]);
      array().resize([5 * BLOCK]);
      expect(bytes()[4 * BLOCK]).to.equal(0);
      manager.commit();
    });
  });
}

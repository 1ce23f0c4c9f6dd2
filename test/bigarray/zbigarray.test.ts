import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { mean, min, slice, sum, ZBigArray } from '../../src/bigarray/index.ts';
import { native } from '../../src/bigfile/native.ts';
import {
  type Connection,
  type DB,
  dbclose,
  dbopen,
  open,
  TransactionManager,
} from '../../src/main.ts';
import { throwsCode } from './throws.ts';

/** Elements of a block. */
const BLOCK = (2 << 20) / 8;

interface Session {
  readonly manager: TransactionManager;
  readonly connection: Connection;
  readonly array: ZBigArray<'int64'>;
}

for (const mode of ['faulting', 'explicit'] as const) {
  describe(`A ZBigArray, ${mode}`, () => {
    const before = process.env['ZODB_NATIVE'];
    let folder: string;
    let path: string;
    let db: DB;

    function session(): Session {
      const manager = new TransactionManager();
      const connection = db.open({ transactionManager: manager });
      return { manager, connection, array: connection.root.get('A') as ZBigArray<'int64'> };
    }

    beforeEach(function () {
      if (mode === 'explicit') process.env['ZODB_NATIVE'] = 'off';
      else if (native().addon === undefined) this.skip();
      folder = mkdtempSync(join(tmpdir(), 'zodb-bigarray-'));
      path = join(folder, 'data.fs');
      db = open(path);
      db.transaction(({ root }) => root.set('A', new ZBigArray([10], 'int64')));
    });

    afterEach(() => {
      if (before === undefined) delete process.env['ZODB_NATIVE'];
      else process.env['ZODB_NATIVE'] = before;
      db?.[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    it('comes back with its elements when the file is opened again', () => {
      const { manager, array } = session();
      array.view().data.set([1n, 2n, 3n]);
      array.append([7n]);
      manager.commit();
      db.close();
      db = open(path, { readOnly: true });
      const { array: again } = session();
      expect(again).to.be.instanceOf(ZBigArray);
      expect(again.shape).to.deep.equal([11]);
      expect([...again.view().data]).to.deep.equal([1n, 2n, 3n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 7n]);
    });

    it('has no memory before it belongs to a database', () => {
      const array = new ZBigArray([10], 'int64');
      expect(array.nbytes).to.equal(80);
      throwsCode('INVALID_OBJECT', () => array.view());
      throwsCode('INVALID_OBJECT', () => array.append([1n]));
      expect(array.shape).to.deep.equal([10]);
    });

    it('keeps views over commit, and forgets changes at abort', () => {
      const { manager, array } = session();
      const view = array.view();
      view.set(5, 0);
      manager.commit();
      view.set(6, 0);
      array.append([9n]);
      expect(array.view([-1]).get()).to.equal(9n);
      manager.abort();
      expect(array.shape).to.deep.equal([10]);
      expect(view.get(0)).to.equal(5n);
    });

    it('grows over many blocks, each appended row stored once', () => {
      const { manager, array } = session();
      const part = BigInt64Array.from({ length: BLOCK }, (_, i) => BigInt(i));
      for (let k = 0; k < 3; k++) {
        array.append(part);
        manager.commit();
      }
      expect(array.shape).to.deep.equal([3 * BLOCK + 10]);
      expect(array.zfile.blocks.size).to.equal(4);
      expect(sum(array)).to.equal(3n * BigInt(BLOCK / 2) * BigInt(BLOCK - 1));
      expect(mean(array.view([slice(-BLOCK, null)]))).to.equal((BLOCK - 1) / 2);
      expect(min(array)).to.equal(0n);
    });

    it("shows another transaction's shape and elements after the next begin", () => {
      const one = session();
      const two = session();
      const old = two.array.view();
      expect(old.get(0)).to.equal(0n);
      one.array.view().set(1, 0);
      one.array.append([11n, 12n]);
      one.manager.commit();
      expect([two.array.length, old.get(0)]).to.deep.equal([10, 0n]);
      two.manager.begin();
      expect(two.array.length).to.equal(12);
      expect([...two.array.view([slice(-2, null)]).data]).to.deep.equal([11n, 12n]);
      expect(old.get(0)).to.equal(1n);
      old.set(2, 0);
      expect(two.array.view([0]).get()).to.equal(2n);
    });

    it('conflicts with another append, and can append after abort', () => {
      const one = session();
      const two = session();
      one.array.append([1n]);
      two.array.append([2n]);
      one.manager.commit();
      throwsCode('CONFLICT', () => two.manager.commit());
      two.manager.abort();
      expect([...two.array.view().data]).to.deep.equal([...new Array(10).fill(0n), 1n]);
      two.array.append([2n]);
      two.manager.commit();
      one.manager.begin();
      expect([...one.array.view([slice(-2, null)]).data]).to.deep.equal([1n, 2n]);
    });

    it('is not changed through a read-only connection', () => {
      db.close();
      db = open(path, { readOnly: true });
      const { array } = session();
      throwsCode('READ_ONLY', () => array.append([1n]));
      throwsCode('READ_ONLY', () => array.resize([3]));
      expect(array.shape).to.deep.equal([10]);
    });

    it('holds any dtype, in C and F order', () => {
      const { manager, connection } = session();
      const records = new ZBigArray(
        [2, 0],
        [
          ['t', 'M8[ns]'],
          ['v', '>f4'],
        ],
        { order: 'F' },
      );
      connection.root.set('R', records);
      manager.commit();
      records.append([[{ t: 1n, v: 0.5 }], [{ t: 2n, v: 1.5 }]]);
      manager.commit();
      const again = session().connection.root.get('R') as ZBigArray;
      expect([again.shape, again.order]).to.deep.equal([[2, 1], 'F']);
      expect(again.read().toArray()).to.deep.equal([[{ t: 1n, v: 0.5 }], [{ t: 2n, v: 1.5 }]]);
    });

    it('takes the block format that it was made with', () => {
      const { manager, connection } = session();
      const small = new ZBigArray([10], 'int64', { blockFormat: 'ZBlk1' });
      connection.root.set('S', small);
      manager.commit();
      small.view().set(1, 0);
      manager.commit();
      expect(small.zfile.blocks.get(0)?.constructor.name).to.equal('ZBlk1');
    });

    it('cannot be used without a shape', () => {
      throwsCode('ARRAY_STATE', () => new (ZBigArray as unknown as new () => ZBigArray)().shape);
    });
  });
}

describe('A ZBigArray of Python', () => {
  const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));

  it('is stored again byte for byte', () => {
    const folder = mkdtempSync(join(tmpdir(), 'zodb-bigarray-'));
    try {
      for (const name of ['dtypes', 'states', 'formats']) {
        const file = join(folder, `${name}.fs`);
        copyFileSync(join(fixtures, 'wendelin-py3', `${name}.fs`), file);
        const root = dbopen(file);
        const connection = root._p_jar as Connection;
        for (const [key, array] of root.entries()) {
          if (!(array instanceof ZBigArray)) continue;
          const record = connection.load(array._p_oid as never).data;
          array._p_changed = true;
          connection.transactionManager.commit();
          const stored = connection.load(array._p_oid as never).data;
          expect(Buffer.from(stored).toString('hex'), `${name}: ${String(key)}`).to.equal(
            Buffer.from(record).toString('hex'),
          );
        }
        dbclose(root);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

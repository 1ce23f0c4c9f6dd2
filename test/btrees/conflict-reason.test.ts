import { expect } from 'chai';
import { BTreesConflictError, OOBTree } from '../../src/btrees/index.ts';
import { isZodbError } from '../../src/errors.ts';
import '../../src/register.ts';
import { MappingStorage } from '../../src/memory/index.ts';
import type { Connection } from '../../src/zodb/connection.ts';
import { DB } from '../../src/zodb/database.ts';
import { TransactionManager } from '../../src/zodb/transaction-manager.ts';

describe('a conflict in a BTree', () => {
  for (const [title, first, second, reason] of [
    ['the same key with two values', ['a', 1], ['a', 2], 1],
    ['the same new key', ['b', 1], ['b', 2], 4],
  ] as const)
    it(`over ${title} says why it cannot be merged, by the number of Python's BTrees`, () => {
      const db = new DB(new MappingStorage());
      db.transaction(({ root }) =>
        root.set(
          'tree',
          new OOBTree([
            ['a', 0],
            ['z', 0],
          ]),
        ),
      );
      const managers = [new TransactionManager(), new TransactionManager()];
      const [one, two] = managers.map((transactionManager) => db.open({ transactionManager }));
      for (const [connection, [key, value]] of [
        [one, first],
        [two, second],
      ] as const)
        (connection as Connection).root.get<OOBTree>('tree')?.set(key, value);
      managers[0]?.commit();
      let failure: unknown;
      try {
        managers[1]?.commit();
      } catch (error) {
        failure = error;
      }
      expect(isZodbError(failure, 'CONFLICT')).to.equal(true);
      const { cause } = failure as Error;
      expect(cause).to.be.instanceOf(BTreesConflictError);
      expect((cause as BTreesConflictError).reason).to.equal(reason);
      managers[1]?.abort();
      db.close();
    });
});

import { expect } from 'chai';
import { isZodbError } from '../../src/errors.ts';
import { ConflictError, DB, MappingStorage } from '../../src/main.ts';
import type { ResourceManager } from '../../src/zodb/resource-manager.ts';
import type { Transaction } from '../../src/zodb/transaction.ts';
import { TransactionManager } from '../../src/zodb/transaction-manager.ts';

type Step = 'tpcBegin' | 'commit' | 'tpcVote' | 'tpcFinish' | 'abort' | 'tpcAbort';

/** A resource manager that writes down what it is asked, and fails where it is told to. */
function recorder(name: string, calls: string[], failing?: Step): ResourceManager {
  const step = (what: Step) => (): void => {
    calls.push(`${name}.${what}`);
    if (what === failing) throw new Error(`${name} fails at ${what}`);
  };
  return {
    sortKey: () => name,
    abort: step('abort'),
    tpcBegin: step('tpcBegin'),
    commit: step('commit'),
    tpcVote: step('tpcVote'),
    tpcFinish: step('tpcFinish'),
    tpcAbort: step('tpcAbort'),
  };
}

describe('a transaction', () => {
  const begin = (...failing: [string, Step?][]) => {
    const manager = new TransactionManager();
    const transaction = manager.begin();
    const calls: string[] = [];
    for (const [name, step] of failing) transaction.join(recorder(name, calls, step));
    return { manager, transaction, calls };
  };

  it('asks all managers step by step, in the order of their sort keys', () => {
    const { transaction, calls } = begin(['b'], ['a']);
    transaction.commit();
    expect(calls.join(' ')).to.equal(
      'a.tpcBegin b.tpcBegin a.commit b.commit a.tpcVote b.tpcVote a.tpcFinish b.tpcFinish',
    );
    expect(transaction.status).to.equal('committed');
  });

  const undone: [Step, string][] = [
    ['tpcBegin', 'b.abort a.tpcAbort'],
    ['commit', 'a.tpcAbort b.tpcAbort'],
    ['tpcVote', 'a.tpcAbort b.tpcAbort'],
  ];
  for (const [step, cleanup] of undone) {
    it(`undoes everything when a manager fails at ${step}`, () => {
      const { manager, transaction, calls } = begin(['a', step], ['b']);
      expect(() => transaction.commit()).to.throw(`a fails at ${step}`);
      expect(calls.join(' ').endsWith(cleanup)).to.equal(true, calls.join(' '));
      expect(transaction.status).to.equal('failed');
      expect(manager.get()).to.equal(transaction);
      expect(() => manager.commit())
        .to.throw()
        .with.property('code', 'TRANSACTION_FAILED');
      manager.abort();
      expect(manager.get()).not.to.equal(transaction);
    });
  }

  it('finishes the others when one fails to finish', () => {
    const { transaction, calls } = begin(['a', 'tpcFinish'], ['b']);
    expect(() => transaction.commit()).to.throw('a fails at tpcFinish');
    expect(calls).to.include('b.tpcFinish');
  });

  it('asks every manager to abort, also when one fails to', () => {
    const { transaction, calls } = begin(['a', 'abort'], ['b']);
    expect(() => transaction.abort()).to.throw('a fails at abort');
    expect(calls).to.deep.equal(['a.abort', 'b.abort']);
    expect(transaction.status).to.equal('aborted');
  });

  it('cannot be committed once it is doomed', () => {
    const { transaction, calls } = begin(['a']);
    transaction.doom('no');
    expect(() => transaction.commit())
      .to.throw('no')
      .with.property('code', 'TRANSACTION_DOOMED');
    expect(calls).to.deep.equal([]);
    transaction.abort();
    expect(calls).to.deep.equal(['a.abort']);
  });

  it('refuses use after its end', () => {
    const { transaction } = begin(['a']);
    transaction.commit();
    for (const use of [
      () => transaction.commit(),
      () => transaction.abort(),
      () => transaction.join(recorder('c', [])),
    ]) {
      expect(use)
        .to.throw()
        .that.satisfies((error: unknown) => isZodbError(error, 'TRANSACTION'));
    }
  });

  it('lets synchronizers join at the last moment, and tells them of its end', () => {
    const manager = new TransactionManager();
    const calls: string[] = [];
    const seen: string[] = [];
    manager.registerSynchronizer({
      newTransaction: () => seen.push('new'),
      beforeCompletion: (transaction: Transaction) => {
        seen.push('before');
        transaction.join(recorder('late', calls));
      },
      afterCompletion: (transaction: Transaction) => seen.push(transaction.status),
    });
    manager.begin();
    manager.commit();
    manager.begin();
    manager.abort();
    expect(seen).to.deep.equal(['new', 'before', 'committed', 'new', 'before', 'aborted']);
    expect(calls[0]).to.equal('late.tpcBegin');
    expect(calls.at(-1)).to.equal('late.abort');
  });

  it('run commits what returns and aborts what throws', () => {
    const manager = new TransactionManager();
    const calls: string[] = [];
    const seven = manager.run((transaction) => {
      transaction.join(recorder('a', calls));
      return 7;
    });
    expect(seven).to.equal(7);
    expect(calls.at(-1)).to.equal('a.tpcFinish');
    expect(() =>
      manager.run((transaction) => {
        transaction.join(recorder('b', calls));
        throw new Error('mine');
      }),
    ).to.throw('mine');
    expect(calls.at(-1)).to.equal('b.abort');
  });

  it('runs its hooks around a commit, in the order in which they were added', () => {
    const { manager, transaction, calls } = begin(['a']);
    transaction.addBeforeCommitHook(() => {
      calls.push('before');
      transaction.addBeforeCommitHook(() => calls.push('before too'));
    });
    transaction.addAfterCommitHook((committed) => calls.push(`after ${committed}`));
    transaction.addAfterAbortHook(() => calls.push('never'));
    manager.commit();
    expect(calls).to.eql([
      'before',
      'before too',
      'a.tpcBegin',
      'a.commit',
      'a.tpcVote',
      'a.tpcFinish',
      'after true',
    ]);
  });

  it('runs the hooks after a failed commit, and those around the abort', () => {
    const { manager, transaction, calls } = begin(['a', 'commit']);
    transaction.addAfterCommitHook((committed) => calls.push(`after ${committed}`));
    transaction.addBeforeAbortHook(() => calls.push('before abort'));
    transaction.addAfterAbortHook(() => calls.push('after abort'));
    expect(() => manager.commit()).to.throw('a fails');
    manager.abort();
    expect(calls.filter((call) => !call.startsWith('a.'))).to.eql([
      'after false',
      'before abort',
      'after abort',
    ]);
  });

  it('fails when a hook before the commit does, before any manager is asked', () => {
    const { manager, transaction, calls } = begin(['a']);
    transaction.addBeforeCommitHook(() => {
      throw new Error('mine');
    });
    expect(() => manager.commit()).to.throw('mine');
    expect(transaction.status).to.equal('failed');
    expect(calls).to.eql([]);
    manager.abort();
    expect(() => transaction.addAfterCommitHook(5 as never))
      .to.throw()
      .with.property('code', 'ARGUMENT');
  });

  it('keeps data of others as long as it lasts', () => {
    const { transaction } = begin();
    const key = {};
    expect(transaction.data(key)).to.equal(undefined);
    transaction.setData(key, 5);
    expect(transaction.data(key)).to.equal(5);
    expect(() => transaction.setData('text' as never, 5))
      .to.throw()
      .with.property('code', 'ARGUMENT');
  });

  it('run tries again what a manager says may work then, and conflicts', () => {
    const manager = new TransactionManager();
    let runs = 0;
    const flaky: ResourceManager = { ...recorder('flaky', []), shouldRetry: () => true };
    const result = manager.run(
      (transaction) => {
        transaction.join(flaky);
        runs++;
        if (runs < 3) throw new Error('not yet');
        return runs;
      },
      { retries: 2, note: 'text', user: 'me' },
    );
    expect(result).to.equal(3);
    expect(() =>
      manager.run(
        () => {
          runs++;
          throw new ConflictError('always');
        },
        { retries: 1 },
      ),
    ).to.throw('always');
    expect(runs).to.equal(5);
  });

  it('run commits when a promise resolves, and tries again when it rejects with a conflict', async () => {
    const manager = new TransactionManager();
    const calls: string[] = [];
    let runs = 0;
    const result = await manager.run(async (transaction) => {
      transaction.join(recorder('a', calls));
      await Promise.resolve();
      if (++runs === 1) throw new ConflictError('once');
      return runs;
    });
    expect(result).to.equal(2);
    expect(calls).to.eql(['a.abort', 'a.tpcBegin', 'a.commit', 'a.tpcVote', 'a.tpcFinish']);
  });
});

describe('an explicit transaction manager', () => {
  it('has no transaction until one begins, and begins no second one', () => {
    const manager = new TransactionManager({ explicit: true });
    const uses = [
      () => manager.get(),
      () => manager.commit(),
      () => manager.abort(),
      () => manager.doom(),
      () => manager.savepoint(),
    ];
    for (const use of uses) expect(use).to.throw().with.property('code', 'NO_TRANSACTION');
    manager.begin();
    expect(() => manager.begin())
      .to.throw()
      .with.property('code', 'TRANSACTION_ACTIVE');
    manager.commit();
    expect(uses[0]).to.throw().with.property('code', 'NO_TRANSACTION');
    expect(manager.run(() => 5)).to.equal(5);
  });

  it('refuses changes outside of transactions, and shows the newest state at each begin', () => {
    const db = new DB(new MappingStorage());
    const manager = new TransactionManager({ explicit: true });
    const { root } = db.open({ transactionManager: manager });
    expect(() => root.set('x', 1))
      .to.throw()
      .with.property('code', 'NO_TRANSACTION');
    expect(root.has('x')).to.equal(false);
    manager.begin();
    root.set('x', 1);
    manager.commit();
    db.transaction((other) => other.root.set('x', 2));
    manager.begin();
    expect(root.get('x')).to.equal(2);
    manager.abort();
    db.close();
  });

  it('commits several databases and other managers in one transaction, or none', () => {
    const [one, two] = [new DB(new MappingStorage('one')), new DB(new MappingStorage('two'))];
    const manager = new TransactionManager();
    const roots = [one, two].map((db) => db.open({ transactionManager: manager }).root);
    for (const root of roots) root.set('x', 1);
    manager.get().join(recorder('zz', [], 'tpcVote'));
    expect(() => manager.commit()).to.throw('zz fails at tpcVote');
    manager.abort();
    expect(roots.map((root) => root.has('x'))).to.eql([false, false]);
    for (const root of roots) root.set('x', 2);
    manager.commit();
    for (const db of [one, two]) {
      expect(db.transaction(({ root }) => root.get('x'))).to.equal(2);
      db.close();
    }
  });
});

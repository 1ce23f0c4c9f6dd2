import { expect } from 'chai';
import { isZodbError } from '../../src/errors.ts';
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
});

import { expect } from 'chai';
import { Length } from '../../src/btrees/index.ts';
import { open, TransactionManager } from '../../src/main.ts';

describe('Length', () => {
  it('is a number that can be set and changed', () => {
    const length = new Length(5);
    length.change(-7);
    expect([length.value, +length]).to.deep.equal([-2, -2]);
    length.set(3);
    expect(length.value).to.equal(3);
    expect(new Length().value).to.equal(0);
  });

  it('has a record of its own', () => {
    using db = open('memory:');
    const manager = new TransactionManager();
    const { root } = db.open({ transactionManager: manager });
    root.set('length', new Length(41));
    manager.commit();
    const other = new TransactionManager();
    const loaded = db.open({ transactionManager: other }).root.get('length') as Length;
    expect(loaded._p_state).to.equal(-1);
    loaded.change(1);
    other.commit();
    manager.begin();
    expect((root.get('length') as Length).value).to.equal(42);
    expect((root.get('length') as Length).__getstate__()).to.equal(42);
  });

  it('refuses what is not an integer', () => {
    for (const value of [1.5, Number.NaN, 2 ** 60, '1' as never, 1n as never]) {
      expect(() => new Length(value)).to.throw('a length is an integer below 2^53');
      expect(() => new Length().set(value)).to.throw('a length is an integer below 2^53');
    }
  });
});

import { inspect } from 'node:util';
import { expect } from 'chai';
import { PyDict } from '../../src/pickle/index.ts';
import { attributesOf, getAttribute, setAttributes } from '../../src/zodb/attributes.ts';
import { GenericObjectBase, rawState } from '../../src/zodb/generic-object.ts';
import type { Oid } from '../../src/zodb/ids.ts';
import { type Jar, stateOf, UPTODATE } from '../../src/zodb/object-state.ts';
import { constructOnto, constructorOf, makeGhost, Persistent } from '../../src/zodb/persistent.ts';

/** A connection that loads every ghost from one given state. */
class OneState implements Jar {
  readonly loads: Persistent[] = [];
  readonly registered: Persistent[] = [];
  readonly #state: () => unknown;

  constructor(state: () => unknown) {
    this.#state = state;
  }

  setstate(object: Persistent): void {
    this.loads.push(object);
    const state = stateOf(object);
    state.loading = true;
    const cls = constructorOf(object);
    if (!state.constructed && cls !== (GenericObjectBase as unknown)) constructOnto(cls, state);
    if (object instanceof GenericObjectBase) object.__setstate__(this.#state());
    else setAttributes(state, this.#state());
    state.loading = false;
    state.code = UPTODATE;
  }

  register(object: Persistent): void {
    this.registered.push(object);
  }

  ghosted(): void {}
  readCurrent(): void {}
}

const dict = (entries: Record<string, unknown>): PyDict => new PyDict(Object.entries(entries));

class Account extends Persistent {
  owner = '';
  balance = 0;
  #secret = 42;
  log: string[] = [];

  deposit(amount: number): void {
    this.balance += amount;
  }

  get doubled(): number {
    return this.balance * 2;
  }

  set doubled(value: number) {
    this.balance = value / 2;
  }

  get secret(): number {
    return this.#secret;
  }

  arrow = (): number => this.balance;
}

describe('Persistent', () => {
  const ghost = (state: Record<string, unknown>) => {
    const jar = new OneState(() => dict(state));
    const account = makeGhost(Account, jar, 5n as Oid).self as Account;
    return { jar, account };
  };

  it('makes a ghost without loading it, and loads it when an attribute is read', () => {
    const { jar, account } = ghost({ owner: 'ada', balance: 3 });
    expect(account._p_state).to.equal(-1);
    expect(jar.loads).to.have.length(0);
    expect(account.owner).to.equal('ada');
    expect(account._p_state).to.equal(0);
    expect(jar.loads).to.deep.equal([account]);
  });

  it('never loads for symbols, then, _p_ names, printing or a type test', async () => {
    const { jar, account } = ghost({ owner: 'ada' });
    expect((account as { then?: unknown }).then).to.equal(undefined);
    await Promise.resolve(account);
    expect(account instanceof Account).to.equal(true);
    expect(inspect(account)).to.contain('ghost').and.contain('0000000000000005');
    expect(account._p_oid).to.equal(5n);
    expect(jar.loads).to.have.length(0);
  });

  it('gives #private fields, initialisers and arrow functions to an object that comes from a record', () => {
    const { account } = ghost({ owner: 'ada', balance: 4 });
    expect(account.secret).to.equal(42);
    expect(account.log).to.deep.equal([]);
    expect(account.arrow()).to.equal(4);
  });

  it('keeps the attributes in the order of the record, then those the class adds', () => {
    const { account } = ghost({ zebra: 1, balance: 2 });
    const names = [...attributesOf(account)].map(([name]) => name);
    expect(names.slice(0, 2)).to.deep.equal(['zebra', 'balance']);
    expect(names).to.include('owner');
  });

  it('marks a change once, by assigning, by a method, by a setter, by delete', () => {
    const changes: [string, (account: Account) => void][] = [
      ['assign', (account) => (account.owner = 'bob')],
      ['method', (account) => account.deposit(1)],
      ['setter', (account) => (account.doubled = 8)],
      ['delete', (account) => delete (account as Partial<Account>).owner],
      [
        'new name',
        (account) => ((account as unknown as Record<string, unknown>)['colour'] = 'red'),
      ],
      ['_p_changed', (account) => (account._p_changed = true)],
      ['__proto__', (account) => Object.defineProperty(account, '__proto__', { value: 1 })],
    ];
    for (const [title, change] of changes) {
      const { jar, account } = ghost({ owner: 'ada', balance: 3 });
      change(account);
      change(account);
      expect(jar.registered, title).to.deep.equal([account]);
      expect(account._p_changed, title).to.equal(true);
    }
  });

  it('does not take _v_ attributes for changes, and does not store them', () => {
    const { jar, account } = ghost({ owner: 'ada' });
    (account as unknown as Record<string, unknown>)['_v_cached'] = 1;
    expect(jar.registered).to.have.length(0);
    expect([...attributesOf(account)].map(([name]) => name)).not.to.include('_v_cached');
  });

  it('forgets the state when it becomes a ghost, and gives fields their first values again', () => {
    const { jar, account } = ghost({ owner: 'ada' });
    account.log.push('x');
    account._p_deactivate();
    expect(account._p_state).to.equal(-1);
    expect(account.owner).to.equal('ada');
    expect(jar.loads).to.have.length(2);
  });

  it('keeps the changes of a changed object when asked to deactivate, loses them when invalidated', () => {
    const { account } = ghost({ owner: 'ada' });
    account.owner = 'bob';
    account._p_deactivate();
    expect(account.owner).to.equal('bob');
    account._p_invalidate();
    expect(account.owner).to.equal('ada');
  });

  it('is an ordinary object until it belongs to a database', () => {
    const account = new Account();
    account.deposit(2);
    expect(account._p_changed).to.equal(false);
    expect(account._p_status).to.equal('unsaved');
    expect(account.balance).to.equal(2);
  });

  it('reaches attributes that JavaScript gives another meaning', () => {
    const { account } = ghost({ ['then' as string]: 1, constructor: 2, owner: 'ada' });
    expect(getAttribute(account, 'then')).to.equal(1);
    expect(getAttribute(account, 'constructor')).to.equal(2);
    expect((account as { then?: unknown }).then).to.not.be.a('function');
  });
});

describe('an object whose class is not known', () => {
  const generic = (state: unknown) => {
    const jar = new OneState(() => state);
    const object = makeGhost(GenericObjectBase, jar, 7n as Oid).self as GenericObjectBase &
      Record<string, any>;
    return { jar, object };
  };

  it('shows its attributes in the order of the record, integer-like names too', () => {
    const { object } = generic(
      new PyDict<string, unknown>([
        ['title', 'x'],
        ['10', 'ten'],
        ['2', 'two'],
        ['__proto__', 1],
      ]),
    );
    expect(Object.keys(object)).to.deep.equal(['title', '10', '2', '__proto__']);
    expect(object['title']).to.equal('x');
    expect('title' in object).to.equal(true);
    expect('nothing' in object).to.equal(false);
    expect(object['nothing']).to.equal(undefined);
  });

  it('is changed in place, and its state stays the dictionary it was', () => {
    const state = dict({ a: 1, b: 2 });
    const { jar, object } = generic(state);
    object['a'] = 5;
    object['c'] = 6;
    delete object['b'];
    expect(jar.registered).to.deep.equal([object]);
    expect(rawState(object)).to.equal(state);
    expect([...state.entries()]).to.deep.equal([
      ['a', 5],
      ['c', 6],
    ]);
  });

  it('never calls what it finds in its data', () => {
    const { object } = generic(
      dict({ __getstate__: 'data', toString: 'data', ['then' as string]: 'data' }),
    );
    expect(object['then']).to.equal(undefined);
    expect(getAttribute(object, 'then')).to.equal('data');
    expect(String(rawState(object) !== undefined)).to.equal('true');
  });

  it('takes no attributes when its state is no dictionary, and says so', () => {
    const { object } = generic(17);
    expect(rawState(object)).to.equal(17);
    expect(() => (object['a'] = 1))
      .to.throw()
      .with.property('code', 'INVALID_OBJECT');
  });
});

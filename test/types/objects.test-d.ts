import {
  IFBTree,
  IOBTree,
  LLBTree,
  LOBTree,
  OLBTree,
  OOBTree,
  OOTreeSet,
} from '../../src/btrees/index.ts';
import {
  attributesOf,
  type ClassName,
  type Connection,
  classOf,
  type DB,
  type GenericObject,
  type Oid,
  Persistent,
  PersistentList,
  PersistentMapping,
  PersistentWeakKeyDictionary,
  PersistentWeakRef,
  registerClass,
  type Savepoint,
  type Tid,
  type Transaction,
  type TransactionInfo,
  TransactionManager,
} from '../../src/main.ts';
import { expectType } from './expect-type.ts';

declare const connection: Connection;
declare const db: DB;

class Account extends Persistent {
  owner = '';
  balance = 0;
  deposit(amount: number): void {
    this.balance += amount;
  }
}
registerClass(Account, 'bank.models.Account');
// @ts-expect-error a class that does not extend Persistent has no record of its own
registerClass(class {}, 'bank.models.Other');

const mapping = new PersistentMapping<string, Account>();
const value = mapping.get('a');
const entries = [...mapping];
mapping.set('a', new Account());
// @ts-expect-error keys are texts
mapping.set(1, new Account());
// @ts-expect-error values are accounts
mapping.set('a', 1);
expectType<Account | undefined>().of(value);
expectType<[string, Account][]>().of(entries);

// The root holds anything: it is said where it is read.
const anything = connection.root.get('a');
const account = connection.root.get<Account>('a');
const typed = connection.get<Account>(1n);
const untyped = connection.get('0000000000000001');
expectType<any>().of(anything);
const declared: Account = connection.root.get('a');
expectType<Account>().of(declared);
expectType<Account | undefined>().of(account);
expectType<Account>().of(typed);
expectType<Persistent>().of(untyped);
expectType<Oid | undefined>().of(new Account()._p_oid);
expectType<Tid>().of(new Account()._p_serial);
expectType<Date | undefined>().of(new Account()._p_mtime);
expectType<boolean | undefined>().of(new Account()._p_changed);
// @ts-expect-error numbers are no ids: 42 and '42' mean different objects to different people
connection.get(42);

declare const generic: GenericObject;
const title: unknown = generic.title;
generic.title = 'New title';
const name = classOf(generic);
for (const [key, each] of attributesOf(generic)) {
  const text: string = key;
  const data: unknown = each;
  void [text, data, title];
}
expectType<ClassName | undefined>().of(name);

const list = new PersistentList<number>([1, 2]);
const first = list.at(0);
// @ts-expect-error items are numbers
list.push('x');
const weak = new PersistentWeakRef(new Account());
const target = weak.deref();
const weakly = new PersistentWeakKeyDictionary<Account, string>();
const noted = weakly.get(new Account());
// @ts-expect-error only persistent objects have weak references
new PersistentWeakRef({});
expectType<number | undefined>().of(first);
expectType<Account | undefined>().of(target);
expectType<string | undefined>().of(noted);

// Types of keys and values do not depend on data: L is always bigint, I and F are numbers; inputs are either.
const oo = new OOBTree<string, Account>();
const lo = new LOBTree<Account>();
const io = new IOBTree<Account>();
const ll = new LLBTree();
const ol = new OLBTree<string>();
const f = new IFBTree();
const set = new OOTreeSet<string>();
lo.set(1, new Account());
lo.set(1n, new Account());
// @ts-expect-error keys are texts
oo.set(1, new Account());
// @ts-expect-error values are accounts
lo.set(1n, 'x');
// @ts-expect-error keys are integers
io.set('x', new Account());
expectType<Account | undefined>().of(oo.get('x'));
expectType<Account | undefined>().of(lo.get(1));
expectType<Account | undefined>().of(io.get(1n));
expectType<string[]>().of([...oo.keys()]);
expectType<bigint[]>().of([...lo.keys()]);
expectType<number[]>().of([...io.keys()]);
expectType<string[]>().of([...set.keys()]);
expectType<bigint | undefined>().of(ll.get(1));
expectType<bigint | undefined>().of(ol.get('x'));
expectType<number | undefined>().of(f.get(1));

const sum = db.transaction(({ root }) => root.size + 1, { retries: 1 });
const later = db.transaction(async () => 'text');
const savepoint = new TransactionManager().savepoint();
const run = new TransactionManager({ explicit: true }).run((transaction) => transaction);
const log = db.undoLog({ filter: (entry) => entry.user === 'me' });
const bytes = connection.exportFile(1n);
// @ts-expect-error there is no such option
db.open({ att: 1n });
expectType<number>().of(sum);
expectType<Promise<string>>().of(later);
expectType<Savepoint>().of(savepoint);
expectType<Transaction>().of(run);
expectType<TransactionInfo[]>().of(log);
expectType<Uint8Array>().of(bytes);

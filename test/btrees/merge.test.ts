// Examples of merges, read off Python's BTrees; test/interop/btrees compares many more.
import { expect } from 'chai';
import {
  type BTreesConflictError,
  IIBTree,
  IIBucket,
  IISet,
  IOBTree,
  Length,
  OOBTree,
} from '../../src/btrees/index.ts';
import { type DB, open, TransactionManager } from '../../src/main.ts';
import { PyTuple, tuple } from '../../src/pickle/index.ts';

type Change = Readonly<Record<number, number | null>>;

const OLD: Change = { 1: 10, 3: 30, 5: 50, 7: 70 };

/** The old entries with changes: null deletes. */
function state(change: Change): PyTuple {
  const entries = new Map(
    Object.entries({ ...OLD, ...change }).map(([key, value]) => [Number(key), value]),
  );
  const items = tuple<unknown>();
  for (const [key, value] of [...entries].sort(([a], [b]) => a - b))
    if (value !== null) items.push(key, value);
  return tuple(items);
}

const ALL_DELETED: Change = { 1: null, 3: null, 5: null, 7: null };

const merged: [title: string, committed: Change, ours: Change, result: Change][] = [
  ['inserts of different keys', { 2: 20 }, { 4: 40 }, { 2: 20, 4: 40 }],
  ['inserts beyond the end', { 9: 90 }, { 8: 80 }, { 8: 80, 9: 90 }],
  ['changes of different values', { 3: 31 }, { 5: 51 }, { 3: 31, 5: 51 }],
  ['a deletion and a change of another key', { 3: null }, { 5: 51 }, { 3: null, 5: 51 }],
  [
    'a deletion of the last key and an insert before it',
    { 7: null },
    { 6: 60 },
    { 6: 60, 7: null },
  ],
  [
    'a deletion of the first key by one who put a smaller one in',
    { 0: 1, 1: null },
    { 3: 31 },
    { 0: 1, 1: null, 3: 31 },
  ],
];

const refused: [
  title: string,
  committed: Change,
  ours: Change,
  positions: string,
  reason: number,
][] = [
  ['the same insert', { 2: 20 }, { 2: 20 }, '2/2/2', 4],
  ['the same insert at the end', { 9: 90 }, { 9: 90 }, '-1/5/5', 6],
  ['the same change', { 3: 31 }, { 3: 31 }, '2/2/2', 1],
  ['a deletion of what ours changed', { 3: null }, { 3: 31 }, '2/2/2', 3],
  ['a change of what ours deleted', { 3: 31 }, { 3: null }, '2/2/2', 2],
  ['the same deletion', { 3: null }, { 3: null }, '2/2/2', 4],
  ['a deletion of the first key', { 1: null }, { 3: 31 }, '1/1/1', 13],
  ['the same deletion at the end', { 7: null }, { 7: null }, '4/-1/-1', 9],
  ['a deletion at the end of what ours changed', { 7: null }, { 7: 71 }, '4/-1/4', 8],
  ['a change at the end of what ours deleted', { 7: 71 }, { 7: null }, '4/4/-1', 7],
  ['a bucket that was emptied', ALL_DELETED, { 3: 31 }, '-1/-1/-1', 12],
];

function errorOf(run: () => unknown): BTreesConflictError {
  try {
    run();
  } catch (error) {
    return error as BTreesConflictError;
  }
  throw new Error('nothing was thrown');
}

describe('merging changes of one bucket', () => {
  for (const [title, committed, ours, result] of merged) {
    it(`merges ${title}`, () => {
      const merge = IIBucket._p_resolveConflict(state({}), state(committed), state(ours));
      expect(merge).to.deep.equal(state(result));
      expect(merge).to.be.instanceOf(PyTuple);
      const trees = [{}, committed, ours].map((change) => tuple(tuple(state(change))));
      expect(IIBTree._p_resolveConflict(trees[0], trees[1], trees[2])).to.deep.equal(
        tuple(tuple(state(result))),
      );
    });
  }

  for (const [title, committed, ours, positions, reason] of refused) {
    it(`refuses ${title}`, () => {
      const error = errorOf(() =>
        IIBucket._p_resolveConflict(state({}), state(committed), state(ours)),
      );
      expect(error).to.include({ code: 'BTREES_CONFLICT', reason });
      expect(error.positions.join('/')).to.equal(positions);
    });
  }

  it('merges what two put into an empty tree', () => {
    const [one, two] = [1, 2].map((n) => tuple(tuple(tuple(tuple(n, n)))));
    expect(IIBTree._p_resolveConflict(null, one, two)).to.deep.equal(
      tuple(tuple(tuple(tuple(1, 1, 2, 2)))),
    );
  });

  it('refuses trees of several buckets, and buckets whose successor is another', () => {
    const next = {};
    const tree = tuple<unknown>(tuple(next), next);
    expect(errorOf(() => IIBTree._p_resolveConflict(tree, tree, tree)).reason).to.equal(11);
    const set = tuple(tuple(1));
    const split = tuple<unknown>(tuple(1), next);
    expect(errorOf(() => IISet._p_resolveConflict(set, split, set)).reason).to.equal(0);
    expect(IISet._p_resolveConflict(split, split, split)).to.deep.equal(split);
  });

  it('refuses states that are none', () => {
    for (const bad of [5, tuple(5), tuple(tuple(5)), tuple()]) {
      expect(() => IIBTree._p_resolveConflict(bad, bad, bad)).to.throw();
      expect(() => IIBucket._p_resolveConflict(tuple(tuple()), null, bad)).to.throw();
    }
  });
});

describe('conflicts in a database', () => {
  let db: DB;
  beforeEach(() => {
    db = open('memory:');
  });
  afterEach(() => db.close());

  /** Stores an object, changes it in two transactions at once, and gives it as it is in the end. */
  function changedByTwo<T>(object: T, one: (object: T) => void, two: (object: T) => void): T {
    const [first, second] = [new TransactionManager(), new TransactionManager()];
    const root = db.open({ transactionManager: first }).root;
    root.set('object', object);
    first.commit();
    const other = db.open({ transactionManager: second }).root.get('object') as T;
    one(root.get('object') as T);
    two(other);
    first.commit();
    try {
      second.commit();
    } catch (error) {
      second.abort();
      throw error;
    }
    first.begin();
    const [mine, theirs] = [root.get('object') as any, other as any];
    expect([...(mine.entries?.() ?? [mine.value])]).to.deep.equal([
      ...(theirs.entries?.() ?? [theirs.value]),
    ]);
    return mine;
  }

  it('are resolved where two changed different keys of one bucket', () => {
    const tree = changedByTwo(
      new OOBTree<string, unknown>([
        ['a', 1],
        ['b', 2.5],
      ]),
      (one) => one.set('c', 3),
      (two) => two.set('b', 3),
    );
    expect([...tree]).to.deep.equal([
      ['a', 1],
      ['b', 3],
      ['c', 3],
    ]);
  });

  it('are resolved in a bucket of a larger tree, persistent values beside it', () => {
    const inner = new OOBTree([['x', 1]]);
    const tree = changedByTwo(
      new IOBTree<unknown>(
        Array.from({ length: 200 }, (_, n) => [n, n === 5 ? inner : 'v'] as const),
      ),
      (one) => one.set(6, 'one'),
      (two) => two.set(7, 'two'),
    );
    tree.check();
    expect([tree.get(6), tree.get(7), (tree.get(5) as OOBTree).get('x')]).to.deep.equal([
      'one',
      'two',
      1,
    ]);
  });

  it('are ConflictErrors where two changed the same key', () => {
    expect(() =>
      changedByTwo(
        new IIBTree([[1, 1]]),
        (one) => one.set(1, 2),
        (two) => two.set(1, 3),
      ),
    )
      .to.throw()
      .with.property('code', 'CONFLICT');
  });

  it('never are one for a Length', () => {
    const length = changedByTwo(
      new Length(10),
      (one) => one.change(5),
      (two) => two.change(-1),
    );
    expect(length.value).to.equal(14);
  });

  it('are resolved by db.transaction, where it can be done, without running again', () => {
    db.transaction((connection) => connection.root.set('tree', new IIBTree([[1, 1]])));
    let runs = 0;
    db.transaction((connection) => {
      runs++;
      (connection.root.get('tree') as IIBTree).set(2, 2);
      const other = new TransactionManager();
      (db.open({ transactionManager: other }).root.get('tree') as IIBTree).set(3, 3);
      other.commit();
    });
    expect(runs).to.equal(1);
    db.transaction(({ root }) => {
      expect([...(root.get('tree') as IIBTree).keys()]).to.deep.equal([1, 2, 3]);
    });
  });
});

import { expect } from 'chai';
import {
  type Connection,
  type DB,
  open,
  PersistentList,
  TransactionManager,
} from '../../src/main.ts';

describe('PersistentList', () => {
  let db: DB;
  let connection: Connection;
  let manager: TransactionManager;
  let list: PersistentList<unknown>;

  beforeEach(() => {
    db = open('memory:');
    manager = new TransactionManager();
    connection = db.open({ transactionManager: manager });
    connection.root.set('list', new PersistentList([1, 'two', 2.5]));
    manager.commit();
    list = connection.root.get('list') as PersistentList<unknown>;
    connection.cacheMinimize();
  });
  afterEach(() => {
    manager.abort();
    db.close();
  });

  const changes: [title: string, change: () => unknown, result: unknown, items: unknown[]][] = [
    ['set', () => list.set(0, 9) === list, true, [9, 'two', 2.5]],
    ['set from the end', () => list.set(-1, 9) === list, true, [1, 'two', 9]],
    ['push', () => list.push(3, 4), 5, [1, 'two', 2.5, 3, 4]],
    ['pop', () => list.pop(), 2.5, [1, 'two']],
    ['shift', () => list.shift(), 1, ['two', 2.5]],
    ['unshift', () => list.unshift(0), 4, [0, 1, 'two', 2.5]],
    ['insert', () => list.insert(1, 'a', 'b'), undefined, [1, 'a', 'b', 'two', 2.5]],
    ['splice', () => list.splice(0, 2, 'x'), [1, 'two'], ['x', 2.5]],
    ['splice to the end', () => list.splice(1), ['two', 2.5], [1]],
    ['delete', () => list.delete('two'), true, [1, 2.5]],
    ['clear', () => list.clear(), undefined, []],
    ['reverse', () => list.reverse() === list, true, [2.5, 'two', 1]],
    [
      'sort',
      () => list.sort((a, b) => (String(a) < String(b) ? 1 : -1)) === list,
      true,
      ['two', 2.5, 1],
    ],
  ];
  for (const [title, change, result, items] of changes) {
    it(`${title} changes the list, is stored, and can be aborted`, () => {
      expect(change()).to.deep.equal(result);
      expect([...list]).to.deep.equal(items);
      expect(list._p_changed).to.equal(true);
      manager.abort();
      expect([...list]).to.deep.equal([1, 'two', 2.5]);
      change();
      manager.commit();
      connection.cacheMinimize();
      expect(list._p_state).to.equal(-1);
      expect([...list]).to.deep.equal(items);
    });
  }

  const readings: [title: string, read: () => unknown, result: unknown][] = [
    ['length', () => list.length, 3],
    ['at', () => [list.at(0), list.at(-1), list.at(3)], [1, 2.5, undefined]],
    ['slice', () => list.slice(1), ['two', 2.5]],
    ['includes', () => [list.includes('two'), list.includes(2)], [true, false]],
    ['indexOf', () => [list.indexOf(2.5), list.indexOf(3)], [2, -1]],
    ['keys', () => [...list.keys()], [0, 1, 2]],
    ['entries', () => [...list.entries()].length, 3],
    ['delete of what is not there', () => list.delete('three'), false],
  ];
  for (const [title, read, result] of readings) {
    it(`${title} loads the list and does not change it`, () => {
      expect(list._p_state).to.equal(-1);
      expect(read()).to.deep.equal(result);
      expect(list._p_state).to.equal(0);
    });
  }

  for (const [title, take] of [
    ['pop', () => list.pop()],
    ['shift', () => list.shift()],
    ['clear', () => list.clear()],
  ] as const) {
    it(`${title} of an empty list changes nothing`, () => {
      list.clear();
      manager.commit();
      expect(take()).to.equal(undefined);
      expect(list._p_changed).to.equal(false);
    });
  }

  for (const index of [3, -4, 0.5, Number.NaN]) {
    it(`refuses to set an item at ${index}`, () => {
      expect(() => list.set(index, 0)).to.throw(`index ${index} is not in a list of length 3`);
    });
  }
});

// The conformance suite of histories, of copies from other storages, and of packing, in storages that have them.

import { deepEqual, equal, throws } from 'node:assert/strict';
import { type Oid, ROOT_OID, type Tid, ZERO_TID } from '../zodb/ids.ts';
import type { Storage } from '../zodb/storage.ts';
import {
  bytes,
  coded,
  commit,
  current,
  put,
  putAll,
  referring,
  type StorageTest,
  text,
} from './suite.ts';

export function historySuite(test: StorageTest): void {
  test('tells the history of an object, newest first', (storage) => {
    if (!storage.can.history) return;
    const oid = storage.newOid();
    const tids = putAll(storage, oid, ['1', '22', '333']);
    const history = (limit?: number): unknown =>
      storage.history?.(oid, limit).map(({ tid, size }) => [tid, size]);
    deepEqual(history(), [[tids[2], 3]]);
    deepEqual(history(10), [
      [tids[2], 3],
      [tids[1], 2],
      [tids[0], 1],
    ]);
    throws(() => storage.history?.((oid + 1n) as Oid), coded('POS_KEY'));
  });

  test('tells what the newest transactions changed, oldest first', (storage) => {
    if (storage.lastInvalidations === undefined) return;
    const oids = [storage.newOid(), storage.newOid(), storage.newOid()];
    const tids = oids.map((oid) => put(storage, oid, ZERO_TID, 'one'));
    const expected = tids.map((tid, i) => ({ tid, oids: [oids[i]] }));
    deepEqual(storage.lastInvalidations(2), expected.slice(1));
    deepEqual(storage.lastInvalidations(10), expected);
    deepEqual(storage.lastInvalidations(0), []);
  });

  test('goes through its objects in order, without those that ceased to exist', (storage) => {
    if (storage.recordNext === undefined) return;
    equal(storage.recordNext(), undefined);
    const oids = [5n, 0x1_0000n, 0x1_0000_0000n, 2n ** 64n - 1n] as Oid[];
    commit(storage, (transaction) => {
      for (const oid of oids) transaction.store(oid, ZERO_TID, bytes(`${oid}`));
    });
    commit(storage, (transaction) =>
      transaction.deleteObject?.(oids[1] as Oid, storage.getTid(oids[1] as Oid)),
    );
    const seen: unknown[] = [];
    for (let from: Oid | undefined = ROOT_OID; from !== undefined; ) {
      const found: ReturnType<NonNullable<Storage['recordNext']>> = storage.recordNext(from);
      if (found !== undefined) seen.push(text(found.data));
      from = found?.next;
    }
    deepEqual(seen, [oids[0], oids[2], oids[3]].map(String));
  });
}

export function restoreSuite(all: StorageTest): void {
  const needing = (call: 'restore' | 'deleteObject'): StorageTest => {
    return (title, body) =>
      all(title, (storage) => {
        const transaction = storage.begin({});
        const has = transaction[call] !== undefined;
        transaction.abort();
        if (has) body(storage);
      });
  };
  const test = needing('restore');

  test('restores records as another storage has them, whatever there is', (storage) => {
    const oid = storage.newOid();
    put(storage, oid, ZERO_TID, 'one');
    const tid = (storage.lastTransaction() + 0x1000n) as Tid;
    const transaction = storage.begin({ user: 'u' }, tid, 'p');
    transaction.restore?.(oid, bytes('two'));
    transaction.restore?.(77n as Oid, bytes('new'));
    transaction.vote();
    equal(transaction.finish(), tid);
    equal(current(storage, oid), 'two');
    equal(storage.getTid(77n as Oid), tid);
    deepEqual(
      [...storage.iterate()].map(({ status }) => status),
      [' ', 'p'],
    );
  });

  test('restores that an object ceased to exist', (storage) => {
    const oid = storage.newOid();
    const first = put(storage, oid, ZERO_TID, 'one');
    const second = commit(storage, (transaction) => transaction.restore?.(oid, undefined));
    equal(current(storage, oid), undefined);
    equal(text(storage.load(oid, second)?.data), 'one');
    const records = [...storage.iterate({ start: second })].flatMap((t) => [...t.records()]);
    deepEqual(
      records.map(({ data, dataTid }) => [data, dataTid]),
      [[undefined, undefined]],
    );
    put(storage, oid, second, 'again');
    equal(current(storage, oid), 'again');
    equal(text(storage.loadSerial(oid, first)), 'one');
  });

  test('restores a record that repeats another, and names that', (storage) => {
    const oid = storage.newOid();
    const [first] = putAll(storage, oid, ['one', 'two']) as [Tid, Tid];
    const third = commit(storage, (transaction) => transaction.restore?.(oid, bytes('one'), first));
    equal(current(storage, oid), 'one');
    const records = [...storage.iterate({ start: third })].flatMap((t) => [...t.records()]);
    deepEqual(
      records.map(({ data, dataTid }) => [text(data), dataTid]),
      [['one', first]],
    );
  });

  needing('deleteObject')(
    'deletes an object, which another transaction may make again',
    (storage) => {
      const oid = storage.newOid();
      const [first, second] = putAll(storage, oid, ['one', 'two']) as [Tid, Tid];
      const transaction = storage.begin({});
      throws(() => transaction.deleteObject?.(oid, first), coded('CONFLICT'));
      throws(() => transaction.deleteObject?.((oid + 1n) as Oid, first), coded('POS_KEY'));
      transaction.abort();
      const third = commit(storage, (deletion) => deletion.deleteObject?.(oid, second));
      equal(current(storage, oid), undefined);
      throws(() => storage.load(oid), coded('POS_KEY'));
      equal(text(storage.load(oid, third)?.data), 'two');
      put(storage, oid, third, 'again');
      equal(current(storage, oid), 'again');
    },
  );
}

/** `gc`: whether a pack removes what nothing refers to. */
export function packSuite(all: StorageTest, gc: boolean): void {
  const test: StorageTest = (title, body) =>
    all(title, (storage) => {
      if (storage.can.pack) body(storage);
    });

  // The root refers to 1; 2 is garbage.
  const fill = (storage: Storage): Tid => {
    commit(storage, (transaction) => {
      transaction.store(ROOT_OID, ZERO_TID, referring(1n as Oid));
      for (const oid of [1n, 2n]) transaction.store(oid as Oid, ZERO_TID, referring());
    });
    const [first] = [storage.lastTransaction()];
    return commit(storage, (transaction) =>
      transaction.store(1n as Oid, first, referring(ROOT_OID)),
    );
  };

  test('packs old revisions and garbage away, and keeps what is newer', (storage) => {
    const second = fill(storage);
    const first = [...storage.iterate()][0]?.tid as Tid;
    const report = storage.pack?.({ before: second });
    deepEqual(
      [report?.objectsBefore, report?.objectsAfter, report?.recordsRemoved, report?.packed],
      gc ? [3, 2, 2, true] : [3, 3, 1, true],
    );
    equal(storage.length(), gc ? 2 : 3);
    equal(current(storage, 2n as Oid) === undefined, gc);
    throws(() => storage.loadSerial(1n as Oid, first), coded('POS_KEY'));
    equal(storage.getTid(1n as Oid), second);
    deepEqual(
      [...storage.iterate()].map((t) => [t.tid, t.status, [...t.records()].map(({ oid }) => oid)]),
      [
        [first, 'p', gc ? [ROOT_OID] : [ROOT_OID, 2n]],
        [second, 'p', [1n]],
      ],
    );
    equal(put(storage, storage.newOid(), ZERO_TID, 'goes on') > second, true);
  });

  test('keeps garbage when told so, and all that was there at the moment or later', (storage) => {
    const second = fill(storage);
    storage.pack?.({ before: (second - 1n) as Tid, gc: false });
    equal(storage.length(), 3);
    equal([...storage.iterate()].flatMap((t) => [...t.records()]).length, 4);
  });

  test('only reports in a dry run', (storage) => {
    const second = fill(storage);
    const report = storage.pack?.({ before: second, dryRun: true });
    deepEqual([report?.recordsRemoved, report?.packed], [gc ? 2 : 1, false]);
    equal(storage.length(), 3);
  });

  test('reports references to what is not there', (storage) => {
    if (!gc) return;
    commit(storage, (transaction) => transaction.store(ROOT_OID, ZERO_TID, referring(7n as Oid)));
    commit(storage, (transaction) =>
      transaction.store(ROOT_OID, storage.lastTransaction(), referring(7n as Oid, 8n as Oid)),
    );
    const report = storage.pack?.();
    deepEqual(report?.dangling, [
      { from: ROOT_OID, to: 7n },
      { from: ROOT_OID, to: 8n },
    ]);
    equal(report?.danglingCount, 2);
  });

  test('does not pack while a transaction is in progress', (storage) => {
    fill(storage);
    const transaction = storage.begin({});
    throws(() => storage.pack?.(), coded('STORAGE_TRANSACTION'));
    transaction.abort();
    storage.pack?.();
  });
}

// The conformance suite of storages that can undo.

import { deepEqual, equal, throws } from 'node:assert/strict';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { Storage } from '../zodb/storage.ts';
import { bytes, coded, commit, current, put, putAll, type StorageTest, text } from './suite.ts';

export function undoSuite(all: StorageTest): void {
  const test: StorageTest = (title, body) =>
    all(title, (storage) => {
      if (storage.can.undo) body(storage);
    });

  test('undoes a change, that undo, and the addition of the object', (storage) => {
    const oid = storage.newOid();
    const [first, second] = putAll(storage, oid, ['one', 'two']) as [Tid, Tid];
    const undone = undo(storage, second);
    equal(current(storage, oid), 'one');
    equal(storage.getTid(oid), undone);
    undo(storage, undone);
    equal(current(storage, oid), 'two');
    undo(storage, storage.lastTransaction());
    undo(storage, first);
    equal(current(storage, oid), undefined);
    throws(() => storage.getTid(oid), coded('POS_KEY'));
    equal(text(storage.load(oid, undone)?.data), 'two');
    undo(storage, storage.lastTransaction());
    equal(current(storage, oid), 'one');
  });

  test('undoes several transactions in one, newest first', (storage) => {
    const oid = storage.newOid();
    const [, second, third] = putAll(storage, oid, ['one', 'two', 'three']) as [Tid, Tid, Tid];
    undo(storage, third, second);
    equal(current(storage, oid), 'one');
  });

  test('names the objects that an undo changes', (storage) => {
    const oids = [storage.newOid(), storage.newOid()];
    const tid = commit(storage, (transaction) => {
      for (const oid of oids) transaction.store(oid, 0n as Tid, bytes('one'));
    });
    const transaction = storage.begin({});
    deepEqual([...(transaction.undo?.(tid) ?? [])].sort(), oids);
    transaction.abort();
    equal(current(storage, oids[0] as Oid), 'one');
  });

  test('undoes what later transactions changed only where these made no difference', (storage) => {
    const oid = storage.newOid();
    const [first, second] = putAll(storage, oid, ['one', 'two']) as [Tid, Tid];
    for (const tid of [first, second]) {
      if (tid === second) put(storage, oid, second, 'three');
      const transaction = storage.begin({});
      throws(
        () => transaction.undo?.(tid),
        (error) => {
          const { errors } = error as { errors: readonly { oid: Oid }[] };
          deepEqual(
            errors.map((each) => each.oid),
            [oid],
          );
          return coded('MULTIPLE_UNDO')(error);
        },
      );
      transaction.abort();
    }
    put(storage, oid, storage.getTid(oid), 'two');
    undo(storage, second);
    equal(current(storage, oid), 'one');
  });

  test('merges an undo with later changes where the resolver can', (storage) => {
    const oid = storage.newOid();
    const [, second] = putAll(storage, oid, ['one', 'two', 'three']) as [Tid, Tid, Tid];
    storage.resolveConflict = ({ data, committedData, original }) =>
      bytes([original(), committedData, data].map(text).join('+'));
    undo(storage, second);
    equal(current(storage, oid), 'two+three+one');
  });

  test('knows no transaction of another tid', (storage) => {
    const tid = put(storage, storage.newOid(), 0n as Tid, 'one');
    const transaction = storage.begin({});
    throws(() => transaction.undo?.((tid - 1n) as Tid), coded('UNDO'));
    transaction.abort();
  });

  test('lists what can be undone, newest first, with texts, by number and by filter', (storage) => {
    const oid = storage.newOid();
    const tids = ['a', 'b', 'c', 'd'].map((user) =>
      commit(
        storage,
        (transaction) =>
          transaction.store(
            oid,
            current(storage, oid) ? storage.getTid(oid) : (0n as Tid),
            bytes(user),
          ),
        { user, description: `by ${user}`, extension: bytes('x') },
      ),
    );
    const log = storage.undoLog?.() ?? [];
    deepEqual(
      log.map(({ tid, user, description, extension }) => [
        tid,
        ...[user, description, extension].map(text),
      ]),
      tids.map((tid, i) => [tid, 'abcd'[i], `by ${'abcd'[i]}`, 'x']).reverse(),
    );
    const users = (options: object): unknown =>
      storage.undoLog?.(options).map(({ user }) => text(user));
    deepEqual(users({ limit: 2 }), ['d', 'c']);
    deepEqual(users({ first: 1, limit: 2 }), ['c', 'b']);
    const filter = ({ user }: { user: Uint8Array }): boolean => text(user) !== 'c';
    deepEqual(users({ first: 1, limit: 2, filter }), ['b', 'a']);
    throws(() => storage.undoLog?.({ limit: -1 }), coded('ARGUMENT'));
  });
}

function undo(storage: Storage, ...tids: readonly Tid[]): Tid {
  return commit(storage, (transaction) => {
    for (const tid of tids) transaction.undo?.(tid);
  });
}

// The conformance suite: what every storage must do, as tests for any runner that has `describe` and `it`.
//
//     storageSuite({ describe, it }, 'MyStorage', () => new MyStorage());

import { deepEqual, equal, notEqual, ok, throws } from 'node:assert/strict';
import { MAX_TID, type Oid, type Tid, ZERO_TID } from '../zodb/ids.ts';
import type { Storage } from '../zodb/storage.ts';
import { blobSuite } from './blob-suite.ts';
import { historySuite, packSuite, restoreSuite } from './history-suite.ts';
import { bytes, coded, put, text } from './suite.ts';
import { undoSuite } from './undo-suite.ts';

/** The two functions of a test runner that the suite uses. */
export interface TestRunner {
  describe(title: string, body: () => void): void;
  it(title: string, body: () => void): void;
}

/** What a storage does otherwise than most. */
export interface SuiteOptions {
  /** Whether a pack removes what nothing refers to. Default: true. */
  readonly gc?: boolean;
}

/**
 * Declares the tests of the suite; `make` gives a new, empty storage to each. What a storage cannot do, by its `can` and
 * its optional methods, is not tested.
 */
export function storageSuite(
  runner: TestRunner,
  name: string,
  make: () => Storage,
  options: SuiteOptions = {},
): void {
  const test = (title: string, body: (storage: Storage) => void): void =>
    runner.it(title, () => {
      const storage = make();
      try {
        body(storage);
      } finally {
        storage.close();
      }
    });

  runner.describe(`${name} as a storage`, () => {
    test('is empty at first', (storage) => {
      equal(storage.length(), 0);
      equal(storage.lastTransaction(), ZERO_TID);
      deepEqual([...storage.iterate()], []);
      throws(() => storage.load(1n as Oid), coded('POS_KEY'));
      throws(() => storage.getTid(1n as Oid), coded('POS_KEY'));
    });

    test('gives back what was stored, with the tid of its transaction', (storage) => {
      const oid = storage.newOid();
      const tid = put(storage, oid, ZERO_TID, 'one');
      const { data, ...rest } = storage.load(oid) ?? {};
      equal(text(data), 'one');
      deepEqual(rest, { tid, next: undefined });
      equal(storage.getTid(oid), tid);
      equal(storage.lastTransaction(), tid);
      equal(storage.length(), 1);
    });

    test('gives memory that the caller may overwrite', (storage) => {
      const oid = storage.newOid();
      put(storage, oid, ZERO_TID, 'one');
      storage.load(oid)?.data.fill(0);
      equal(text(storage.load(oid)?.data), 'one');
    });

    test('loads each revision at its time', (storage) => {
      const oid = storage.newOid();
      const tids: Tid[] = [];
      for (const value of ['one', 'two', 'three'])
        tids.push(put(storage, oid, tids.at(-1) ?? ZERO_TID, value));
      const [first, second, third] = tids as [Tid, Tid, Tid];
      ok(first < second && second < third);
      const at = (before: Tid): unknown => {
        const found = storage.load(oid, before);
        return found && [text(found.data), found.tid, found.next];
      };
      equal(at(first), undefined);
      deepEqual(at((first + 1n) as Tid), ['one', first, second]);
      deepEqual(at(second), ['one', first, second]);
      deepEqual(at(third), ['two', second, third]);
      deepEqual(at(MAX_TID), ['three', third, undefined]);
      equal(text(storage.loadSerial(oid, second)), 'two');
      throws(() => storage.loadSerial(oid, (third + 1n) as Tid), coded('POS_KEY'));
    });

    test('refuses a store over a revision that is not the newest', (storage) => {
      const oid = storage.newOid();
      const first = put(storage, oid, ZERO_TID, 'one');
      const second = put(storage, oid, first, 'two');
      const transaction = storage.begin({});
      throws(
        () => transaction.store(oid, first, bytes('lost')),
        (error) => {
          deepEqual((error as { serials: unknown }).serials, [second, first]);
          return coded('CONFLICT')(error);
        },
      );
      transaction.abort();
      equal(text(storage.load(oid)?.data), 'two');
    });

    test('stores what its resolver makes of a conflict, and names the object at vote', (storage) => {
      const oid = storage.newOid();
      const first = put(storage, oid, ZERO_TID, 'one');
      put(storage, oid, first, 'two');
      storage.resolveConflict = ({ data, committedData, original }) =>
        bytes(`${text(original())}+${text(committedData)}+${text(data)}`);
      const transaction = storage.begin({});
      transaction.store(oid, first, bytes('three'));
      deepEqual(transaction.vote(), [oid]);
      transaction.finish();
      equal(text(storage.load(oid)?.data), 'one+two+three');
    });

    test('says why its resolver could not merge, as the cause of the conflict', (storage) => {
      const oid = storage.newOid();
      const first = put(storage, oid, ZERO_TID, 'one');
      put(storage, oid, first, 'two');
      const why = new Error('too different');
      storage.resolveConflict = () => {
        throw why;
      };
      const transaction = storage.begin({});
      throws(
        () => transaction.store(oid, first, bytes('three')),
        (error) => coded('CONFLICT')(error) && (error as Error).cause === why,
      );
      transaction.abort();
    });

    test('tells a reader whose object changed meanwhile', (storage) => {
      const oid = storage.newOid();
      const first = put(storage, oid, ZERO_TID, 'one');
      const second = put(storage, oid, first, 'two');
      const transaction = storage.begin({});
      transaction.checkCurrent(oid, second);
      throws(() => transaction.checkCurrent(oid, first), coded('READ_CONFLICT'));
      transaction.abort();
    });

    test('shows nothing of a transaction before it is finished', (storage) => {
      const oid = storage.newOid();
      const transaction = storage.begin({});
      transaction.store(oid, ZERO_TID, bytes('one'));
      throws(() => storage.load(oid), coded('POS_KEY'));
      transaction.vote();
      throws(() => storage.load(oid), coded('POS_KEY'));
      transaction.finish();
      equal(text(storage.load(oid)?.data), 'one');
    });

    for (const voted of [false, true])
      test(`forgets a transaction that is aborted ${voted ? 'after' : 'before'} its vote`, (storage) => {
        const oid = storage.newOid();
        const transaction = storage.begin({});
        transaction.store(oid, ZERO_TID, bytes('one'));
        if (voted) transaction.vote();
        transaction.abort();
        transaction.abort();
        throws(() => storage.load(oid), coded('POS_KEY'));
        equal(storage.lastTransaction(), ZERO_TID);
        put(storage, oid, ZERO_TID, 'two');
        equal(text(storage.load(oid)?.data), 'two');
      });

    test('tells listeners of a commit before anyone can load it', (storage) => {
      const oid = storage.newOid();
      const heard: unknown[] = [];
      const stop = storage.onInvalidate((tid, oids) => {
        throws(() => storage.load(oid), coded('POS_KEY'));
        heard.push(['listener', tid, [...oids]]);
      });
      const transaction = storage.begin({});
      transaction.store(oid, ZERO_TID, bytes('one'));
      transaction.vote();
      const tid = transaction.finish((committed) => {
        throws(() => storage.load(oid), coded('POS_KEY'));
        heard.push(['callback', committed]);
      });
      deepEqual(heard, [
        ['listener', tid, [oid]],
        ['callback', tid],
      ]);
      stop();
      put(storage, oid, tid, 'two');
      equal(heard.length, 2);
    });

    test('commits although a listener throws', (storage) => {
      const oid = storage.newOid();
      storage.onInvalidate(() => {
        throw new Error('listener');
      });
      throws(() => put(storage, oid, ZERO_TID, 'one'), { message: 'listener' });
      equal(text(storage.load(oid)?.data), 'one');
    });

    test('gives new oids that were never stored', (storage) => {
      put(storage, 0x1234n as Oid, ZERO_TID, 'one');
      const oids = [storage.newOid(), storage.newOid()];
      notEqual(oids[0], oids[1]);
      for (const oid of oids) throws(() => storage.load(oid), coded('POS_KEY'));
    });

    test('iterates over transactions, their texts and records, within a range', (storage) => {
      const one = storage.newOid();
      const two = storage.newOid();
      const transaction = storage.begin({
        user: 'usér',
        description: bytes('why'),
        extension: bytes('x'),
      });
      transaction.store(one, ZERO_TID, bytes('1'));
      transaction.store(two, ZERO_TID, bytes('2'));
      transaction.vote();
      const first = transaction.finish();
      const second = put(storage, one, first, '1.1');
      const seen = (range: object): unknown =>
        [...storage.iterate(range)].map((t) => [
          t.tid,
          t.status,
          [t.user, t.description, t.extension].map(text),
          [...t.records()].map((r) => [r.oid, r.tid, text(r.data), r.dataTid]),
        ]);
      const firstSeen = [
        first,
        ' ',
        ['usér', 'why', 'x'],
        [
          [one, first, '1', undefined],
          [two, first, '2', undefined],
        ],
      ];
      const secondSeen = [second, ' ', ['', '', ''], [[one, second, '1.1', undefined]]];
      deepEqual(seen({}), [firstSeen, secondSeen]);
      deepEqual(seen({ start: second }), [secondSeen]);
      deepEqual(seen({ stop: first }), [firstSeen]);
      deepEqual(seen({ start: first + 1n, stop: second - 1n }), []);
    });

    test('takes a tid for a transaction, but only a later one', (storage) => {
      const tid = 0x0400_0000_0000_0000n as Tid;
      const transaction = storage.begin({}, tid);
      transaction.vote();
      equal(transaction.finish(), tid);
      throws(() => storage.begin({}, tid), coded('ARGUMENT'));
      notEqual(put(storage, storage.newOid(), ZERO_TID, 'one'), tid);
    });

    test('keeps tids increasing when the clock has gone back', (storage) => {
      const future = 0x0700_0000_ffff_ffffn as Tid;
      const transaction = storage.begin({}, future);
      transaction.vote();
      transaction.finish();
      equal(put(storage, storage.newOid(), ZERO_TID, 'one'), 0x0700_0001_0000_0000n);
    });

    test('refuses calls in the wrong order', (storage) => {
      const transaction = storage.begin({});
      const wrong = coded('STORAGE_TRANSACTION');
      throws(() => storage.begin({}), wrong);
      throws(() => transaction.finish(), wrong);
      transaction.vote();
      throws(() => transaction.vote(), wrong);
      throws(() => transaction.store(1n as Oid, ZERO_TID, bytes('x')), wrong);
      transaction.finish();
      throws(() => transaction.finish(), wrong);
      throws(() => transaction.vote(), wrong);
    });

    test('refuses a transaction whose texts are no text, and takes the next one', (storage) => {
      const oid = storage.newOid();
      const first = put(storage, oid, ZERO_TID, 'one');
      for (const name of ['user', 'description', 'extension'])
        throws(() => storage.begin({ [name]: 5 as never }), coded('ARGUMENT'));
      put(storage, oid, first, 'two');
      equal(text(storage.load(oid)?.data), 'two');
    });

    test('refuses a record of no bytes', (storage) => {
      const transaction = storage.begin({});
      throws(() => transaction.store(1n as Oid, ZERO_TID, new Uint8Array()), coded('STORAGE'));
      transaction.abort();
    });

    historySuite(test);
    undoSuite(test);
    restoreSuite(test);
    packSuite(test, options.gc ?? true);
    blobSuite(test);

    test('says so when it is used after it was closed', (storage) => {
      storage.close();
      for (const use of [
        () => storage.load(1n as Oid),
        () => storage.newOid(),
        () => storage.begin({}),
        () => storage.lastTransaction(),
        () => [...storage.iterate()],
      ])
        throws(use, coded('CLOSED'));
    });
  });
}

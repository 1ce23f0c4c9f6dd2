// The conformance suite of the files of blobs, in storages that have them.

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Oid, type Tid, ZERO_TID } from '../zodb/ids.ts';
import type { Storage } from '../zodb/storage.ts';
import { bytes, coded, commit, type StorageTest } from './suite.ts';

/** The record of an object of class ZODB.blob.Blob. */
const RECORD = bytes('cZODB.blob\nBlob\n.N.');

export function blobSuite(all: StorageTest): void {
  const test: StorageTest = (title, body) => {
    all(title, (storage) => {
      if (storage.can.blobs) body(storage);
    });
  };

  test('keeps blobs in files, one for each revision', (storage) => {
    const oid = storage.newOid();
    const first = putBlob(storage, oid, ZERO_TID, 'one');
    const second = putBlob(storage, oid, first, 'two');
    deepEqual(
      [first, second].map((tid) => readBlob(storage, oid, tid)),
      ['one', 'two'],
    );
    throws(() => storage.loadBlob?.(oid, (second + 1n) as Tid), coded('POS_KEY'));
    throws(() => storage.loadBlob?.((oid + 1n) as Oid, first), coded('POS_KEY'));
  });

  for (const voted of [false, true])
    test(`forgets the blobs of a transaction that is aborted ${voted ? 'after' : 'before'} its vote`, (storage) => {
      const oid = storage.newOid();
      const transaction = storage.begin({});
      const file = blobFile(storage, 'one');
      transaction.storeBlob?.(oid, ZERO_TID, RECORD, file);
      if (voted) transaction.vote();
      transaction.abort();
      ok(!existsSync(file));
      throws(() => storage.loadBlob?.(oid, transaction.tid), coded('POS_KEY'));
      const tid = putBlob(storage, oid, ZERO_TID, 'two');
      equal(readBlob(storage, oid, tid), 'two');
    });

  test('leaves the file of a blob where it was when the record conflicts', (storage) => {
    const oid = storage.newOid();
    const first = putBlob(storage, oid, ZERO_TID, 'one');
    putBlob(storage, oid, first, 'two');
    const transaction = storage.begin({});
    const file = blobFile(storage, 'lost');
    throws(() => transaction.storeBlob?.(oid, first, RECORD, file), coded('CONFLICT'));
    transaction.abort();
    equal(readFileSync(file, 'utf8'), 'lost');
    rmSync(file);
  });

  test('removes the files of revisions that are packed away', (storage) => {
    if (!storage.can.pack) return;
    const oid = storage.newOid();
    const first = putBlob(storage, oid, ZERO_TID, 'one');
    const second = putBlob(storage, oid, first, 'two');
    const file = storage.loadBlob?.(oid, first) ?? '';
    equal(storage.pack?.({ gc: false, dryRun: true }).blobsRemoved, 1);
    ok(existsSync(file));
    equal(storage.pack?.({ gc: false }).blobsRemoved, 1);
    ok(!existsSync(file));
    throws(() => storage.loadBlob?.(oid, first), coded('POS_KEY'));
    equal(readBlob(storage, oid, second), 'two');
  });
}

function putBlob(storage: Storage, oid: Oid, serial: Tid, content: string): Tid {
  return commit(storage, (transaction) =>
    transaction.storeBlob?.(oid, serial, RECORD, blobFile(storage, content)),
  );
}

let files = 0;

function blobFile(storage: Storage, content: string): string {
  const file = join(storage.blobTemporaryFolder?.() ?? tmpdir(), `suite-${++files}`);
  writeFileSync(file, content);
  return file;
}

function readBlob(storage: Storage, oid: Oid, tid: Tid): string {
  return readFileSync(storage.loadBlob?.(oid, tid) ?? '', 'utf8');
}

// Commits on a disk that fails (failing-disk.c), one failure after another, and checks what is promised for each. Prints how
// many failures there were of each kind.

import { deepEqual, equal, ok } from 'node:assert/strict';
import { openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { isZodbError } from '../../src/errors.ts';
import { FileStorage } from '../../src/filestorage/index.ts';
import { formatId, type Oid, ZERO_TID } from '../../src/zodb/ids.ts';

const [file, errno, sizes] = process.argv.slice(2) as [string, string, string];
const control = openSync(process.env['FAILING_CONTROL'] as string, 'r+');

function choose(countdown: number, error: number): void {
  const bytes = Buffer.alloc(12);
  bytes.writeInt32LE(countdown, 0);
  bytes.writeInt32LE(error, 4);
  writeSync(control, bytes, 0, 12, 0);
}

/** Whether the chosen call came. */
function failed(): boolean {
  const bytes = Buffer.alloc(12);
  readSync(control, bytes, 0, 12, 0);
  return bytes.readInt32LE(0) <= 0;
}

const tidsOf = (storage: FileStorage): string[] =>
  [...storage.iterate()].map(({ tid }) => formatId(tid));

const seen: Record<string, number> = {};

for (const size of sizes.split(',').map(Number)) {
  for (let call = 1; ; call++) {
    let storage = new FileStorage(file);
    commit(storage, 100);
    const before = readFileSync(file);
    const known = tidsOf(storage);
    let told = 0;
    storage.onInvalidate(() => told++);
    choose(call, Number(errno));
    let code = 'none';
    try {
      commit(storage, size);
    } catch (error) {
      ok(isZodbError(error), String((error as Error).stack));
      code = error.code;
    }
    const reached = failed();
    choose(0, 0);
    seen[code] = (seen[code] ?? 0) + 1;
    if (!reached) {
      equal(code, 'none');
      storage.close();
      break;
    }
    if (code === 'WRITE') {
      equal(told, 0);
      deepEqual(tidsOf(storage), known);
      ok(readFileSync(file).subarray(0, before.length).equals(before));
      const next = commit(storage, 50);
      deepEqual(tidsOf(storage), [...known, next]);
      storage.close();
    } else if (code === 'COMMIT_OUTCOME_UNKNOWN') {
      equal(told, 0);
      let refused = '';
      try {
        storage.begin({});
      } catch (error) {
        refused = (error as { code: string }).code;
      }
      equal(refused, 'STORAGE');
      storage.close();
    } else {
      // What fails after a commit, or in cutting off what a failed one left, may not be seen.
      equal(code, 'none');
      storage.close();
    }
    storage = new FileStorage(file);
    const after = tidsOf(storage);
    deepEqual(after.slice(0, known.length), known);
    ok(after.length - known.length <= 1);
    for (const transaction of storage.iterate()) ok([...transaction.records()].length === 3);
    storage.close();
  }
}
console.log(JSON.stringify(seen));

function commit(storage: FileStorage, size: number): string {
  const transaction = storage.begin({ description: 'some objects' });
  try {
    for (let i = 0; i < 3; i++)
      transaction.store(storage.newOid() as Oid, ZERO_TID, new Uint8Array(size).fill(i));
    transaction.vote();
  } catch (error) {
    transaction.abort();
    throw error;
  }
  return formatId(transaction.finish());
}

// Node's side of the alternating sequences: the same steps, and the same lines about what can be read, as sequences.py.

import { writeFileSync } from 'node:fs';
import { FileStorage } from '../../../src/filestorage/index.ts';
import { isZodbError } from '../../../src/main.ts';
import { PyDict } from '../../../src/pickle/index.ts';
import { temporaryFile } from '../../../src/zodb/blob-folder.ts';
import { resolveConflict } from '../../../src/zodb/conflict.ts';
import { formatId, MAX_TID, type Oid, oid, type Tid, tid } from '../../../src/zodb/ids.ts';
import { classNameOf } from '../../../src/zodb/record.ts';
import type { StorageTransaction } from '../../../src/zodb/storage.ts';
import { tidOfDate } from '../../../src/zodb/time.ts';
import { toHex } from '../../hex.ts';
import type { CommitStep, Operation, Outcome, PackStep, Step } from './sequence-steps.ts';

const Counter = {
  _p_resolveConflict(old: unknown, committed: unknown, changed: unknown): unknown {
    const value = (state: unknown): number => (state as PyDict).get('value') as number;
    const merged = new PyDict(committed as PyDict);
    merged.set('value', value(committed) + value(changed) - value(old));
    return merged;
  },
};

const ERRORS = [
  ['READ_CONFLICT', 'ReadConflictError'],
  ['CONFLICT', 'ConflictError'],
  ['MULTIPLE_UNDO', 'MultipleUndoErrors'],
  ['UNDO', 'UndoError'],
  ['POS_KEY', 'POSKeyError'],
] as const;

/** `blobDir` is the folder of the blobs, where there are any. */
export function doStep(file: string, step: Step, blobDir?: string): Outcome {
  using storage = new FileStorage(file, { blobDir, fsync: false });
  storage.resolveConflict = (conflict) =>
    resolveConflict(conflict, (spelling) =>
      classNameOf(spelling)?.name === 'Counter' ? Counter : undefined,
    );
  return step.kind === 'commit' ? commit(storage, step) : pack(storage, step);
}

function commit(storage: FileStorage, step: CommitStep): Outcome {
  const transaction = storage.begin(
    {
      user: bytes(step.user),
      description: bytes(step.description),
      extension: bytes(step.extension),
    },
    tid(step.tid),
    step.status,
  );
  const done: unknown[] = [];
  try {
    for (const operation of step.operations)
      done.push(operate(storage, transaction, operation) ?? null);
    if (step.end === 'abort') {
      transaction.abort();
      return { done };
    }
    const resolved = transaction.vote().map(formatId);
    if (step.end === 'abort after vote') transaction.abort();
    else transaction.finish();
    return { done, resolved };
  } catch (error) {
    transaction.abort();
    const [, name] = ERRORS.find(([code]) => isZodbError(error, code)) ?? [];
    if (name === undefined) throw error;
    return { done, error: name };
  }
}

function operate(
  storage: FileStorage,
  transaction: Required<StorageTransaction>,
  operation: Operation,
): unknown {
  switch (operation.kind) {
    case 'store':
      return transaction.store(oid(operation.oid), tid(operation.serial), bytes(operation.data));
    case 'delete':
      return transaction.deleteObject(oid(operation.oid), tid(operation.serial));
    case 'check':
      return transaction.checkCurrent(oid(operation.oid), tid(operation.serial));
    case 'undo':
      return transaction.undo(tid(operation.tid)).map(formatId).sort();
    case 'restore':
      return transaction.restore(
        oid(operation.oid),
        operation.data === null ? undefined : bytes(operation.data),
        operation.dataTid === null ? undefined : tid(operation.dataTid),
      );
    case 'storeBlob':
      return transaction.storeBlob(
        oid(operation.oid),
        tid(operation.serial),
        bytes(operation.data),
        fileWith(storage, operation.content),
      );
    case 'restoreBlob':
      return transaction.restoreBlob(
        oid(operation.oid),
        bytes(operation.data),
        fileWith(storage, operation.content),
        operation.dataTid === null ? undefined : tid(operation.dataTid),
      );
  }
}

function fileWith(storage: FileStorage, content: string): string {
  const file = temporaryFile(storage.blobTemporaryFolder(), 'step');
  writeFileSync(file, bytes(content));
  return file;
}

function pack(storage: FileStorage, { time, gc }: PackStep): Outcome {
  try {
    storage.pack({ before: tidOfDate(new Date(time * 1000)), gc });
  } catch (error) {
    // There is no root object.
    if (!isZodbError(error, 'POS_KEY')) throw error;
    return { done: [], error: 'KeyError' };
  }
  return { done: [] };
}

/** Everything that can be read, a line each. */
export function* seen(file: string): Generator<string> {
  using storage = new FileStorage(file, { readOnly: true });
  const tids: Tid[] = [];
  const oids = new Set<Oid>();
  for (const t of storage.iterate()) {
    tids.push(t.tid);
    const texts = [t.user, t.description, t.extension].map(toHex);
    yield ['txn', formatId(t.tid), `'${t.status}'`, ...texts].join(' ');
    for (const record of t.records()) {
      oids.add(record.oid);
      const { oid: id, tid: at, data, dataTid } = record;
      const from = dataTid === undefined ? '-' : formatId(dataTid);
      yield ['record', formatId(id), formatId(at), data ? toHex(data) : '-', from].join(' ');
    }
  }
  yield `last ${formatId(storage.lastTransaction())} ${storage.length()} ${storage.size()}`;
  for (const id of [...oids].sort((a, b) => (a < b ? -1 : 1))) {
    yield attempt(`current ${formatId(id)}`, () => {
      const { data, tid: at } = storage.load(id) ?? {};
      return `${toHex(data as Uint8Array)} ${formatId(at as Tid)}`;
    });
    yield attempt('tid', () => formatId(storage.getTid(id)));
    for (const before of [...tids, MAX_TID])
      yield attempt(`before ${formatId(before)}`, () => {
        const found = storage.load(id, before);
        if (found === undefined) return 'younger';
        const next = found.next === undefined ? '-' : formatId(found.next);
        return [toHex(found.data), formatId(found.tid), next].join(' ');
      });
    for (const entry of storage.history(id, 1000)) yield logged('history', entry);
  }
  for (const entry of storage.undoLog({ limit: 1000 })) yield logged('undo', entry);
  for (const { tid: at, oids: changed } of storage.lastInvalidations(5))
    yield ['invalidation', formatId(at), ...changed.map(formatId)].join(' ');
}

function logged(
  what: string,
  entry: { tid: Tid; user: Uint8Array; description: Uint8Array; size: number },
): string {
  const { user, description, size } = entry;
  return [what, formatId(entry.tid), toHex(user), toHex(description), size].join(' ');
}

function attempt(what: string, call: () => string): string {
  try {
    return `${what} ${call()}`;
  } catch (error) {
    if (!isZodbError(error, 'POS_KEY')) throw error;
    return `${what} POSKeyError`;
  }
}

function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

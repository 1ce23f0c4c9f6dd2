// The Node side of the adapter (adapter.py): storages of ours, driven by a Python program over a pipe, so that Python's own
// storage tests judge them. Frames of a 4-byte length and a pickle go both ways; one call is answered before the next. A
// commit's callback is a call from here while `finish` is being answered.

import { readSync, writeSync } from 'node:fs';
import { isZodbError, type ZodbError } from '../../../src/errors.ts';
import { FileStorage, type FileStorageOptions } from '../../../src/filestorage/index.ts';
import { MappingStorage } from '../../../src/memory/index.ts';
import { decode, encode, type PyDict, type PyTuple, tuple } from '../../../src/pickle/index.ts';
import { copyTransactions } from '../../../src/tools/index.ts';
import { readU64, writeU64 } from '../../../src/zodb/bytes.ts';
import { resolveConflict } from '../../../src/zodb/conflict.ts';
import type { Oid, Tid } from '../../../src/zodb/ids.ts';
import type { Storage, StorageTransaction, TransactionRecord } from '../../../src/zodb/storage.ts';
import { twinOf } from './conflict-classes.ts';

interface Opened {
  readonly storage: Storage;
  transaction: StorageTransaction | undefined;
}

const opened = new Map<number, Opened>();
const iterators = new Map<number, Iterator<TransactionRecord>>();
let handles = 0;

type Bytes = Uint8Array;
type Maybe<T> = T | null;

const id = <T extends Oid | Tid>(bytes: Bytes): T => readU64(bytes) as T;
const maybeId = (bytes: Maybe<Bytes>): Tid | undefined => (bytes === null ? undefined : id(bytes));
const idBytes = (value: bigint): Bytes => {
  const bytes = new Uint8Array(8);
  writeU64(bytes, value);
  return bytes;
};
const maybeBytes = (value: bigint | undefined): Maybe<Bytes> =>
  value === undefined ? null : idBytes(value);

function get(handle: number): Storage {
  return (opened.get(handle) as Opened).storage;
}

function transactionOf(handle: number): StorageTransaction {
  return (opened.get(handle) as Opened).transaction as StorageTransaction;
}

/** What the adapter can call. Ids are 8 bytes, options None where they are not given. */
const calls: Record<string, (...args: any[]) => unknown> = {
  open(kind: string, path: string, given: PyDict): number {
    const options = Object.fromEntries([...given.entries()]) as FileStorageOptions;
    const storage: Storage =
      kind === 'mapping' ? new MappingStorage() : new FileStorage(path, options);
    storage.resolveConflict = (conflict) => resolveConflict(conflict, twinOf);
    opened.set(++handles, { storage, transaction: undefined });
    return handles;
  },
  close(handle: number) {
    get(handle).close();
  },
  load(handle: number, oid: Bytes, before: Maybe<Bytes>) {
    const revision = get(handle).load(id(oid), maybeId(before));
    return revision && tuple(revision.data, idBytes(revision.tid), maybeBytes(revision.next));
  },
  loadSerial: (handle: number, oid: Bytes, tid: Bytes) => get(handle).loadSerial(id(oid), id(tid)),
  getTid: (handle: number, oid: Bytes) => idBytes(get(handle).getTid(id(oid))),
  lastTransaction: (handle: number) => idBytes(get(handle).lastTransaction()),
  newOid: (handle: number) => idBytes(get(handle).newOid()),
  size: (handle: number) => get(handle).size(),
  length: (handle: number) => get(handle).length(),
  begin(
    handle: number,
    [user, description, extension]: PyTuple,
    tid: Maybe<Bytes>,
    status: ' ' | 'p',
  ) {
    const texts = { user, description, extension } as Record<string, Bytes>;
    const { storage } = opened.get(handle) as Opened;
    const transaction = storage.begin(texts, maybeId(tid), status);
    (opened.get(handle) as Opened).transaction = transaction;
    return idBytes(transaction.tid);
  },
  store(handle: number, oid: Bytes, serial: Bytes, data: Bytes) {
    transactionOf(handle).store(id(oid), id(serial), data);
  },
  storeBlob(handle: number, oid: Bytes, serial: Bytes, data: Bytes, file: string) {
    transactionOf(handle).storeBlob?.(id(oid), id(serial), data, file);
  },
  restore(handle: number, oid: Bytes, data: Maybe<Bytes>, dataTid: Maybe<Bytes>) {
    transactionOf(handle).restore?.(id(oid), data ?? undefined, maybeId(dataTid));
  },
  restoreBlob(handle: number, oid: Bytes, data: Bytes, file: string, dataTid: Maybe<Bytes>) {
    transactionOf(handle).restoreBlob?.(id(oid), data, file, maybeId(dataTid));
  },
  deleteObject(handle: number, oid: Bytes, serial: Bytes) {
    transactionOf(handle).deleteObject?.(id(oid), id(serial));
  },
  undo: (handle: number, tid: Bytes) => transactionOf(handle).undo?.(id(tid)).map(idBytes),
  checkCurrent(handle: number, oid: Bytes, serial: Bytes) {
    transactionOf(handle).checkCurrent(id(oid), id(serial));
  },
  vote: (handle: number) => transactionOf(handle).vote().map(idBytes),
  finish(handle: number) {
    return idBytes(transactionOf(handle).finish((tid) => callBack(idBytes(tid))));
  },
  abort(handle: number) {
    transactionOf(handle).abort();
  },
  history: (handle: number, oid: Bytes, limit: number) =>
    get(handle)
      .history?.(id(oid), limit)
      .map((entry) => described(entry, entry.size)),
  undoLog: (handle: number, first: number, limit: number) =>
    get(handle)
      .undoLog?.({ first, limit })
      .map((entry) => described(entry, entry.size)),
  lastInvalidations: (handle: number, count: number) =>
    get(handle)
      .lastInvalidations?.(count)
      .map(({ tid, oids }) => tuple(idBytes(tid), oids.map(idBytes))),
  recordNext(handle: number, oid: Maybe<Bytes>) {
    const record = get(handle).recordNext?.(maybeId(oid) as Oid | undefined);
    return (
      record &&
      tuple(idBytes(record.oid), idBytes(record.tid), record.data, maybeBytes(record.next))
    );
  },
  pack(handle: number, before: Bytes, gc: boolean) {
    get(handle).pack?.({ before: id(before), gc });
  },
  loadBlob: (handle: number, oid: Bytes, tid: Bytes) => get(handle).loadBlob?.(id(oid), id(tid)),
  blobTemporaryFolder: (handle: number) => get(handle).blobTemporaryFolder?.(),
  copy(from: number, to: number) {
    copyTransactions(get(from), get(to));
  },
  iterate(handle: number, start: Maybe<Bytes>, stop: Maybe<Bytes>): number {
    const range = { start: maybeId(start), stop: maybeId(stop) };
    iterators.set(++handles, get(handle).iterate(range)[Symbol.iterator]());
    return handles;
  },
  next(iterator: number) {
    const { value, done } = (iterators.get(iterator) as Iterator<TransactionRecord>).next();
    if (done) {
      iterators.delete(iterator);
      return null;
    }
    const records = [...value.records()].map(({ oid, tid, data, dataTid }) =>
      tuple(idBytes(oid), idBytes(tid), data ?? null, maybeBytes(dataTid)),
    );
    return tuple(...described(value, 0), value.status, records);
  },
};

function described(
  entry: { tid: Tid; user: Bytes; description: Bytes; extension: Bytes },
  size: number,
): PyTuple {
  return tuple(idBytes(entry.tid), entry.user, entry.description, entry.extension, size);
}

// Frames.

function readExactly(length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const read = readSync(0, bytes, done, length - done, null);
    if (read === 0) return undefined;
    done += read;
  }
  return bytes;
}

function receive(): unknown[] | undefined {
  const head = readExactly(4);
  const body = head && readExactly(Buffer.from(head).readUInt32BE());
  return body && (decode(body) as unknown[]);
}

function send(...message: unknown[]): void {
  const body = encode(tuple(...message.map((part) => part ?? null)));
  const frame = Buffer.alloc(4 + body.length);
  frame.writeUInt32BE(body.length);
  frame.set(body, 4);
  for (let done = 0; done < frame.length; ) done += writeSync(1, frame, done);
}

/** Calls the program, which may call us in turn before it answers. */
function callBack(tid: Uint8Array): void {
  send('callback', tid);
  for (let message = receive(); message !== undefined; message = receive()) {
    const [name, ...rest] = message;
    if (name === 'return') return;
    if (name === 'raise') throw new Error(String(rest[0]));
    answer(message);
  }
}

function answer([name, ...args]: unknown[]): void {
  try {
    send('ok', calls[name as string]?.(...args));
  } catch (error) {
    send('error', ...failure(error));
  }
}

function failure(error: unknown): unknown[] {
  if (!isZodbError(error)) return ['', String((error as Error).stack), null, null, null];
  const { code, message } = error;
  const { oid, serials, errors } = error as ZodbError & {
    oid?: bigint;
    serials?: readonly bigint[];
    errors?: readonly (ZodbError & { oid?: bigint })[];
  };
  return [
    code,
    message,
    maybeBytes(oid),
    serials === undefined ? null : tuple(...serials.map(idBytes)),
    errors?.map((each) => tuple(maybeBytes(each.oid), each.message)),
  ];
}

for (let message = receive(); message !== undefined; message = receive()) answer(message);

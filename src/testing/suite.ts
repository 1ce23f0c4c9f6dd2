// What the parts of the conformance suite share.

import { isZodbError } from '../errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import { ZERO_TID } from '../zodb/ids.ts';
import type { Storage, StorageTransaction, TransactionMetadata } from '../zodb/storage.ts';

/** Declares a test that gets a new, empty storage. */
export type StorageTest = (title: string, body: (storage: Storage) => void) => void;

/** Commits what `act` does with a transaction. */
export function commit(
  storage: Storage,
  act: (transaction: StorageTransaction) => void,
  metadata: TransactionMetadata = {},
): Tid {
  const transaction = storage.begin(metadata);
  act(transaction);
  transaction.vote();
  return transaction.finish();
}

/** Commits one record. */
export function put(storage: Storage, oid: Oid, serial: Tid, value: string): Tid {
  return commit(storage, (transaction) => transaction.store(oid, serial, bytes(value)));
}

/** Commits revisions of an object, one a transaction. */
export function putAll(storage: Storage, oid: Oid, values: readonly string[]): Tid[] {
  const tids: Tid[] = [];
  for (const value of values) tids.push(put(storage, oid, tids.at(-1) ?? ZERO_TID, value));
  return tids;
}

/** The record of an object that refers to these others. */
export function referring(...oids: readonly Oid[]): Uint8Array {
  const pickles = [0x80, 3, 0x63, ...bytes('m\nC\n'), 0x2e, 0x80, 3, 0x28];
  for (const oid of oids) {
    const digits = oid.toString(16).padStart(16, '0');
    const id = digits.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
    pickles.push(0x43, 8, ...id, 0x51);
  }
  return Uint8Array.from([...pickles, 0x74, 0x2e]);
}

export const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

export const text = (value: Uint8Array | undefined): string | undefined =>
  value && new TextDecoder().decode(value);

/** The newest data of an object as text; `undefined` where it does not exist. */
export function current(storage: Storage, oid: Oid): string | undefined {
  try {
    return text(storage.load(oid)?.data);
  } catch (error) {
    if (isZodbError(error, 'POS_KEY')) return undefined;
    throw error;
  }
}

export const coded =
  (code: string) =>
  (error: unknown): boolean =>
    isZodbError(error, code);

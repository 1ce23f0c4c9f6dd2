// What is said about a transaction, as its storage keeps it: texts in UTF-8, and the extension, a pickled dictionary.

import { decode, Pickler, PyDict } from '../pickle/index.ts';
import type { Tid } from './ids.ts';
import type { HistoryEntry, Storage, TransactionMetadata } from './storage.ts';
import { dateOfTid } from './time.ts';
import type { Transaction } from './transaction.ts';

/** A transaction of a database's history, in words. */
export interface TransactionInfo {
  readonly tid: Tid;
  readonly time: Date;
  readonly user: string;
  readonly description: string;
  /** What `setExtendedInfo` stored, by name. Empty if it cannot be decoded. */
  readonly extension: ReadonlyMap<string, unknown>;
  /** Bytes: of the whole transaction in an undo log, of the object's record in its history. */
  readonly size: number;
}

/** The metadata to begin a transaction of a storage of this dialect with. @throws PickleError for extended info that no pickle can hold */
export function writeMetadata(
  transaction: Transaction,
  dialect: Storage['dialect'],
): TransactionMetadata {
  const { user, description, extension } = transaction;
  if (extension.size === 0) return { user, description };
  const pickler = new Pickler(dialect === 'python2' ? { dialect, protocol: 1 } : {});
  pickler.dump(new PyDict(extension));
  return { user, description, extension: pickler.take() };
}

/** What `writeMetadata` undoes, for an entry of a history or undo log. */
export function readMetadata(entry: HistoryEntry): TransactionInfo {
  const { tid, size } = entry;
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return {
    tid,
    time: dateOfTid(tid),
    user: text(entry.user),
    description: text(entry.description),
    extension: readExtension(entry.extension),
    size,
  };
}

function readExtension(bytes: Uint8Array): ReadonlyMap<string, unknown> {
  if (bytes.length === 0) return new Map();
  try {
    const value = decode(bytes);
    if (value instanceof PyDict)
      return new Map([...value].map(([name, each]) => [String(name), each]));
  } catch {
    // What others said about a transaction is no reason not to show that there was one.
  }
  return new Map();
}

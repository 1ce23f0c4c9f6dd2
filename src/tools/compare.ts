// Whether two storages hold the same transactions.

import { bytesEqual } from '../zodb/bytes.ts';
import { formatId } from '../zodb/ids.ts';
import type { DataRecord, Storage, TidRange, TransactionRecord } from '../zodb/storage.ts';

/** How to compare. */
export interface CompareOptions {
  /** The transactions wanted; all of them by default. */
  readonly range?: TidRange;
  /** Called with the number of transactions found equal so far; `false` stops. */
  readonly onProgress?: (transactions: number) => unknown;
}

/**
 * The first difference of two storages, in words, or `undefined` where they are equal: the same transactions with the
 * same texts and the same records. Records that repeat older data must say so in both.
 */
export function firstDifference(
  one: Storage,
  two: Storage,
  options: CompareOptions = {},
): string | undefined {
  const first = one.iterate(options.range)[Symbol.iterator]();
  const second = two.iterate(options.range)[Symbol.iterator]();
  for (let transactions = 0; ; transactions++) {
    const a = first.next().value as TransactionRecord | undefined;
    const b = second.next().value as TransactionRecord | undefined;
    if (a === undefined && b === undefined) return undefined;
    if (b === undefined || (a !== undefined && a.tid < b.tid))
      return `tid ${formatId((a as TransactionRecord).tid)} present in stor1 but not in stor2`;
    if (a === undefined || b.tid < a.tid)
      return `tid ${formatId(b.tid)} present in stor2 but not in stor1`;
    if (!sameTransaction(a, b)) return `transaction ${formatId(a.tid)} is different`;
    if (options.onProgress?.(transactions + 1) === false) return undefined;
  }
}

function sameTransaction(a: TransactionRecord, b: TransactionRecord): boolean {
  if (a.status !== b.status) return false;
  for (const text of ['user', 'description', 'extension'] as const)
    if (!bytesEqual(a[text], b[text])) return false;
  const first = inOrder(a);
  const second = inOrder(b);
  return (
    first.length === second.length &&
    first.every((record, index) => sameRecord(record, second[index] as DataRecord))
  );
}

/** The records by oid: storages may give them in another order than they were stored in. */
function inOrder(transaction: TransactionRecord): DataRecord[] {
  return [...transaction.records()].sort((a, b) => (a.oid < b.oid ? -1 : a.oid > b.oid ? 1 : 0));
}

function sameRecord(a: DataRecord, b: DataRecord): boolean {
  if (a.oid !== b.oid || a.dataTid !== b.dataTid) return false;
  if (a.data === undefined || b.data === undefined) return a.data === b.data;
  return bytesEqual(a.data, b.data);
}

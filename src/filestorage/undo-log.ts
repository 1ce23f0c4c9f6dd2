// What happened, newest first: of the whole file (the undo log), and of one object (its history).

import { ArgumentError } from '../zodb/errors.ts';
import type { Oid } from '../zodb/ids.ts';
import type { HistoryEntry, Invalidation, UndoLogEntry, UndoLogOptions } from '../zodb/storage.ts';
import { transactionAt, transactionsBackward } from './backward.ts';
import { STATUS } from './format.ts';
import { iterate } from './iterate.ts';
import type { RecordReader } from './reader.ts';
import { type Source, Window } from './source.ts';

const DEFAULT_LIMIT = 20;

/** The transactions that can be undone: those after the last one that was packed. @throws ArgumentError, CorruptedDataError */
export function undoLog(source: Source, end: number, options: UndoLogOptions = {}): UndoLogEntry[] {
  const { first = 0, limit = DEFAULT_LIMIT, filter } = options;
  checkCount('first', first);
  checkCount('limit', limit);
  const entries: UndoLogEntry[] = [];
  let number = 0;
  if (limit === 0) return entries;
  for (const { header, texts } of transactionsBackward(source, end)) {
    if (header.status === STATUS.packed) break;
    if (header.status !== STATUS.complete) continue;
    if (filter === undefined && number < first) {
      number++;
      continue;
    }
    const entry = { tid: header.tid, ...texts(), size: header.length };
    if (filter !== undefined && !filter(entry)) continue;
    if (number++ < first) continue;
    entries.push(entry);
    if (entries.length >= limit) break;
  }
  return entries;
}

/** What the newest `count` transactions changed, oldest first. @throws ArgumentError, CorruptedDataError */
export function lastInvalidations(source: Source, end: number, count: number): Invalidation[] {
  checkCount('count', count);
  let from = end;
  let left = count;
  for (const { position } of transactionsBackward(source, end)) {
    if (left-- <= 0) break;
    from = position;
  }
  return Array.from(iterate(source, end, {}, from), (transaction) => ({
    tid: transaction.tid,
    oids: [...transaction.oids()],
  }));
}

/** The newest `limit` revisions of an object. @throws ArgumentError, POSKeyError, CorruptedDataError */
export function history(
  source: Source,
  reader: RecordReader,
  oid: Oid,
  limit: number,
): HistoryEntry[] {
  checkCount('limit', limit);
  const window = new Window(source);
  const entries: HistoryEntry[] = [];
  for (const { tid, transaction, length } of reader.revisions(oid)) {
    if (entries.length >= limit) break;
    entries.push({ tid, ...transactionAt(window, transaction).texts(), size: length });
  }
  return entries;
}

function checkCount(name: string, value: unknown): void {
  const count = value === Number.POSITIVE_INFINITY || Number.isSafeInteger(value);
  if (!count || (value as number) < 0)
    throw new ArgumentError(`${name} is a number of entries, got ${String(value)}`);
}

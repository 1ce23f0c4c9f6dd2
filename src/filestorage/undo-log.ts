// What happened, newest first: of the whole file (the undo log), and of one object (its history).

import { ArgumentError } from '../zodb/errors.ts';
import type { Oid } from '../zodb/ids.ts';
import type { HistoryEntry, Invalidation, UndoLogEntry, UndoLogOptions } from '../zodb/storage.ts';
import { BackwardWalk } from './backward.ts';
import { STATUS } from './format.ts';
import { iterate } from './iterate.ts';
import type { RecordReader } from './reader.ts';
import type { Source } from './source.ts';

const DEFAULT_LIMIT = 20;

/** The transactions that can be undone: those after the last one that was packed. @throws ArgumentError, CorruptedDataError */
export function undoLog(source: Source, end: number, options: UndoLogOptions = {}): UndoLogEntry[] {
  const { first = 0, limit = DEFAULT_LIMIT, filter } = options;
  checkCount('first', first);
  checkCount('limit', limit);
  const entries: UndoLogEntry[] = [];
  let number = 0;
  const walk = new BackwardWalk(source, end);
  while (entries.length < limit && walk.step()) {
    const { status } = walk;
    if (status === STATUS.packed) break;
    if (status !== STATUS.complete) continue;
    if (filter === undefined && number < first) {
      number++;
      continue;
    }
    const { user, description, extension } = walk.texts();
    const entry = { tid: walk.tid, user, description, extension, size: walk.size };
    if (filter !== undefined && !filter(entry)) continue;
    if (number++ >= first) entries.push(entry);
  }
  return entries;
}

/** What the newest `count` transactions changed, oldest first. @throws ArgumentError, CorruptedDataError */
export function lastInvalidations(source: Source, end: number, count: number): Invalidation[] {
  checkCount('count', count);
  let from = end;
  let left = count;
  const walk = new BackwardWalk(source, end);
  while (left-- > 0 && walk.step()) from = walk.position;
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
  const walk = new BackwardWalk(source, 0);
  const entries: HistoryEntry[] = [];
  for (const { tid, transaction, length } of reader.revisions(oid)) {
    if (entries.length >= limit) break;
    walk.standAt(transaction);
    entries.push({ tid, ...walk.texts(), size: length });
  }
  return entries;
}

function checkCount(name: string, value: unknown): void {
  const count = value === Number.POSITIVE_INFINITY || Number.isSafeInteger(value);
  if (!count || (value as number) < 0)
    throw new ArgumentError(`${name} is a number of entries, got ${String(value)}`);
}

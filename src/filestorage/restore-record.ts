// Records that repeat others. Where a record that is copied from another storage repeats the data of an earlier one, it is
// written as a back pointer to that one, which is what undo writes, so that a copy has the bytes of the original.

import { bytesEqual } from '../zodb/bytes.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import { BackwardWalk } from './backward.ts';
import type { CommitHost } from './commit-host.ts';
import { FileTransactionRecord } from './iterate.ts';
import { type Source, Window } from './source.ts';

/**
 * The position of the record of `oid` that `tid` wrote, if it holds `data` or is a back pointer itself; 0 where it is
 * another's, or packed away: then the data are written again.
 */
export function recordHolding(
  host: CommitHost,
  oid: Oid,
  data: Uint8Array | undefined,
  tid: Tid,
): number {
  const { reader } = host;
  const position = recordOf(host, oid, tid);
  if (position === 0) return 0;
  const { length } = reader.recordAt(oid, position);
  if (length === 0) return position;
  const same = length === data?.length && bytesEqual(reader.dataAt(oid, position), data);
  return same ? position : 0;
}

function recordOf({ reader, newest, source, end }: CommitHost, oid: Oid, tid: Tid): number {
  if (newest(oid) === 0) return 0;
  for (const record of reader.revisions(oid))
    if (record.tid <= tid) return record.tid === tid ? record.position : 0;
  // A pack leaves no way from a revision to the one before it.
  const walk = new BackwardWalk(source, end);
  while (walk.step() && walk.tid >= tid)
    if (walk.tid === tid) return lastRecordIn(source, walk.position, end, oid);
  return 0;
}

function lastRecordIn(source: Source, position: number, end: number, oid: Oid): number {
  let found = 0;
  const transaction = new FileTransactionRecord(new Window(source), position, end);
  for (const [header, at] of transaction.headers()) if (header.oid === oid) found = at;
  return found;
}

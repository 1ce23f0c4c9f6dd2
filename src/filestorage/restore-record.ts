// Records that repeat others. Where a record that is copied from another storage repeats the data of an earlier one, it is
// written as a back pointer to that one, which is what undo writes, so that a copy has the bytes of the original.

import { bytesEqual } from '../zodb/bytes.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { CommitHost } from './commit-host.ts';

/**
 * The position of the record of `oid` that `tid` wrote, if it holds `data` or is a back pointer itself; 0 where it is
 * another's, or packed away: then the data are written again.
 */
export function recordHolding(
  { reader, newest }: CommitHost,
  oid: Oid,
  data: Uint8Array | undefined,
  tid: Tid,
): number {
  if (newest(oid) === 0) return 0;
  for (const record of reader.revisions(oid)) {
    if (record.tid < tid) return 0;
    if (record.tid !== tid) continue;
    if (record.length === 0) return record.position;
    const same =
      record.length === data?.length && bytesEqual(reader.dataAt(oid, record.position), data);
    return same ? record.position : 0;
  }
  return 0;
}

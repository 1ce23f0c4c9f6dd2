// When an index file may be believed, by Python's rules: it says where it ends, the data file has the end of a complete
// transaction there, and it names exactly the records of the last transactions. That catches an index of another file,
// of another time, and one that a pack left behind.

import type { Tid } from '../zodb/ids.ts';
import {
  DATA_HEADER,
  headerLength,
  MAGIC_LENGTH,
  readDataHeader,
  readLong,
  readTransactionHeader,
  STATUS,
  TRANSACTION_HEADER,
} from './format.ts';
import type { IndexMap } from './index-map.ts';
import type { Window } from './source.ts';

/** An index of a file that is shorter is never used, right or wrong. */
export const SMALLEST_TRUSTED_END = 100;
const RECORDS_COMPARED = 5;

/** The tid of the last transaction that `index` covers, or `undefined` if it contradicts the data file. */
export function trustedIndex(file: Window, index: IndexMap): Tid | undefined {
  if (index.end < SMALLEST_TRUSTED_END || index.end > file.source.size) return undefined;
  let end = index.end;
  let last: Tid | undefined;
  for (;;) {
    const trailer = file.at(end - 8, 8);
    if (trailer < 0) return undefined;
    const length = readLong(file.bytes, trailer);
    const start = end - length - 8;
    if (start < MAGIC_LENGTH) return undefined;
    const at = file.at(start, TRANSACTION_HEADER);
    if (at < 0) return undefined;
    const header = readTransactionHeader(file.bytes, at);
    if (header.length !== length) return undefined;
    if (header.status !== STATUS.undone) {
      if (header.status !== STATUS.complete && header.status !== STATUS.packed) return undefined;
      const records = headerLength(header);
      if (length < records) return undefined;
      last ??= header.tid;
      if (length > records)
        return namesRecords(file, index, start, start + records, start + length) ? last : undefined;
    }
    end = start;
  }
}

function namesRecords(
  file: Window,
  index: IndexMap,
  transaction: number,
  start: number,
  end: number,
): boolean {
  let position = start;
  for (let i = 0; i < RECORDS_COMPARED && position < end; i++) {
    const at = file.at(position, DATA_HEADER);
    if (at < 0) return false;
    const header = readDataHeader(file.bytes, at);
    const next = position + DATA_HEADER + (header.length || 8);
    if (next > end || header.transaction !== transaction || header.versionLength !== 0)
      return false;
    if (index.get(header.oid) !== position) return false;
    position = next;
  }
  return true;
}

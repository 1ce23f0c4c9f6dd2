// The check of a data file: all of it is walked over, as where there is no index file, and the index is compared.

import { isZodbError } from '../errors.ts';
import type { CorruptedDataError } from '../zodb/errors.ts';
import { formatId, type Oid, ZERO_TID } from '../zodb/ids.ts';
import type { Finding } from '../zodb/storage.ts';
import { MAGIC_LENGTH } from './format.ts';
import { IndexMap } from './index-map.ts';
import { scan } from './scan.ts';
import { type Source, Window } from './source.ts';

const WINDOW = 1024 * 1024;
const FINDINGS_KEPT = 1000;

/** Everything that contradicts itself in the file of `source`, and in `index`, which covers it up to `end`. */
export function checkFile(source: Source, end: number, index: IndexMap): Finding[] {
  if (source.refresh() === 0)
    return [{ position: 0, message: 'an empty file, without a magic', damage: true }];
  const found: Finding[] = [];
  const scanned = new IndexMap(index.count);
  try {
    found.push(...scan(new Window(source, WINDOW), MAGIC_LENGTH, ZERO_TID, scanned).findings);
  } catch (error) {
    if (!isZodbError(error, 'CORRUPTED')) throw error;
    const { position = 0, message } = error as CorruptedDataError;
    return [...found, { position, message, damage: true }];
  }
  // A transaction that is being committed stands behind the end, and is none yet.
  const behind = found.filter(({ position }) => position < end || scanned.end < end);
  if (scanned.end !== end) return behind;
  scanned.forEach((high, low, position) => {
    if (index.find(high, low) === position || behind.length >= FINDINGS_KEPT) return;
    const oid = formatId(((BigInt(high) << 32n) | BigInt(low)) as Oid);
    const message = `the index does not name this record, the newest of ${oid}`;
    behind.push({ position, message, damage: true });
  });
  if (index.count > scanned.count) {
    const message = `the index names ${index.count - scanned.count} objects that are not in the file`;
    behind.push({ position: 0, message, damage: true });
  }
  return behind;
}

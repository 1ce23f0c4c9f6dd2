// The persistent references of a record, found without making values: for packing, garbage collection and prefetch.

import { Unpickler } from './decode.ts';
import { PickleError } from './errors.ts';
import { isBytes } from './realms.ts';
import { oidOf } from './reference.ts';
import { foundOffsets, scan } from './scan-loop.ts';
import { PyTuple } from './values.ts';

/** Offsets in larger records do not fit into what the scan remembers of a value. */
const MAX_RECORD = 1 << 28;

/**
 * Calls `callback` with the oid of each ordinary reference in the pickles of a record, in their order, as often as it stands
 * there. Weak references and those to other databases are not reported: they keep nothing alive.
 * @throws PickleError if the pickles are damaged, as far as that shows here: what is inside values is not looked at.
 */
export function scanReferences(record: Uint8Array, callback: (oid: bigint) => void): void {
  if (!isBytes(record)) throw new PickleError(`a record is a Uint8Array, got ${typeof record}`);
  const oids: bigint[] = [];
  // The callback may scan another record.
  scanReferencesWithin(record, 0, record.length, (high, low) => {
    oids.push((BigInt(high) << 32n) | BigInt(low));
  });
  oids.forEach((oid) => {
    callback(oid);
  });
}

/**
 * As `scanReferences`, for the record that stands from `start` to `end` in `bytes`. Oids are given as their two halves, so
 * that nothing is allocated for a record: a pack looks at millions of them. `callback` scans nothing itself.
 */
export function scanReferencesWithin(
  bytes: Uint8Array,
  start: number,
  end: number,
  callback: (high: number, low: number) => void,
): void {
  const count = end > MAX_RECORD ? -1 : scan(bytes, start, end);
  if (count < 0) {
    scanByDecoding(bytes.subarray(start, end), (oid) => {
      callback(Number(oid >> 32n), Number(oid & 0xffff_ffffn));
    });
    return;
  }
  const offsets = foundOffsets();
  for (let i = 0; i < count; i++) {
    const at = offsets[i] as number;
    callback(halfAt(bytes, at), halfAt(bytes, at + 4));
  }
}

function scanByDecoding(record: Uint8Array, callback: (oid: bigint) => void): void {
  const unpickler = new Unpickler({
    persistentLoad: (pid) => {
      const oid = oidOf(pid instanceof PyTuple ? pid[0] : pid);
      if (oid !== undefined) callback(oid);
      return null;
    },
  });
  for (let at = 0; at < record.length; at = unpickler.position) unpickler.load(record, at);
}

// Half of an oid.
function halfAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) * 0x1000000 +
    (((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number))
  );
}

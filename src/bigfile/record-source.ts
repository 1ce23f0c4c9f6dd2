// Records for loading blocks, from a storage or from what one shares with another thread. Where records stand in one
// piece, a block's bytes are read straight to where they belong.

import { POSKeyError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { RecordReading } from '../zodb/storage.ts';
import type { RecordSource } from './block-loader.ts';
import { findBlockBytes } from './block-record.ts';

/** The first bytes of a record: enough to see where a block's bytes begin. */
const HEAD = 128;

export class SnapshotSource implements RecordSource {
  /** Records are read as they were before this tid. */
  before: Tid;
  readonly #reading: RecordReading;
  readonly #head: Uint8Array = new Uint8Array(HEAD);

  constructor(reading: RecordReading, before: Tid) {
    this.#reading = reading;
    this.before = before;
  }

  load(oid: Oid): Uint8Array {
    const revision = this.#reading.load(oid, this.before);
    if (revision !== undefined) return revision.data;
    throw new POSKeyError(oid, {
      reason: 'the revision in this snapshot is gone, likely packed away',
    });
  }

  loadBlock(oid: Oid, frame: Uint8Array): number | undefined {
    const place = this.#reading.locate?.(oid, this.before);
    if (place === undefined || this.#reading.readAt === undefined) return undefined;
    const head = this.#head.subarray(0, Math.min(HEAD, place.length));
    this.#reading.readAt(place.position, head);
    const extent = findBlockBytes(head);
    if (extent === undefined || extent.offset + extent.length > place.length) return undefined;
    if (extent.length > frame.length) return undefined;
    this.#reading.readAt(place.position + extent.offset, frame.subarray(0, extent.length));
    return extent.length;
  }
}

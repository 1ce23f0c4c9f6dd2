// Undo of a change of a blob. The record that undoes it points back to an older one; but each revision of a blob has a file
// of its own, so the older one's is copied.

import { copyFileSync, existsSync, rmSync } from 'node:fs';
import type { BlobChanges } from '../zodb/blob-changes.ts';
import { type BlobFolder, temporaryFile } from '../zodb/blob-folder.ts';
import { isBlobRecord } from '../zodb/blob-record.ts';
import { POSKeyError } from '../zodb/errors.ts';
import type { Oid } from '../zodb/ids.ts';
import type { RecordReader } from './reader.ts';

/**
 * Adds what belongs to a record of `oid` that points back to the one at `back`.
 * @throws POSKeyError where the file is not there. Throws what the system says.
 */
export function repeatBlob(blobs: BlobChanges, oid: Oid, back: number, reader: RecordReader): void {
  if (back === 0 || !isBlobAt(oid, back, reader)) return;
  const file = temporaryFile(blobs.folder.temporary, 'undo');
  try {
    copyFileSync(original(blobs.folder, oid, back, reader), file);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
  blobs.add(oid, file);
}

function isBlobAt(oid: Oid, position: number, reader: RecordReader): boolean {
  try {
    return isBlobRecord(reader.dataAt(oid, position));
  } catch (error) {
    // What the record points back to was packed away, with the file if it had one.
    if (error instanceof POSKeyError) return false;
    throw error;
  }
}

// The file of the record that has the data, as in Python; or of one on the way to it: their contents are the same.
function original(folder: BlobFolder, oid: Oid, position: number, reader: RecordReader): string {
  const files: string[] = [];
  for (let at = position; at !== 0; ) {
    const { tid, back } = reader.recordAt(oid, at);
    files.push(folder.fileOf(oid, tid));
    at = back;
  }
  return (
    files.findLast((file) => existsSync(file)) ??
    folder.load(oid, reader.recordAt(oid, position).tid)
  );
}

// The blobs of a storage in memory: they are files all the same, in a folder that is made for the first of them and goes
// away with the storage, at the latest when the process ends.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobChanges } from '../zodb/blob-changes.ts';
import { BlobFolder } from '../zodb/blob-folder.ts';
import { POSKeyError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';

const folders = new Set<string>();
let listening = false;

export class TemporaryBlobs {
  #folder: BlobFolder | undefined;

  /** The folder, made now if there is none. Throws what the system says. */
  folder(): BlobFolder {
    this.#folder ??= new BlobFolder(temporaryFolder());
    return this.#folder;
  }

  /** Those of a transaction that begins. */
  changes(tid: Tid): BlobChanges {
    return new BlobChanges(this.folder(), tid);
  }

  /** The file of a revision of the storage `name`. @throws POSKeyError */
  load(oid: Oid, tid: Tid, name: string): string {
    if (this.#folder !== undefined) return this.#folder.load(oid, tid);
    throw new POSKeyError(oid, { file: name, tid, reason: 'there is no file of this blob' });
  }

  /** Removes the file of a revision. Throws what the system says. */
  remove(oid: Oid, tid: Tid): void {
    this.#folder?.remove(oid, tid);
  }

  /** Removes all files. */
  close(): void {
    if (this.#folder === undefined) return;
    removeFolder(this.#folder.path);
    this.#folder = undefined;
  }
}

function temporaryFolder(): string {
  if (!listening) process.on('exit', () => folders.forEach(removeFolder));
  listening = true;
  const folder = mkdtempSync(join(tmpdir(), 'zodb-blobs-'));
  folders.add(folder);
  return folder;
}

function removeFolder(folder: string): void {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

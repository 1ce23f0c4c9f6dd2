// The blobs of a transaction in progress. Their files are taken over at once, for where they were made may be a folder that
// goes away; they wait among the temporary ones until the vote, which moves them to their places: a crash leaves at most
// files that no record names.

import { rmSync } from 'node:fs';
import { type BlobFolder, move, syncToDisk, temporaryFile } from './blob-folder.ts';
import type { Oid, Tid } from './ids.ts';

export class BlobChanges {
  readonly folder: BlobFolder;
  readonly #tid: Tid;
  readonly #waiting = new Map<Oid, string>();
  readonly #installed = new Set<Oid>();

  constructor(folder: BlobFolder, tid: Tid) {
    this.folder = folder;
    this.#tid = tid;
  }

  /** The transaction writes the blob `oid` with this file, which is moved away. Throws what the system says. */
  add(oid: Oid, file: string): void {
    const taken = temporaryFile(this.folder.temporary, 'BUC');
    try {
      move(file, taken, this.folder.temporary);
    } catch (error) {
      rmSync(taken, { force: true });
      throw error;
    }
    this.forget(oid);
    this.#waiting.set(oid, taken);
  }

  /** The transaction writes another record of `oid`: a file of an earlier one is not needed. */
  forget(oid: Oid): void {
    const file = this.#waiting.get(oid);
    if (file !== undefined) rmSync(file, { force: true });
    this.#waiting.delete(oid);
  }

  /** Moves all files to their places; `sync` waits until they are on disk there. Throws what the system says. */
  install(sync: boolean): void {
    const changed = new Set<string>();
    for (const [oid, file] of this.#waiting) {
      this.#installed.add(oid);
      for (const folder of this.folder.install(oid, this.#tid, file)) changed.add(folder);
      if (sync) syncToDisk(this.folder.fileOf(oid, this.#tid));
    }
    this.#waiting.clear();
    if (sync) for (const folder of changed) syncToDisk(folder);
  }

  /** Removes all files: the transaction is given up. */
  remove(): void {
    for (const file of this.#waiting.values()) rmSync(file, { force: true });
    this.#waiting.clear();
    for (const oid of this.#installed) {
      try {
        this.folder.remove(oid, this.#tid);
      } catch {
        // A file that stays is one that no record names.
      }
    }
    this.#installed.clear();
  }
}

// The records that a connection's savepoints stored: they serve its loads until the transaction commits, which gives them
// to the storage, or until it is given up.

import { rmSync } from 'node:fs';
import type { Oid, Tid } from './ids.ts';
import { type SavepointMark, SavepointStore } from './savepoint-store.ts';
import type { RecordData, Revision } from './storage.ts';

interface Saved {
  readonly serial: Tid;
  /** The file that is stored with the record: a blob's. It belongs to the savepoint. */
  readonly file: string | undefined;
}

/** A moment to return to. */
export interface SavedMark {
  readonly records: SavepointMark;
  readonly created: number;
  readonly files: number;
}

export class SavedRecords {
  readonly #records = new SavepointStore<Oid, Saved>();
  /** Objects that did not exist before the transaction, in the order of their first record. */
  readonly #created: Oid[] = [];
  readonly #files: string[] = [];

  get isEmpty(): boolean {
    return this.#records.isEmpty;
  }

  /** All oids, ascending: the order in which they are committed. */
  oids(): Oid[] {
    return this.#records.keys().sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  has(oid: Oid): boolean {
    return this.#records.has(oid);
  }

  store(oid: Oid, serial: Tid, data: RecordData, file: string | undefined): void {
    if (file !== undefined) this.#files.push(file);
    this.#records.set(oid, data instanceof Uint8Array ? [data] : data, { serial, file });
  }

  created(oids: Iterable<Oid>): void {
    for (const oid of oids) this.#created.push(oid);
  }

  load(oid: Oid): Revision | undefined {
    const data = this.#records.get(oid);
    if (data === undefined) return undefined;
    return { data, tid: (this.#records.note(oid) as Saved).serial, next: undefined };
  }

  file(oid: Oid): string | undefined {
    return this.#records.note(oid)?.file;
  }

  mark(): SavedMark {
    return {
      records: this.#records.mark(),
      created: this.#created.length,
      files: this.#files.length,
    };
  }

  /** Takes back what was stored since: the oids that did not exist then. */
  rollback(mark: SavedMark): readonly Oid[] {
    this.#records.rollback(mark.records);
    removeFiles(this.#files.splice(mark.files));
    return this.#created.splice(mark.created);
  }

  /** Removes everything; files that were committed have been moved away. */
  close(): void {
    this.#records.close();
    this.#created.length = 0;
    removeFiles(this.#files.splice(0));
  }
}

function removeFiles(files: readonly string[]): void {
  for (const file of files) rmSync(file, { force: true });
}

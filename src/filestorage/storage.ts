// FileStorage: Python's standard storage, one file that only grows. The newest record of each object is found through an
// index in memory, older ones through the records themselves. Any number of readers, one writer.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ClosedError, ReadOnlyError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import type {
  Capabilities,
  Revision,
  Storage,
  StorageTransaction,
  TidRange,
  TransactionMetadata,
  TransactionRecord,
} from '../zodb/storage.ts';
import type { IndexMap } from './index-map.ts';
import { iterate } from './iterate.ts';
import { type Dialect, readContents } from './open.ts';
import { type Location, RecordReader } from './reader.ts';
import type { Finding } from './scan.ts';
import { Source } from './source.ts';

export interface FileStorageOptions {
  /** Never locks and never writes. Default: false. */
  readonly readOnly?: boolean;
}

export class FileStorage implements Storage {
  readonly name: string;
  readonly url: string;
  readonly readOnly: boolean;
  readonly can: Capabilities;
  readonly dialect: Dialect;
  /** What looked odd when the file was opened, but did not keep it from being read. */
  readonly findings: readonly Finding[];
  readonly #source: Source;
  readonly #reader: RecordReader;
  readonly #index: IndexMap;
  #end: number;
  #lastTid: Tid;
  #closed = false;

  constructor(path: string, options: FileStorageOptions = {}) {
    this.name = path;
    this.url = pathToFileURL(resolve(path)).href;
    this.readOnly = options.readOnly ?? false;
    this.can = {
      write: !this.readOnly,
      undo: false,
      history: false,
      iterate: true,
      pack: false,
      blobs: false,
      share: true,
    };
    this.#source = new Source(path);
    try {
      const contents = readContents(this.#source);
      this.dialect = contents.dialect;
      this.findings = contents.findings;
      this.#index = contents.index;
      this.#end = contents.end;
      this.#lastTid = contents.lastTid;
    } catch (error) {
      this.#source.close();
      throw error;
    }
    this.#reader = new RecordReader(this.#source, (oid) => this.#index.get(oid));
  }

  load(oid: Oid, before?: Tid): Revision | undefined {
    this.#check();
    return this.#reader.load(oid, before);
  }

  loadSerial(oid: Oid, tid: Tid): Uint8Array {
    this.#check();
    return this.#reader.loadSerial(oid, tid);
  }

  getTid(oid: Oid): Tid {
    this.#check();
    return this.#reader.getTid(oid);
  }

  /** Where the data of a revision stand, for `readAt`; otherwise as `load`. */
  locate(oid: Oid, before?: Tid): Location | undefined {
    this.#check();
    return this.#reader.locate(oid, before);
  }

  /** Fills `target` with the file's bytes from `position` on: data found by `locate`, without a copy. */
  readAt(position: number, target: Uint8Array): void {
    this.#source.readInto(position, target);
  }

  lastTransaction(): Tid {
    this.#check();
    return this.#lastTid;
  }

  newOid(): Oid {
    this.#check();
    throw new ReadOnlyError('opened for reading', { file: this.name });
  }

  size(): number {
    this.#check();
    return this.#end;
  }

  length(): number {
    this.#check();
    return this.#index.count;
  }

  begin(_metadata: TransactionMetadata, _tid?: Tid): StorageTransaction {
    this.#check();
    throw new ReadOnlyError('opened for reading', { file: this.name });
  }

  iterate(range: TidRange = {}): Iterable<TransactionRecord> {
    this.#check();
    return iterate(this.#source, this.#end, range);
  }

  onInvalidate(_listener: (tid: Tid, oids: readonly Oid[]) => void): () => void {
    return () => {};
  }

  close(): void {
    this.#closed = true;
    this.#source.close();
  }

  #check(): void {
    if (this.#closed) throw new ClosedError(`${this.name} is closed`);
  }
}

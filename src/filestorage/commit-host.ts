// What a transaction in progress needs of its storage.

import type { BlobFolder } from '../zodb/blob-folder.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { ConflictResolver } from '../zodb/storage.ts';
import type { RecordReader } from './reader.ts';
import type { Source } from './source.ts';
import type { FileWriter } from './writer.ts';

export type OnCommit = (tid: Tid) => void;

export interface CommitHost {
  readonly file: string;
  readonly source: Source;
  readonly reader: RecordReader;
  readonly writer: FileWriter;
  readonly blobs: BlobFolder | undefined;
  /** Whether `finish` waits for the disk. */
  readonly fsync: boolean;
  /** How far the file may grow. */
  readonly quota: number | undefined;
  /** While a pack is under way nothing can be undone. */
  readonly packing: boolean;
  readonly resolveConflict: ConflictResolver | undefined;
  /** Where the last complete transaction ends. */
  readonly end: number;
  /** The position of the object's newest record, 0 for none. */
  readonly newest: (oid: Oid) => number;
  /** Cuts off what an earlier attempt left behind `end`, and remembers that something stands there from now on. */
  prepareTail(): void;
  /** Cuts off what stands behind `end`. */
  cutTail(): void;
  /** The transaction is on disk up to `end`; `positions` are its newest records. */
  publish(tid: Tid, end: number, positions: ReadonlyMap<Oid, number>, onCommit?: OnCommit): void;
  /** Takes no more writes. */
  refuseWrites(): void;
  /** The transaction is over. */
  release(): void;
}

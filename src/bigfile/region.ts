// The memory of one file handle, as the layers above see it. Two implementations: memory that loads itself when it is
// touched (faulting-region.ts, needs the addon), and memory that is loaded when a view is made (explicit-region.ts).

import type { Tid } from '../zodb/ids.ts';
import type { BlockTable } from './block-table.ts';

/** What a view is built on: bytes of the file at `byteOffset` of `buffer`. */
export interface MappedBytes {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
}

/** Memory over the blocks of one file. */
export interface Region {
  /** Whether memory loads itself. */
  readonly faulting: boolean;
  /** The longest view, in bytes. */
  readonly maxView: number;

  /**
   * The bytes [offset, offset + length) of the file.
   * @throws ViewTooLargeError, BlockLoadError (explicit memory loads here)
   */
  map(offset: number, length: number): MappedBytes;
  /** The same bytes for reading them now: maybe a copy, valid until the next call. Of any size. @throws BlockLoadError */
  read(offset: number, length: number): MappedBytes;
  /** Loads blocks now, where that is of use. @throws BlockLoadError */
  load(first: number, count: number): void;
  /** Loads blocks without waiting for them. */
  prefetch(first: number, count: number): Promise<void>;
  /** Runs code that touches the memory; a block that cannot be loaded becomes an exception here. @throws BlockLoadError */
  guard<T>(fn: () => T): T;
  /** Keeps these bytes in memory, so that the system can be given them, until `unpin`. */
  pin(offset: number, length: number, write: boolean): { unpin(): void };

  isDirty(): boolean;
  /** The blocks that were written since the last commit or abort, ascending. */
  dirtyBlocks(): readonly number[];
  /** The bytes of a dirty block, fixed until `finishStore`. */
  beginStore(block: number): Uint8Array;
  /** Ends the storing of all blocks: clean if the transaction was committed, else dirty as before. */
  finishStore(committed: boolean): void;
  /** Forgets what was written. */
  discard(): void;
  /** Forgets clean blocks: the next touch loads them in the present snapshot. */
  invalidate(blocks: readonly number[]): void;
  /** Whether something was computed on a block that could not be loaded: nothing may be committed until `discard`. */
  readonly doomed: boolean;
  /** An error of a load that no guard turned into an exception; asked once, it is gone. */
  takeError(): Error | undefined;
  close(): void;
}

/** A region that follows the snapshots of a connection. */
export interface SnapshotRegion extends Region {
  readonly table: BlockTable;
  /** From now on, blocks are loaded as they were before this tid; `reread` if the block table may have changed. */
  moveTo(before: Tid, reread: boolean): void;
}

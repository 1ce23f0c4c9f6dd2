// A file handle: the memory of one ZBigFile in one connection, as part of its transactions. Dirty blocks become block
// objects when the transaction commits; abort forgets them; blocks that others changed are dropped at the next snapshot.

import type { Attachment } from '../zodb/attachment.ts';
import type { Connection } from '../zodb/connection.ts';
import { ClosedError, ReadOnlyError } from '../zodb/errors.ts';
import type { Oid } from '../zodb/ids.ts';
import type { ResourceManager, Synchronizer } from '../zodb/resource-manager.ts';
import type { Transaction } from '../zodb/transaction.ts';
import { BLOCK_SIZE } from './block.ts';
import { BlockLoader, drive } from './block-loader.ts';
import { BlockSavepoints } from './block-savepoint.ts';
import type { BlockTable } from './block-table.ts';
import { openRegion } from './open-region.ts';
import { SnapshotSource } from './record-source.ts';
import type { MappedBytes, Region, SnapshotRegion } from './region.ts';
import type { ZBigFile } from './zbigfile.ts';
import type { ZBlk } from './zblk.ts';

/** The memory of one file in one connection. What is written to it is stored when the transaction commits. */
export class FileHandle implements Attachment {
  readonly #file: ZBigFile;
  readonly #connection: Connection;
  readonly #region: SnapshotRegion;
  readonly #savepoints: BlockSavepoints;
  readonly #synchronizer: Synchronizer;
  readonly #detach: () => void;
  /** The blocks whose storing has begun, with their objects. */
  readonly #stored = new Map<number, ZBlk>();
  /** Records of the block table by which blocks in memory were found, beside those that the region's table has. */
  readonly #nodes = new Set<Oid>();
  /** Whether this handle has changed the block table since these were noted. */
  #tableChanged = false;
  #joined: Transaction | undefined;
  #open = true;

  constructor(file: ZBigFile, connection: Connection) {
    this.#file = file;
    this.#connection = connection;
    this.#region = openRegion(file, connection);
    this.#savepoints = new BlockSavepoints(this.#region);
    this.#synchronizer = {
      hasChanges: () => this.#region.doomed || this.#region.isDirty(),
      beforeSavepoint: (transaction) => this.#beforeCompletion(transaction),
      beforeCompletion: (transaction) => this.#beforeCompletion(transaction),
      afterCompletion: (transaction) => this.#afterCompletion(transaction),
    };
    connection.transactionManager.registerSynchronizer(this.#synchronizer);
    this.#detach = connection.attach(this);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get region(): Region {
    return this.#region;
  }

  /** The longest range that `buffer` covers, in bytes. */
  get maxView(): number {
    return this.#region.maxView;
  }

  /** Memory over the bytes [offset, offset + length) of the file. @throws ViewTooLargeError, BlockLoadError, ClosedError */
  buffer(offset: number, length: number): MappedBytes {
    this.#checkOpen();
    return this.#region.map(offset, length);
  }

  /** The same bytes for reading them now: maybe a copy, valid until the next call. @throws BlockLoadError, ClosedError */
  read(offset: number, length: number): MappedBytes {
    this.#checkOpen();
    return this.#region.read(offset, length);
  }

  /** Runs code that touches the memory; a block that cannot be loaded becomes an exception. @throws BlockLoadError */
  guard<T>(fn: () => T): T {
    return this.#region.guard(fn);
  }

  /** Keeps the bytes of a buffer of this handle loaded while `fn` runs: system calls cannot load them. */
  pin<T>(offset: number, length: number, write: boolean, fn: () => T): T {
    this.#checkOpen();
    const pinned = this.#region.pin(offset, length, write);
    try {
      return fn();
    } finally {
      pinned.unpin();
    }
  }

  /** Loads bytes without blocking. */
  prefetch(offset: number, length: number): Promise<void> {
    this.#checkOpen();
    const first = Math.floor(offset / BLOCK_SIZE);
    return this.#region.prefetch(first, Math.ceil((offset + length) / BLOCK_SIZE) - first);
  }

  isDirty(): boolean {
    return this.#region.isDirty();
  }

  snapshot(changed: ReadonlySet<Oid>): void {
    this.#moveTo(changed);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#connection.transactionManager.unregisterSynchronizer(this.#synchronizer);
    this.#detach();
    this.#region.close();
  }

  #checkOpen(): void {
    if (!this.#open) throw new ClosedError('the file handle of the array is closed');
  }

  #beforeCompletion(transaction: Transaction): void {
    const { doomed } = this.#region;
    const error = this.#region.takeError();
    if (doomed || error !== undefined) {
      transaction.doom(
        `a block of an array could not be loaded${error === undefined ? '' : `: ${error.message}`}`,
      );
    }
    if (this.#joined === transaction || !(doomed || this.#region.isDirty())) return;
    transaction.join(this.#resource());
    // Storing blocks changes objects, at a moment when the connection can no longer join.
    if (!this.#connection.isReadOnly) this.#connection.join();
    this.#joined = transaction;
  }

  #resource(): ResourceManager {
    const forget = (): void => {
      this.#joined = undefined;
      this.#forget();
    };
    return {
      // Before the connection, which then stores the objects that the blocks have become.
      sortKey: () => `\0${this.#connection.storage.name}`,
      tpcBegin: () => {
        if (!this.#connection.isReadOnly) return;
        throw new ReadOnlyError('array elements were changed, but the connection is read-only', {
          file: this.#connection.storage.name,
          oid: this.#file._p_oid,
        });
      },
      commit: () => this.#store(),
      tpcVote: () => undefined,
      tpcFinish: () => undefined,
      abort: forget,
      tpcAbort: forget,
      savepoint: () => this.#savepoints.keep(),
    };
  }

  #store(): void {
    for (const block of this.#region.dirtyBlocks()) {
      this.#stored.set(block, this.#file.storeBlock(block, this.#region.beginStore(block)));
    }
  }

  #forget(): void {
    this.#region.finishStore(false);
    this.#region.discard();
    this.#stored.clear();
  }

  #afterCompletion(transaction: Transaction): void {
    if (transaction.status !== 'failed') this.#savepoints.forget();
    // Blocks written after a commit failed are forgotten with the transaction, although nothing joined it again.
    if (transaction.status === 'aborted' && (this.#region.doomed || this.#region.isDirty()))
      this.#forget();
    if (this.#joined !== transaction || transaction.status === 'failed') return;
    this.#joined = undefined;
    const table: BlockTable = this.#region.table;
    if (transaction.status === 'committed') {
      this.#region.finishStore(true);
      for (const [block, object] of this.#stored) {
        if (!table.isFrom(block, object._p_oid)) this.#tableChanged = true;
        table.setBlock(block, object._p_oid);
        // The object's bytes are the region's memory, which may change again from now on.
        object.release();
      }
    }
    const wrote = this.#stored.size > 0;
    this.#stored.clear();
    if (wrote) this.#region.moveTo(this.#connection.before, true);
  }

  #moveTo(changed: ReadonlySet<Oid>): void {
    const { before } = this.#connection;
    // Before anything is asked of the table: a load that is under way may be noted in it only after the question.
    this.#region.moveTo(before, changed.size > 0);
    if (changed.size === 0) return;
    const { table } = this.#region;
    const blocks = table.blocksOf(changed);
    if (this.#tableChanged || table.hasNode(changed) || intersect(changed, this.#nodes)) {
      this.#tableChanged = false;
      blocks.push(...this.#movedBlocks());
    }
    if (blocks.length > 0) {
      table.forget(blocks);
      this.#region.invalidate(blocks);
    }
  }

  /**
   * The blocks that are another object now. By this the records of the block table that lead to blocks in memory are noted
   * anew: where a leaf was split, a block may have been found by one leaf and be changed by way of the other.
   */
  #movedBlocks(): number[] {
    const source = new SnapshotSource(this.#connection.storage, this.#connection.before);
    const finder = new BlockLoader(this.#file._p_oid as Oid, (oid) => this.#nodes.add(oid));
    return this.#region.table.blocksOtherThan((block) => drive(finder.find(block), source));
  }
}

function intersect(some: ReadonlySet<Oid>, others: ReadonlySet<Oid>): boolean {
  for (const oid of some) if (others.has(oid)) return true;
  return false;
}

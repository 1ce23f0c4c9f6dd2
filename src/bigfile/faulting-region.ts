// Memory that loads itself: a region of the addon, tied to a connection's snapshot, and the loader thread's view of it.

import type { Connection } from '../zodb/connection.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { SharedStorage } from '../zodb/storage.ts';
import { BLOCK_SIZE } from './block.ts';
import { BlockTable } from './block-table.ts';
import { blockLoadError, ViewTooLargeError } from './errors.ts';
import { loaderThread } from './loader-thread.ts';
import { noteMapping } from './memory.ts';
import type { NativeAddon } from './native-addon.ts';
import type { NativeRegion } from './native-region.ts';
import type { MappedBytes, SnapshotRegion } from './region.ts';
import type { ZBigFile } from './zbigfile.ts';

const GIB = 1024 ** 3;
const TIB = 1024 ** 4;

/** Address space for a file: much more than it is long, so that it grows in place. */
function reservation(blocks: number): number {
  return Math.min(TIB, Math.max(64 * GIB, 64 * blocks * BLOCK_SIZE));
}

export class FaultingRegion implements SnapshotRegion {
  readonly faulting: boolean = true;
  readonly maxView: number;
  readonly table: BlockTable;
  readonly #region: NativeRegion;
  readonly #addon: NativeAddon;
  readonly #file: ZBigFile;
  readonly #thread = loaderThread();
  #generation = 1;

  constructor(addon: NativeAddon, file: ZBigFile, connection: Connection) {
    const blocks = file.blockCount;
    const { storage } = connection;
    const region = addon.openRegion({
      reserve: reservation(blocks),
      minimum: (blocks + 1) * BLOCK_SIZE,
      channel: this.#thread.channel,
      toError: ({ block, message, code }) =>
        blockLoadError(
          Number.isNaN(block) ? undefined : block,
          file._p_oid,
          storage.name,
          Object.assign(new Error(message), { code }),
        ),
    });
    this.#addon = addon;
    this.#region = region;
    this.#file = file;
    this.maxView = region.maxBuffer;
    const shared = BlockTable.allocate(region.reserved / BLOCK_SIZE);
    this.table = new BlockTable(shared);
    this.#thread.post({
      type: 'open',
      region: region.id,
      storage: storage.share?.() as SharedStorage,
      file: file._p_oid as Oid,
      before: connection.before,
      table: shared,
    });
    noteMapping();
    region.setSnapshot(this.#generation, blocks);
    this.#thread.waitUntilReady();
  }

  map(offset: number, length: number): MappedBytes {
    if (offset + length > this.#region.reserved) {
      throw new ViewTooLargeError(
        offset + length,
        this.#region.reserved,
        'the address space reserved for the file',
      );
    }
    return this.#region.map(offset, length);
  }

  read(offset: number, length: number): MappedBytes {
    return this.map(offset, length);
  }

  load(first: number, count: number): void {
    this.#region.load(first, count);
  }

  prefetch(first: number, count: number): Promise<void> {
    return this.#region.prefetch(first, count);
  }

  pin(offset: number, length: number, write: boolean): { unpin(): void } {
    return this.#region.pin(offset, length, write);
  }

  guard<T>(fn: () => T): T {
    return this.#addon.guard(fn);
  }

  isDirty(): boolean {
    return this.#region.dirtyBlocks().length > 0;
  }

  dirtyBlocks(): readonly number[] {
    return [...this.#region.dirtyBlocks()];
  }

  beginStore(block: number): Uint8Array {
    return this.#region.beginStore(block);
  }

  finishStore(committed: boolean): void {
    this.#region.finishStore(committed);
  }

  discard(): void {
    this.#region.discard('dirty');
    this.#region.discard('poisoned');
  }

  invalidate(blocks: readonly number[]): void {
    this.#region.invalidate(blocks);
  }

  moveTo(before: Tid, reread: boolean): void {
    this.#thread.post({ type: 'move', region: this.#region.id, before, reread });
    this.#region.setSnapshot(++this.#generation, this.#file.blockCount);
  }

  get doomed(): boolean {
    return this.#region.doomed;
  }

  takeError(): Error | undefined {
    return this.#region.takeError();
  }

  close(): void {
    this.#region.close();
    this.#thread.post({ type: 'close', region: this.#region.id });
  }
}

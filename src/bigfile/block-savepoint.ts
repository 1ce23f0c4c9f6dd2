// Blocks as they were at a savepoint. They stay changed, so nothing takes them out of memory before the commit; what they
// held is kept beside, in memory or a temporary file, and written over them when the transaction returns to the savepoint.

import type { ResourceSavepoint } from '../zodb/resource-manager.ts';
import { SavepointStore } from '../zodb/savepoint-store.ts';
import { BLOCK_SIZE } from './block.ts';
import type { Region } from './region.ts';

export class BlockSavepoints {
  readonly #region: Region;
  #store = new SavepointStore<string, undefined>();
  #count = 0;

  constructor(region: Region) {
    this.#region = region;
  }

  /** Keeps the changed blocks as they are now. */
  keep(): ResourceSavepoint {
    const store = this.#store;
    const id = this.#count++;
    const blocks = [...this.#region.dirtyBlocks()];
    for (const block of blocks) store.set(`${id} ${block}`, [this.#bytes(block)], undefined);
    return {
      rollback: () => {
        this.#region.discard();
        for (const block of blocks) {
          this.#bytes(block).set(store.get(`${id} ${block}`) as Uint8Array);
          // Views over the same block in other memory show it too.
          this.#bytes(block);
        }
      },
    };
  }

  /** The transaction is over. */
  forget(): void {
    if (this.#count === 0) return;
    this.#store.close();
    this.#store = new SavepointStore();
    this.#count = 0;
  }

  #bytes(block: number): Uint8Array {
    return this.#region.guard(() => {
      const { buffer, byteOffset } = this.#region.map(block * BLOCK_SIZE, BLOCK_SIZE);
      return new Uint8Array(buffer, byteOffset, BLOCK_SIZE);
    });
  }
}

// The objects that blocks are stored as. ZBlk0 holds a whole block; ZBlk1 holds chunks of 4 KiB, so that a small change
// stores little. Rules of what is written when: a ZBlk1 is stored again whenever one of its chunks is, since other
// readers watch only the block's own object.

import { IOBTree } from '../btrees/index.ts';
import { registerClass } from '../zodb/classes.ts';
import { Persistent } from '../zodb/persistent.ts';
import { BLOCK_SIZE, withoutTrailingZeros } from './block.ts';
import { blockBytes } from './block-record.ts';

const CHUNK_SIZE = 4096;

/** An object that holds bytes without their trailing zeros. */
abstract class BytesObject extends Persistent {
  bytes: Uint8Array | undefined = undefined;

  /** The bytes as stored. The result may be a view of memory that changes later. */
  read(): Uint8Array {
    this._p_activate();
    return this.bytes ?? new Uint8Array(0);
  }

  /** Takes over `bytes`, which must not change until the transaction ends. */
  write(bytes: Uint8Array): void {
    this._p_changed = true;
    this.bytes = bytes;
  }

  __getstate__(): unknown {
    return this.read();
  }

  __setstate__(state: unknown): void {
    this.bytes = blockBytes(state, this._p_oid);
  }

  override _p_clear(): void {
    this.bytes = undefined;
  }
}

/** A block in one piece. */
export class ZBlk0 extends BytesObject {
  static readonly _p_direct: boolean = true;

  /** Stores a block, also an unchanged one. The object holds a view of `page` until `release`. */
  store(page: Uint8Array): void {
    this.write(withoutTrailingZeros(page));
  }

  /** Lets go of the page: the transaction is over. */
  release(): void {
    this._p_deactivate();
  }

  /**
   * Another object takes this one's place. It is stored once more, so that a transaction that writes the block and knows
   * only this object conflicts: its change would be lost.
   */
  replaced(): void {
    this.write(new Uint8Array(0));
  }
}

/** A chunk of a ZBlk1. */
export class ZData extends BytesObject {
  static readonly _p_direct: boolean = true;
}

/** A block in chunks. */
export class ZBlk1 extends Persistent {
  static readonly _p_direct: boolean = true;
  chunktab: IOBTree<ZData> | undefined = undefined;

  /** The chunks by their offset in the block. */
  chunks(): IOBTree<ZData> {
    this._p_activate();
    this.chunktab ??= new IOBTree();
    return this.chunktab;
  }

  /** Stores the chunks that differ; an unchanged block stores nothing. Chunks hold views of `page` until `release`. */
  store(page: Uint8Array): void {
    const chunks = this.chunks();
    let changed = this._p_jar === undefined;
    if (!this.#isOurs(chunks)) {
      // Chunk sizes are never mixed within a block.
      chunks.clear();
      changed = true;
    }
    for (let offset = 0; offset < BLOCK_SIZE; offset += CHUNK_SIZE) {
      const bytes = withoutTrailingZeros(page.subarray(offset, offset + CHUNK_SIZE));
      if (storeChunk(chunks, offset, bytes)) changed = true;
    }
    if (changed) this._p_changed = true;
  }

  /** Another object takes this one's place: stored once more, as a ZBlk0 is. */
  replaced(): void {
    this._p_activate();
    this._p_changed = true;
  }

  /** Lets go of the page: the transaction is over. */
  release(): void {
    for (const chunk of this.chunks().values()) chunk._p_deactivate();
  }

  __getstate__(): unknown {
    return this.chunks();
  }

  __setstate__(state: unknown): void {
    this.chunktab = state as IOBTree<ZData>;
  }

  override _p_clear(): void {
    this.chunktab = undefined;
  }

  #isOurs(chunks: IOBTree<ZData>): boolean {
    for (const [offset, chunk] of chunks.entries()) {
      if (offset % CHUNK_SIZE !== 0 || chunk.read().length > CHUNK_SIZE) return false;
    }
    return true;
  }
}

function storeChunk(chunks: IOBTree<ZData>, offset: number, bytes: Uint8Array): boolean {
  const chunk = chunks.get(offset);
  if (bytes.length === 0) return chunk !== undefined && chunks.delete(offset);
  if (chunk === undefined) {
    const added = new ZData();
    added.write(bytes);
    chunks.set(offset, added);
    return true;
  }
  if (Buffer.from(chunk.read()).equals(bytes)) return false;
  chunk.write(bytes);
  return true;
}

/** A block's object. */
export type ZBlk = ZBlk0 | ZBlk1;

/** The formats that blocks are written in. */
export type BlockFormat = 'ZBlk0' | 'ZBlk1';

/** Makes the block classes known under their Python names. */
export function registerBlockClasses(): void {
  const module = 'wendelin.bigfile.file_zodb';
  // ZBlk is what ZBlk0 was called before there were two formats.
  registerClass(ZBlk0, `${module}.ZBlk0`, `${module}.ZBlk`);
  registerClass(ZBlk1, `${module}.ZBlk1`);
  registerClass(ZData, `${module}.ZData`);
}

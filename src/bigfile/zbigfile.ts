// ZBigFile: a file of blocks in a database. Its record holds the block size and the block table, a tree from block number
// to block object; it is written once, when the file is made. Class of wendelin.bigfile.file_zodb.

import { LOBTree } from '../btrees/index.ts';
import { PyTuple, tuple } from '../pickle/index.ts';
import { registerClass } from '../zodb/classes.ts';
import { Connection } from '../zodb/connection.ts';
import { ArgumentError, CorruptedDataError, InvalidObjectError } from '../zodb/errors.ts';
import { type Oid, ZERO_TID } from '../zodb/ids.ts';
import { stateOf } from '../zodb/object-state.ts';
import { Persistent } from '../zodb/persistent.ts';
import { BLOCK_SIZE } from './block.ts';
import { FileHandle } from './file-handle.ts';
import { type BlockFormat, registerBlockClasses, type ZBlk, ZBlk0, ZBlk1 } from './zblk.ts';

/** An object that is not evicted from the cache: views refer to it. It still becomes a ghost when others change it. */
export abstract class LivePersistent extends Persistent {
  override _p_deactivate(): void {
    // Stays.
  }
}

/** A file of blocks in a database, without end: blocks that are not there read as zeros. */
export class ZBigFile extends LivePersistent {
  static readonly _p_direct: boolean = true;
  #blockFormat: BlockFormat = 'ZBlk0';
  #blockSize: number;
  #blocks: LOBTree<ZBlk> | undefined;
  #handle: FileHandle | undefined;

  /** @throws ArgumentError for a block size other than BLOCK_SIZE: no other one can be mapped */
  constructor(blockSize: number = BLOCK_SIZE) {
    super();
    if (blockSize !== BLOCK_SIZE) {
      throw new ArgumentError(`blocks have ${BLOCK_SIZE} bytes, got ${String(blockSize)}`);
    }
    this.#blockSize = blockSize;
  }

  /**
   * The format of blocks that are written from now on. Not stored: each block says which one it has.
   * @throws ArgumentError on assigning another one than 'ZBlk0' or 'ZBlk1'
   */
  get blockFormat(): BlockFormat {
    return this.#blockFormat;
  }

  set blockFormat(format: BlockFormat) {
    if (format !== 'ZBlk0' && format !== 'ZBlk1') {
      throw new ArgumentError(`a block format is 'ZBlk0' or 'ZBlk1', got ${String(format)}`);
    }
    this.#blockFormat = format;
  }

  /** Bytes of a block. */
  get blockSize(): number {
    this._p_activate();
    return this.#blockSize;
  }

  /** The block objects by block number; a block that is not there reads as zeros. */
  get blocks(): LOBTree<ZBlk> {
    this._p_activate();
    this.#blocks ??= new LOBTree();
    return this.#blocks;
  }

  /**
   * The memory of this file in its connection: one handle, opened at first use.
   * @throws InvalidObjectError if the file was never committed
   */
  open(): FileHandle {
    if (this.#handle?.isOpen === true) return this.#handle;
    const { jar } = stateOf(this);
    this._p_activate();
    // Loading reads records: what is added to a connection has none yet, and may get another id after an abort.
    if (!(jar instanceof Connection) || stateOf(this).serial === ZERO_TID) {
      throw new InvalidObjectError('the file is in no database yet: commit it first');
    }
    this.#handle = new FileHandle(this, jar);
    return this.#handle;
  }

  /** How many blocks the file has, up to the last one that exists. */
  get blockCount(): number {
    const last = this.blocks.maxKey();
    return last === undefined ? 0 : Number(last) + 1;
  }

  /** The object that a block is now; `undefined` for a hole. */
  blockOid(block: number): Oid | undefined {
    return this.blocks.get(block)?._p_oid;
  }

  /** Makes `page` the content of a block; the connection stores it with the transaction. Returns the block's object. */
  storeBlock(block: number, page: Uint8Array): ZBlk {
    const { blocks } = this;
    const wanted = this.blockFormat === 'ZBlk1' ? ZBlk1 : ZBlk0;
    let object = blocks.get(block);
    if (!(object instanceof wanted)) {
      if (object instanceof ZBlk0 || object instanceof ZBlk1) object.replaced();
      object = new wanted();
      blocks.set(block, object);
    }
    object.store(page);
    return object;
  }

  __getstate__(): unknown {
    return tuple<unknown>(this.blockSize, this.blocks);
  }

  __setstate__(state: unknown): void {
    const [size, blocks] = state instanceof PyTuple ? (state as unknown[]) : [];
    if (typeof size !== 'number' || !(blocks instanceof LOBTree)) {
      throw new CorruptedDataError(
        'the state of a ZBigFile is no pair of block size and block table',
        {
          oid: this._p_oid,
        },
      );
    }
    this.#blockSize = size;
    this.#blocks = blocks;
  }

  override _p_clear(): void {
    this.#blocks = undefined;
  }
}

/** Makes the classes of this layer known under their Python names. */
export function registerBigFiles(): void {
  registerBlockClasses();
  registerClass(ZBigFile, 'wendelin.bigfile.file_zodb.ZBigFile');
}

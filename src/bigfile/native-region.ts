// Reserved address space for one file handle, as blocks that load themselves when they are touched.

import { ArgumentError, ClosedError } from '../zodb/errors.ts';
import { BLOCK_SIZE } from './block.ts';
import { BlockLoadError, ViewTooLargeError } from './errors.ts';
import type { LoadFailure, RawAddon } from './native-raw.ts';
import type { MappedBytes } from './region.ts';

/** The states of a block, in the order of the addon's own numbers. */
const STATES = [
  'absent',
  'requested',
  'loading',
  'ahead',
  'clean',
  'aged',
  'dirty',
  'stored',
  'poisoned',
  'busy',
] as const;

export type BlockState = (typeof STATES)[number];

/** Turns a failure into the error that is thrown; the layer above knows file and oid. */
export type FailureToError = (failure: LoadFailure) => Error;

/** Half of the longest buffer of Node 20: a view up to this size lies in one of two neighbouring windows. */
const WINDOW_STEP = 2 ** 31;

export class NativeRegion {
  /** Unique in this process, for ever: what loaders and other threads know it by. */
  readonly id: number;
  /** Bytes of address space, a multiple of the block size. */
  readonly reserved: number;
  readonly #raw: RawAddon;
  readonly #maxBuffer: number;
  readonly #toError: FailureToError;
  readonly #owner: boolean;
  readonly #onClose: () => void;
  readonly #buffers = new Map<string, { offset: number; buffer: ArrayBuffer }>();
  #open = true;

  constructor(
    raw: RawAddon,
    place: { id: number; reserved: number; owner: boolean; maxBuffer: number },
    toError: FailureToError,
    onClose: () => void,
  ) {
    this.id = place.id;
    this.reserved = place.reserved;
    this.#owner = place.owner;
    this.#maxBuffer = place.maxBuffer;
    this.#raw = raw;
    this.#toError = toError;
    this.#onClose = onClose;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** The longest buffer, in bytes. */
  get maxBuffer(): number {
    return Math.min(this.#maxBuffer, this.reserved);
  }

  /**
   * An ArrayBuffer on the bytes [offset, offset + length) of the file; the same one for the same place. Its creation costs
   * a garbage collection when it is above 64 MiB, so make few and large ones, and views of them.
   * @throws ViewTooLargeError above `maxBuffer`
   */
  buffer(offset: number, length: number): ArrayBuffer {
    this.#checkRange(offset, length);
    if (length > this.#maxBuffer) {
      throw new ViewTooLargeError(length, this.#maxBuffer, 'the longest buffer of this Node.js');
    }
    const key = `${offset}+${length}`;
    const known = this.#buffers.get(key);
    if (known !== undefined && known.buffer.byteLength === length) return known.buffer;
    const buffer = this.#raw.buffer(this.id, offset, length);
    this.#buffers.set(key, { offset, buffer });
    return buffer;
  }

  /** The bytes [offset, offset + length) as a part of a large buffer, which later calls use too. */
  map(offset: number, length: number): MappedBytes {
    this.#checkRange(offset, length);
    for (const { offset: start, buffer } of this.#buffers.values()) {
      if (start <= offset && offset + length <= start + buffer.byteLength) {
        return { buffer, byteOffset: offset - start };
      }
    }
    let start = this.reserved <= this.#maxBuffer ? 0 : offset - (offset % WINDOW_STEP);
    if (offset + length - start > this.#maxBuffer) start = offset - (offset % BLOCK_SIZE);
    const most = Math.min(this.reserved - start, this.#maxBuffer);
    return {
      buffer: this.buffer(start, Math.max(most, offset + length - start)),
      byteOffset: offset - start,
    };
  }

  /**
   * Loads that began under another generation are repeated. To call at transaction boundaries, before `invalidate`. The
   * file has `blocks` blocks: reading ahead stops there.
   */
  setSnapshot(generation: number, blocks: number = this.reserved / BLOCK_SIZE): void {
    this.#check();
    this.#raw.setSnapshot(this.id, generation, blocks);
  }

  /** Loads blocks and waits for them. @throws the error of the first that fails */
  load(first: number, count: number): void {
    this.#checkBlocks(first, count);
    const failure = this.#raw.load(this.id, first, count);
    if (failure !== undefined) throw this.#toError(failure);
  }

  /** Loads blocks without blocking the thread, as many as half the budget holds. */
  prefetch(first: number, count: number): Promise<void> {
    this.#checkBlocks(first, count);
    return new Promise((resolve, reject) => {
      this.#raw.prefetch(this.id, first, count, (failure) => {
        if (failure === undefined) resolve();
        else reject(this.#toError(failure));
      });
    });
  }

  /**
   * Keeps the blocks of these bytes in memory with access, until `unpin`: system calls do not fault, they fail with EFAULT
   * or stop early. With `write`, the blocks count as changed. @throws the error of the first block that cannot be loaded
   */
  pin(offset: number, length: number, write: boolean): { unpin(): void } {
    this.#checkRange(offset, length);
    const first = Math.floor(offset / BLOCK_SIZE);
    const count = length === 0 ? 0 : Math.ceil((offset + length) / BLOCK_SIZE) - first;
    const failure = this.#raw.pin(this.id, first, count, write);
    if (failure !== undefined) throw this.#toError(failure);
    let pinned = true;
    return {
      unpin: () => {
        if (pinned) this.#raw.unpin(this.id, first, count);
        pinned = false;
      },
    };
  }

  /** The changed blocks, ascending. */
  dirtyBlocks(): Float64Array {
    this.#check();
    return this.#raw.dirtyBlocks(this.id);
  }

  /**
   * A changed block's bytes, to be stored. They stay as they are until the block is written again, which makes it a change
   * of the next transaction. @throws when the block is not dirty, or a load has failed since the last discard
   */
  beginStore(block: number): Uint8Array {
    this.#checkBlocks(block, 1);
    if (this.#raw.poisoned(this.id) > 0) throw this.#toError(this.#someFailure());
    if (!this.#raw.beginStore(this.id, block)) {
      throw new ArgumentError(`block ${block} is not dirty but ${this.state(block)}`);
    }
    const { buffer, byteOffset } = this.map(block * BLOCK_SIZE, BLOCK_SIZE);
    return new Uint8Array(buffer, byteOffset, BLOCK_SIZE);
  }

  /** The commit is over: what was stored is clean, or, if it failed, dirty again. */
  finishStore(ok: boolean): void {
    this.#check();
    this.#raw.finishStore(this.id, ok);
  }

  /** Forgets blocks: the given ones, all changes (stored or not), or what stands for failed loads, with its errors. */
  discard(what: ArrayLike<number> | 'dirty' | 'poisoned'): void {
    this.#check();
    if (what === 'dirty') this.#raw.dropChanged(this.id);
    else if (what === 'poisoned') this.#raw.dropPoisoned(this.id);
    else this.#raw.drop(this.id, Float64Array.from(what));
  }

  /** Forgets blocks that others changed; loads of them that are under way are repeated. */
  invalidate(blocks: ArrayLike<number>): void {
    this.discard(blocks);
  }

  state(block: number): BlockState {
    this.#checkBlocks(block, 1);
    return STATES[this.#raw.state(this.id, block)] as BlockState;
  }

  /** Whether some block is zeros because its load failed: nothing may be committed until `discard('poisoned')`. */
  get doomed(): boolean {
    this.#check();
    return this.#raw.poisoned(this.id) > 0;
  }

  /** The oldest load error that was not asked for yet. */
  takeError(): Error | undefined {
    this.#check();
    const failure = this.#raw.takeError(this.id);
    return failure && this.#toError(failure);
  }

  /** The error of a failure in this region. */
  errorOf(failure: LoadFailure): Error {
    return this.#toError(failure);
  }

  /** Ends all buffers of this thread (their length becomes 0) and, for the region that was opened, forgets its blocks. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const { buffer } of this.#buffers.values()) this.#raw.detach(buffer);
    this.#buffers.clear();
    if (this.#owner) this.#raw.close(this.id);
    this.#onClose();
  }

  #someFailure(): LoadFailure {
    return {
      region: this.id,
      block: Number.NaN,
      code: 'DOOMED',
      message: 'a block could not be loaded in this transaction, so nothing of it can be stored',
    };
  }

  #check(): void {
    if (!this.#open) throw new ClosedError('the memory of this file handle is closed');
  }

  #checkRange(offset: number, length: number): void {
    this.#check();
    if (
      !Number.isSafeInteger(offset) ||
      !Number.isSafeInteger(length) ||
      offset < 0 ||
      length < 0
    ) {
      throw new ArgumentError(`offset and length must be whole numbers, not ${offset}, ${length}`);
    }
    if (offset + length > this.reserved) {
      throw new ArgumentError(
        `bytes ${offset} to ${offset + length} are beyond the ${this.reserved} that are reserved`,
      );
    }
  }

  #checkBlocks(first: number, count: number): void {
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || first < 0 || count < 0) {
      throw new ArgumentError(`block and count must be whole numbers, not ${first}, ${count}`);
    }
    this.#checkRange(first * BLOCK_SIZE, count * BLOCK_SIZE);
  }
}

/** The error of a failure where nothing is known but the block. */
export function plainError(failure: LoadFailure): BlockLoadError {
  const cause = Object.assign(new Error(failure.message), { code: failure.code });
  const which = Number.isNaN(failure.block) ? 'an array' : `block ${failure.block} of an array`;
  return new BlockLoadError(`${which} cannot be loaded: ${failure.message}`, {
    block: Number.isNaN(failure.block) ? undefined : failure.block,
    cause,
  });
}

// Memory without page faults, for platforms without the addon and storages that a second thread cannot open: `map` loads
// the blocks of a view at once into ordinary memory, and what was written is found by comparing with what was loaded.

import { BLOCK_SIZE } from './block.ts';
import { ViewTooLargeError } from './errors.ts';
import type { MappedBytes, Region } from './region.ts';

/** The longest view: loading it takes a moment, and comparing it needs as much memory again. */
const EXPLICIT_LIMIT = 256 * 1024 * 1024;

/** Room that a window has beyond the view it is made for, so that an array that grows stays in it. Untouched, it is free. */
const SPARE = EXPLICIT_LIMIT;

/** Contiguous memory over the bytes from `start` on. */
interface Window {
  readonly start: number;
  readonly buffer: ArrayBuffer;
  /** What the database holds of each block in it. */
  readonly loaded: Map<number, Uint8Array>;
  /** What blocks that other windows have too were when all were last made equal: the rest was written here since. */
  readonly shared: Map<number, Uint8Array>;
}

export class ExplicitRegion implements Region {
  readonly faulting: boolean = false;
  readonly maxView: number = EXPLICIT_LIMIT;
  /** Views that cannot be loaded are not made. */
  readonly doomed: boolean = false;
  readonly #load: (block: number, target: Uint8Array) => void;
  readonly #why: string;
  readonly #windows: Window[] = [];
  #storing = new Map<number, Uint8Array>();
  /** What `read` gave last, and which blocks of it need not be loaded again. */
  #copy = { first: 0, buffer: new ArrayBuffer(0), blocks: new Set<number>() };

  /** `load` puts a block of the present snapshot into zeroed memory of BLOCK_SIZE bytes; `why` says why there are no faults. */
  constructor(load: (block: number, target: Uint8Array) => void, why: string) {
    this.#load = load;
    this.#why = why;
  }

  map(offset: number, length: number): MappedBytes {
    if (length > this.maxView) throw new ViewTooLargeError(length, this.maxView, this.#why);
    const first = Math.floor(offset / BLOCK_SIZE);
    const count = Math.ceil((offset + length) / BLOCK_SIZE) - first;
    const window = this.#window(first * BLOCK_SIZE, count * BLOCK_SIZE);
    this.#fill(window, first, count);
    return { buffer: window.buffer, byteOffset: offset - window.start };
  }

  read(offset: number, length: number): MappedBytes {
    const first = Math.floor(offset / BLOCK_SIZE);
    const count = Math.ceil((offset + length) / BLOCK_SIZE) - first;
    if (this.#copy.buffer.byteLength < count * BLOCK_SIZE) {
      this.#copy = { first: 0, buffer: new ArrayBuffer(count * BLOCK_SIZE), blocks: new Set() };
    }
    const kept = this.#copy.first === first ? this.#copy.blocks : new Set<number>();
    this.#copy = { first, buffer: this.#copy.buffer, blocks: kept };
    for (let block = first; block < first + count; block++) {
      const target = new Uint8Array(this.#copy.buffer, (block - first) * BLOCK_SIZE, BLOCK_SIZE);
      if (this.#windows.some((window) => window.loaded.has(block))) {
        target.set(this.#merged(block));
        kept.delete(block);
      } else if (!kept.has(block)) {
        target.fill(0);
        kept.delete(block);
        this.#load(block, target);
        kept.add(block);
      }
    }
    return { buffer: this.#copy.buffer, byteOffset: offset - first * BLOCK_SIZE };
  }

  load(): void {
    // Every view is loaded when it is made.
  }

  async prefetch(): Promise<void> {
    // There is nowhere to load to before a view asks for it.
  }

  guard<T>(fn: () => T): T {
    return fn();
  }

  pin(): { unpin(): void } {
    return { unpin: () => undefined };
  }

  isDirty(): boolean {
    return this.#dirty(true).length > 0;
  }

  dirtyBlocks(): readonly number[] {
    return this.#dirty(false);
  }

  beginStore(block: number): Uint8Array {
    const bytes = this.#merged(block);
    this.#storing.set(block, bytes);
    return bytes;
  }

  finishStore(committed: boolean): void {
    this.#copy.blocks.clear();
    const stored = this.#storing;
    this.#storing = new Map();
    if (!committed) return;
    for (const [block, bytes] of stored) {
      for (const window of this.#windows) {
        if (!window.loaded.has(block)) continue;
        bytesOf(window, block).set(bytes);
        window.loaded.set(block, bytes);
        window.shared.delete(block);
      }
    }
  }

  discard(): void {
    this.#storing.clear();
    for (const window of this.#windows) {
      for (const [block, bytes] of window.loaded) bytesOf(window, block).set(bytes);
      window.shared.clear();
    }
  }

  invalidate(blocks: readonly number[]): void {
    this.#copy.blocks.clear();
    for (const window of this.#windows) {
      for (const block of blocks) {
        // Views stay in use, so the block is loaded again here, not at the next touch.
        if (window.loaded.has(block)) this.#loadInto(window, block);
      }
    }
  }

  takeError(): Error | undefined {
    return undefined;
  }

  close(): void {
    for (const { buffer } of this.#windows) detach(buffer);
    this.#windows.length = 0;
  }

  #window(start: number, length: number): Window {
    const known = this.#windows.find(
      (window) =>
        window.start <= start && start + length <= window.start + window.buffer.byteLength,
    );
    if (known !== undefined) return known;
    // Views of one window share memory; a file is mostly used from its beginning, so windows begin there if they can.
    const from = start + length <= EXPLICIT_LIMIT ? 0 : start;
    const window: Window = {
      start: from,
      buffer: new ArrayBuffer(start - from + length + SPARE),
      loaded: new Map(),
      shared: new Map(),
    };
    this.#windows.push(window);
    return window;
  }

  #fill(window: Window, first: number, count: number): void {
    for (let block = first; block < first + count; block++) {
      if (!window.loaded.has(block)) this.#loadInto(window, block);
      // What another window has written and not stored yet is to be seen here too.
      if (this.#windows.length > 1) this.#merged(block);
    }
  }

  #loadInto(window: Window, block: number): void {
    const target = bytesOf(window, block);
    target.fill(0);
    this.#load(block, target);
    window.loaded.set(block, target.slice());
    window.shared.delete(block);
  }

  #dirty(onlyFirst: boolean): number[] {
    const dirty = new Set<number>();
    for (const window of this.#windows) {
      for (const [block, loaded] of window.loaded) {
        if (dirty.has(block) || equal(bytesOf(window, block), loaded)) continue;
        dirty.add(block);
        if (onlyFirst) return [block];
      }
    }
    return [...dirty].sort((a, b) => a - b);
  }

  // The block as all windows together have it, each byte as the window that changed it says; all of them have it so then.
  #merged(block: number): Uint8Array {
    const sharing = this.#windows.filter((window) => window.loaded.has(block));
    const [first] = sharing;
    if (first === undefined) return new Uint8Array(BLOCK_SIZE);
    if (sharing.length === 1) return bytesOf(first, block).slice();
    const merged = lastShared(first, block).slice();
    for (const window of sharing) {
      const [bytes, before] = [bytesOf(window, block), lastShared(window, block)];
      if (equal(bytes, before)) continue;
      for (let i = 0; i < BLOCK_SIZE; i++) {
        if (bytes[i] !== before[i]) merged[i] = bytes[i] as number;
      }
    }
    for (const window of sharing) {
      bytesOf(window, block).set(merged);
      window.shared.set(block, merged);
    }
    return merged;
  }
}

function lastShared({ shared, loaded }: Window, block: number): Uint8Array {
  return shared.get(block) ?? (loaded.get(block) as Uint8Array);
}

function bytesOf(window: Window, block: number): Uint8Array {
  return new Uint8Array(window.buffer, block * BLOCK_SIZE - window.start, BLOCK_SIZE);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.length).equals(b);
}

function detach(buffer: ArrayBuffer): void {
  structuredClone(buffer, { transfer: [buffer] });
}

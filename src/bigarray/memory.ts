// The memory under an array, as array code sees it: bytes of a file, by position. A file handle of bigfile implements
// it (by page faults, or by loading windows explicitly), RAMArray with plain memory.

import type { DType } from './dtype.ts';
import type { Layout } from './layout.ts';

/** A place in an ArrayBuffer. */
export interface Span {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
}

/** Runs code that touches memory which may fail to load: such a failure becomes an exception of `guard`. */
export interface MemoryGuard {
  guard<T>(fn: () => T): T;
  /** Keeps these bytes loaded while `fn` runs, for system calls, which cannot load them. */
  pin?<T>(byteOffset: number, byteLength: number, fn: () => T): T;
}

/** The bytes of a file that starts at 0 and has no end; what was never written reads as zeros. */
export interface ArrayMemory extends MemoryGuard {
  /** The most bytes that one `buffer` can cover. */
  readonly maxView: number;

  /**
   * Memory that *is* these bytes for as long as it is used: what is written there belongs to the file. Its `byteOffset`
   * has the same remainder by 16 as the position in the file. Throws ViewTooLargeError beyond `maxView`.
   */
  buffer(byteOffset: number, byteLength: number): Span;

  /**
   * These bytes for reading them now: maybe a copy, valid until the next call; same alignment as `buffer`. Computations
   * over files of any size use it with a few MiB at a time. Without it they use `buffer`.
   */
  read?(byteOffset: number, byteLength: number): Span;

  /** Starts loading; resolves when a touch will not wait. */
  prefetch?(byteOffset: number, byteLength: number): Promise<void>;
}

/** Elements in an ArrayBuffer: `layout.offset` counts from its first byte. */
export interface Elements {
  readonly buffer: ArrayBufferLike;
  readonly dtype: DType;
  readonly layout: Layout;
}

/** The guard of a buffer that lies at `byteOffset` of some memory: positions are then those of the buffer. */
export function bufferGuard(memory: ArrayMemory, span: Span, byteOffset: number): MemoryGuard {
  const shift = byteOffset - span.byteOffset;
  return {
    guard: (fn) => memory.guard(fn),
    pin: (low, byteLength, fn) =>
      memory.pin === undefined ? memory.guard(fn) : memory.pin(low + shift, byteLength, fn),
  };
}

/** The bytes of one ArrayBuffer as array memory: what functions that take arrays see of a view. */
export function bufferMemory(buffer: ArrayBufferLike, guard?: MemoryGuard): ArrayMemory {
  return {
    maxView: Number.POSITIVE_INFINITY,
    buffer: (byteOffset) => ({ buffer: buffer as ArrayBuffer, byteOffset }),
    guard: (fn) => (guard === undefined ? fn() : guard.guard(fn)),
  };
}

// The memory of an array in a database: the file handle of its ZBigFile, opened at first use.

import type { ZBigFile } from '../bigfile/index.ts';
import type { ArrayMemory, Span } from './memory.ts';

export class FileMemory implements ArrayMemory {
  readonly #file: ZBigFile;

  constructor(file: ZBigFile) {
    this.#file = file;
  }

  get maxView(): number {
    return this.#file.open().maxView;
  }

  buffer(byteOffset: number, byteLength: number): Span {
    return this.#file.open().buffer(byteOffset, byteLength);
  }

  read(byteOffset: number, byteLength: number): Span {
    return this.#file.open().read(byteOffset, byteLength);
  }

  guard<T>(fn: () => T): T {
    return this.#file.open().guard(fn);
  }

  /** Pins as memory that may be written: the caller may pass it to anything. */
  pin<T>(byteOffset: number, byteLength: number, fn: () => T): T {
    return this.#file.open().pin(byteOffset, byteLength, true, fn);
  }

  prefetch(byteOffset: number, byteLength: number): Promise<void> {
    return this.#file.open().prefetch(byteOffset, byteLength);
  }
}

// The new file that a pack writes: appended to through a buffer, with the lengths of transactions filled in once they
// are known. A dry run has no file, and only counts.

import { writeLong } from './format.ts';
import type { FileWriter } from './writer.ts';

const BUFFER = 128 * 1024;
// So many bytes are copied sooner than a view of them is made, which would be garbage, too.
const FEW = 512;

export class PackOutput {
  readonly #writer: FileWriter | undefined;
  readonly #buffer: Uint8Array = new Uint8Array(BUFFER);
  readonly #number: Uint8Array = new Uint8Array(8);
  #flushed = 0;
  #used = 0;

  constructor(writer: FileWriter | undefined) {
    this.#writer = writer;
  }

  /** Where the next byte will stand. */
  get position(): number {
    return this.#flushed + this.#used;
  }

  /** Appends `bytes` from `start` to `end`. */
  append(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const length = end - start;
    if (this.#used + length > BUFFER) this.flush();
    if (length > BUFFER) {
      this.#writer?.write(bytes.subarray(start, end), this.#flushed);
      this.#flushed += length;
      return;
    }
    const buffer = this.#buffer;
    const used = this.#used;
    if (length > FEW) buffer.set(bytes.subarray(start, end), used);
    else for (let i = 0; i < length; i++) buffer[used + i] = bytes[start + i] as number;
    this.#used += length;
  }

  appendLong(value: number): void {
    writeLong(this.#number, value, 0);
    this.append(this.#number);
  }

  /** Writes a number of 8 bytes over what stands at `position`. */
  putLong(position: number, value: number): void {
    if (position >= this.#flushed) {
      writeLong(this.#buffer, value, position - this.#flushed);
      return;
    }
    if (position + 8 > this.#flushed) this.flush();
    writeLong(this.#number, value, 0);
    this.#writer?.write(this.#number, position);
  }

  flush(): void {
    if (this.#used === 0) return;
    this.#writer?.write(this.#buffer.subarray(0, this.#used), this.#flushed);
    this.#flushed += this.#used;
    this.#used = 0;
  }
}

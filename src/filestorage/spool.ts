// The data records of the transaction being committed: in memory while they are few, otherwise in `NAME.tmp`, so that a
// transaction may be larger than memory.

import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';

const FIRST = 16 * 1024;
const IN_MEMORY = 4 * 1024 * 1024;

export class Spool {
  readonly #file: string;
  readonly #limit: number;
  #memory: Uint8Array = new Uint8Array(FIRST);
  #used = 0;
  #written = 0;
  #fd: number | undefined;

  constructor(file: string, limit: number = IN_MEMORY) {
    this.#file = file;
    this.#limit = limit;
  }

  get length(): number {
    return this.#written + this.#used;
  }

  append(bytes: Uint8Array): void {
    if (this.#used + bytes.length > this.#limit) this.#flush();
    if (bytes.length > this.#limit) {
      this.#write(bytes);
      return;
    }
    this.#reserve(this.#used + bytes.length);
    this.#memory.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Calls `take` with all bytes, piece by piece, in order. The pieces are valid during the call only. */
  drain(take: (piece: Uint8Array) => void): void {
    if (this.#written > 0) {
      this.#flush();
      const piece = new Uint8Array(Math.min(this.#limit, this.#written));
      for (let position = 0; position < this.#written; ) {
        const read = readSync(this.#fd as number, piece, 0, piece.length, position);
        if (read === 0) throw new Error(`${this.#file} is shorter than what was written to it`);
        const rest = this.#written - position;
        take(piece.subarray(0, Math.min(read, rest)));
        position += read;
      }
    } else if (this.#used > 0) {
      take(this.#memory.subarray(0, this.#used));
    }
  }

  /** Forgets everything, and gives large memory and the disk's space back. */
  clear(): void {
    if (this.#fd !== undefined) ftruncateSync(this.#fd);
    this.#used = this.#written = 0;
    if (this.#memory.length > FIRST) this.#memory = new Uint8Array(FIRST);
  }

  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
    rmSync(this.#file, { force: true });
  }

  #reserve(length: number): void {
    if (length <= this.#memory.length) return;
    const grown = new Uint8Array(Math.min(this.#limit, Math.max(length, this.#memory.length * 2)));
    grown.set(this.#memory.subarray(0, this.#used));
    this.#memory = grown;
  }

  #flush(): void {
    if (this.#used > 0) this.#write(this.#memory.subarray(0, this.#used));
    this.#used = 0;
  }

  #write(bytes: Uint8Array): void {
    this.#fd ??= openSync(this.#file, 'w+');
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#written + done);
    this.#written += bytes.length;
  }
}

// Memory for many small copies. An array of its own costs V8 half a microsecond each; parts of a common one, a tenth of it.
// They keep each other in memory, so pieces are small.

const PIECE = 8 * 1024;
/** Longer copies get memory of their own. */
const SMALL = 1024;

export class Arena {
  #piece: Uint8Array = new Uint8Array(PIECE);
  #used = 0;

  /** A copy of `bytes` from `start` to `end`. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length > SMALL) return bytes.slice(start, end);
    if (this.#used + length > PIECE) {
      this.#piece = new Uint8Array(PIECE);
      this.#used = 0;
    }
    const copy = new Uint8Array(this.#piece.buffer, this.#used, length);
    copy.set(bytes.subarray(start, end));
    this.#used += length;
    return copy;
  }
}

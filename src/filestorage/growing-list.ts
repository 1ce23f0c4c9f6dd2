// Lists of numbers that grow without being copied: chunks of typed arrays, for what may be too much for arrays of values.

const CHUNK = 0x1_0000;

/** Positions in a file, or other numbers below 2^53, in the order in which they were added. */
export class NumberList {
  readonly #chunks: Float64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length % CHUNK;
    if (at === 0) this.#chunks.push(new Float64Array(CHUNK));
    (this.#chunks[this.#chunks.length - 1] as Float64Array)[at] = value;
    this.#length++;
  }

  get(index: number): number {
    return (this.#chunks[Math.floor(index / CHUNK)] as Float64Array)[index % CHUNK] as number;
  }

  /** A copy of the values. */
  all(): Float64Array {
    const all = new Float64Array(this.#length);
    this.#chunks.forEach((chunk, i) => {
      all.set(chunk.subarray(0, Math.min(CHUNK, this.#length - i * CHUNK)), i * CHUNK);
    });
    return all;
  }

  /** The values in ascending order, each once. */
  sorted(): Float64Array {
    const all = this.all().sort();
    let kept = 0;
    for (let i = 0; i < all.length; i++)
      if (i === 0 || all[i] !== all[i - 1]) all[kept++] = all[i] as number;
    return all.subarray(0, kept);
  }
}

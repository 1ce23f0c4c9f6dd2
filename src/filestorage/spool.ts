// The data records of the transaction being committed. They stay in memory while they are few. More than that is handed on
// piece by piece, to be written where it belongs, so that a transaction may be larger than memory and nothing is written
// twice.

const FIRST = 2 * 1024;
const IN_MEMORY = 4 * 1024 * 1024;
/** Pieces of this length are handed on as they are; collecting them would only copy them. */
const LONG = 256 * 1024;

/** Takes bytes that begin this many bytes after the first record's beginning. They are valid during the call only. */
export type Overflow = (piece: Uint8Array, offset: number) => void;

export class Spool {
  readonly #limit: number;
  readonly #overflow: Overflow;
  #memory: Uint8Array = new Uint8Array(FIRST);
  #used = 0;
  #handedOn = 0;

  constructor(overflow: Overflow, limit: number = IN_MEMORY) {
    this.#overflow = overflow;
    this.#limit = limit;
  }

  get length(): number {
    return this.#handedOn + this.#used;
  }

  /** Everything so far, if nothing was handed on; `undefined` otherwise. Valid until the next call. */
  get whole(): Uint8Array | undefined {
    return this.#handedOn === 0 ? this.#memory.subarray(0, this.#used) : undefined;
  }

  append(bytes: Uint8Array): void {
    const long = bytes.length >= LONG;
    if (long || this.#used + bytes.length > this.#limit) this.flush();
    if (long) {
      this.#handOn(bytes);
      return;
    }
    this.#reserve(this.#used + bytes.length);
    this.#memory.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Fills `target` with what was appended at `offset` and is in memory still; returns how many bytes before that are not. */
  read(offset: number, target: Uint8Array): number {
    const missing = Math.min(target.length, Math.max(0, this.#handedOn - offset));
    const start = offset + missing - this.#handedOn;
    target.set(this.#memory.subarray(start, start + target.length - missing), missing);
    return missing;
  }

  /** Hands on what is in memory. */
  flush(): void {
    if (this.#used === 0) return;
    this.#handOn(this.#memory.subarray(0, this.#used));
    this.#used = 0;
  }

  #handOn(bytes: Uint8Array): void {
    this.#overflow(bytes, this.#handedOn);
    this.#handedOn += bytes.length;
  }

  #reserve(length: number): void {
    if (length <= this.#memory.length) return;
    const grown = new Uint8Array(Math.min(this.#limit, Math.max(length, this.#memory.length * 2)));
    grown.set(this.#memory.subarray(0, this.#used));
    this.#memory = grown;
  }
}

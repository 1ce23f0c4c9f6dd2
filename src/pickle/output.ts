// The bytes an encoder writes to: one growing buffer, used again for each record. Long byte strings are not copied into
// it; they stand between the pieces of it.

/** Beyond this, `take` hands the buffer over instead of copying it. */
const HAND_OVER = 1 << 18;

/** From this length on, bytes are a piece of their own. */
const APART = 1 << 16;

/** How far an output has been written. */
export interface OutputMark {
  readonly position: number;
  readonly from: number;
  readonly pieces: number;
}

// Node gives memory that is not filled with zeros first, which costs a third for records of megabytes.
const allocate: ((length: number) => Uint8Array) | undefined = (
  globalThis as { Buffer?: { allocUnsafeSlow?: (length: number) => Uint8Array } }
).Buffer?.allocUnsafeSlow;

function memory(length: number): Uint8Array {
  if (allocate === undefined || length < APART) return new Uint8Array(length);
  return new Uint8Array(allocate(length).buffer);
}

export class Output {
  bytes: Uint8Array = new Uint8Array(4096);
  view: DataView = new DataView(this.bytes.buffer);
  position = 0;
  /** What stands before `bytes[#from]`. */
  #pieces: Uint8Array[] = [];
  #from = 0;

  /** Makes room for this many more bytes. The writers below do not check. */
  reserve(count: number): void {
    if (this.position + count > this.bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const needed = this.position + count;
    const larger = new Uint8Array(Math.max(needed + (needed >> 3), Math.min(needed * 2, 1 << 20)));
    larger.set(this.bytes.subarray(0, this.position));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  byte(value: number): void {
    this.bytes[this.position++] = value;
  }

  /** An opcode and four bytes, little-endian. */
  op32(code: number, value: number): void {
    this.bytes[this.position] = code;
    this.view.setUint32(this.position + 1, value, true);
    this.position += 5;
  }

  /** An opcode of an index: the short form with one byte below 256, else the long form with four. */
  indexed(short: number, long: number, index: number): void {
    if (index < 256) {
      this.bytes[this.position] = short;
      this.bytes[this.position + 1] = index;
      this.position += 2;
    } else this.op32(long, index);
  }

  /** Bytes as they are, and room for `more` behind them. Makes room itself. */
  raw(source: Uint8Array, more = 16): void {
    if (source.length < APART) {
      this.reserve(source.length + more);
      this.bytes.set(source, this.position);
      this.position += source.length;
      return;
    }
    this.#pieces.push(this.bytes.subarray(this.#from, this.position), source);
    this.#from = this.position;
    this.reserve(more);
  }

  /** A place to `rewind` to. Valid until the next `take`. */
  mark(): OutputMark {
    return { position: this.position, from: this.#from, pieces: this.#pieces.length };
  }

  /** Takes back what was written since. */
  rewind({ position, from, pieces }: OutputMark): void {
    this.position = position;
    this.#from = from;
    this.#pieces.length = pieces;
  }

  /** What was written, in pieces that are valid until the next byte is written; that one is written at the start again. */
  takePieces(): Uint8Array[] {
    const pieces = [...this.#pieces, this.bytes.subarray(this.#from, this.position)];
    this.#clear();
    return pieces;
  }

  /** What was written, as bytes of their own; the next byte is written at the start again. */
  take(): Uint8Array {
    if (this.#pieces.length > 0) return joined(this.takePieces());
    const written = this.position;
    this.#clear();
    if (written < HAND_OVER) return this.bytes.slice(0, written);
    const taken = this.bytes.subarray(0, written);
    this.bytes = new Uint8Array(4096);
    this.view = new DataView(this.bytes.buffer);
    return taken;
  }

  #clear(): void {
    this.position = 0;
    this.#from = 0;
    this.#pieces = [];
  }
}

/** Pieces as one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const whole = memory(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

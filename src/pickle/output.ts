// The bytes an encoder writes to: one growing buffer, used again for each record.

/** Beyond this, `take` hands the buffer over instead of copying it. */
const HAND_OVER = 1 << 18;

export class Output {
  bytes: Uint8Array = new Uint8Array(4096);
  view: DataView = new DataView(this.bytes.buffer);
  position = 0;

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

  raw(source: Uint8Array): void {
    this.bytes.set(source, this.position);
    this.position += source.length;
  }

  /** What was written, as bytes of their own; the next byte is written at the start again. */
  take(): Uint8Array {
    const written = this.position;
    this.position = 0;
    if (written < HAND_OVER) return this.bytes.slice(0, written);
    const taken = this.bytes.subarray(0, written);
    this.bytes = new Uint8Array(4096);
    this.view = new DataView(this.bytes.buffer);
    return taken;
  }
}

// Where a command prints: pieces are gathered, written when there are enough of them, and waited for where the reader is
// slower. A reader that went away (`zodb dump ... | head`) ends the command quietly.

import { once } from 'node:events';
import type { Writable } from 'node:stream';

const ENOUGH = 64 * 1024;

/** Nobody reads what the command prints. */
export class ReaderGone extends Error {}

export class Output {
  readonly #stream: Writable;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #gone = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      this.#gone = true;
    });
  }

  /** Prints text or bytes. Wait for what it returns, if that is a promise. @throws ReaderGone */
  write(piece: string | Uint8Array): Promise<void> | undefined {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    return this.#length >= ENOUGH ? this.flush() : undefined;
  }

  /** Prints what was gathered. @throws ReaderGone */
  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    if (this.#gone) throw new ReaderGone();
    if (this.#stream.write(bytes)) return;
    try {
      await once(this.#stream, 'drain');
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'EPIPE' ? new ReaderGone() : error;
    }
  }
}

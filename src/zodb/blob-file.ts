// An open file of a blob.

import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  type ReadStream,
  readSync,
  type WriteStream,
  writeSync,
} from 'node:fs';

/** Bytes that the system takes in one call. */
const AT_ONCE = 2 ** 30;

/** How a blob's file is open: to read, to change it, to write it anew, to append; `c` reads what is committed. */
export type BlobMode = 'r' | 'r+' | 'w' | 'a' | 'c';

/** An open file of a blob. Its descriptor, `fd`, works with all of `node:fs`; but close it here. */
export class BlobFile {
  readonly fd: number;
  readonly path: string;
  readonly mode: BlobMode;
  readonly #onClose: (file: BlobFile) => void;
  #stream: ReadStream | WriteStream | undefined;
  #open = true;

  /** Made by `blob.open`. */
  constructor(path: string, mode: BlobMode, onClose: (file: BlobFile) => void) {
    this.path = path;
    this.mode = mode;
    this.#onClose = onClose;
    this.fd = openSync(path, mode === 'c' ? 'r' : mode);
  }

  /** Bytes in the file. */
  get size(): number {
    return fstatSync(this.fd).size;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /**
   * Reads into `target` from `position`, or where the last call without a position ended. Returns how many bytes: less than
   * there is room for only at the end of the file. Throws what the system says.
   */
  read(target: Uint8Array, position?: number): number {
    let done = 0;
    while (done < target.length) {
      const at = position === undefined ? null : position + done;
      const length = Math.min(target.length - done, AT_ONCE);
      const got = readSync(this.fd, target, done, length, at);
      if (got === 0) break;
      done += got;
    }
    return done;
  }

  /** Writes all of `data` at `position`, or where the last call without a position ended. Throws what the system says. */
  write(data: Uint8Array | string, position?: number): void {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    for (let done = 0; done < bytes.length; ) {
      const at = position === undefined ? null : position + done;
      done += writeSync(this.fd, bytes, done, Math.min(bytes.length - done, AT_ONCE), at);
    }
  }

  /** Cuts the file off, or fills it up with zeros. Throws what the system says. */
  truncate(length: number): void {
    ftruncateSync(this.fd, length);
  }

  /** A stream reads or writes the file from now on; it closes it at its end. */
  give<S extends ReadStream | WriteStream>(stream: S): S {
    this.#stream = stream;
    stream.on('close', () => this.#closed());
    return stream;
  }

  close(): void {
    if (!this.#open) return;
    if (this.#stream === undefined) closeSync(this.fd);
    else this.#stream.destroy();
    this.#closed();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #closed(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#onClose(this);
  }
}

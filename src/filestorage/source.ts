// A file opened for reading, at any position, synchronously: `Source` reads straight into memory of the caller (loads);
// a `Window` over it suits whoever walks from record to record (scan, iteration). A window may show bytes of before a
// later write, so each walker makes its own.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ClosedError, CorruptedDataError, StorageError } from '../zodb/errors.ts';

const WINDOW = 64 * 1024;

export class Source {
  readonly file: string;
  /** The inode that is read: another one under the same name means that the file was replaced (packed). */
  readonly inode: bigint;
  readonly #fd: number;
  #size: number;
  #settled = 0;
  readonly #attached: (() => void)[] = [];
  #holders = 0;
  #retired = false;
  #closed = false;

  /**
   * @param path where the file is now, if it is going to be renamed to `file`
   * @throws StorageError with code NO_SUCH_FILE, or STORAGE if it cannot be opened
   */
  constructor(file: string, path: string = file) {
    this.file = file;
    this.#fd = openForReading(path);
    const status = fstatSync(this.#fd, { bigint: true });
    this.inode = status.ino;
    this.#size = Number(status.size);
  }

  /** Length of the file when it was opened, or at the last `refresh`. */
  get size(): number {
    return this.#size;
  }

  /** Looks at the file's length again. */
  refresh(): number {
    this.#check();
    this.#size = fstatSync(this.#fd).size;
    return this.#size;
  }

  /** Up to where there are complete transactions: bytes before that never change. */
  get settled(): number {
    return this.#settled;
  }

  /** The file is known to have complete transactions up to this length. */
  extend(length: number): void {
    if (length > this.#size) this.#size = length;
    this.#settled = length;
  }

  /** Fills `target` from `position` on. @throws CorruptedDataError where the file ends before that */
  readInto(position: number, target: Uint8Array): void {
    const missing = target.length - this.peek(position, target);
    if (missing > 0)
      throw new CorruptedDataError(
        `the file ends ${missing} bytes too early for a read of ${target.length}`,
        { file: this.file, position },
      );
  }

  /** Fills `target` as far as the file reaches; returns how many bytes that were. @throws StorageError */
  peek(position: number, target: Uint8Array): number {
    this.#check();
    let read = 0;
    try {
      while (read < target.length) {
        const count = readSync(this.#fd, target, read, target.length - read, position + read);
        if (count === 0) break;
        read += count;
      }
    } catch (cause) {
      throw new StorageError(`cannot be read: ${(cause as Error).message}`, {
        file: this.file,
        position: position + read,
        cause,
      });
    }
    return read;
  }

  /** Keeps it open, also when it is retired, until what is returned is called. */
  hold(): () => void {
    this.#check();
    this.#holders++;
    return () => {
      this.#holders--;
      if (this.#holders === 0 && this.#retired) this.close();
    };
  }

  /** Closes it as soon as nobody holds it. */
  retire(): void {
    this.#retired = true;
    if (this.#holders === 0) this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#fd);
    for (const close of this.#attached) close();
  }

  /** `close` is called when this is closed. */
  attach(close: () => void): void {
    this.#attached.push(close);
  }

  #check(): void {
    if (this.#closed) throw new ClosedError(`${this.file} is closed`);
  }
}

/** A part of the file, held in memory, that moves to where it is needed. */
export class Window {
  readonly source: Source;
  /** What `at` found. Replaced when a longer part is asked for. */
  bytes: Uint8Array;
  #start = 0;
  #end = 0;

  constructor(source: Source, length: number = WINDOW) {
    this.source = source;
    this.bytes = new Uint8Array(length);
  }

  /** Brings `length` bytes from `position` on into `bytes`, and returns their offset there; -1 where the file is shorter. */
  at(position: number, length: number): number {
    if (position >= this.#start && position + length <= this.#end) return position - this.#start;
    if (position + length > this.source.size) return -1;
    if (length > this.bytes.length) this.bytes = new Uint8Array(length);
    return this.#move(position, position, length);
  }

  /** As `at`, for whoever walks towards the beginning: brings what precedes into memory rather than what follows. */
  before(position: number, length: number): number {
    if (position >= this.#start && position + length <= this.#end) return position - this.#start;
    if (position + length > this.source.size) return -1;
    if (length > this.bytes.length) this.bytes = new Uint8Array(length);
    return this.#move(Math.max(0, position + length - this.bytes.length), position, length);
  }

  #move(start: number, position: number, length: number): number {
    this.#start = start;
    this.#end = start + this.source.peek(start, this.bytes);
    return position + length <= this.#end ? position - start : -1;
  }
}

function openForReading(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new StorageError(
      missing ? 'no such file' : `cannot be opened: ${(cause as Error).message}`,
      { file, cause },
      missing ? 'NO_SUCH_FILE' : 'STORAGE',
    );
  }
}

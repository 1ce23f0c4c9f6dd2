// Where exports are read from and written to: files, or bytes in memory.

import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { CorruptedDataError, StorageError } from './errors.ts';
import type { ExportInput, ExportOutput } from './export-format.ts';

const CHUNK = 1024 * 1024;

/** Runs `fn` with the bytes of a file, or bytes. Files of blobs are made in `folder()`. @throws StorageError */
export function withInput<T>(
  source: string | Uint8Array,
  folder: () => string,
  fn: (input: ExportInput) => T,
): T {
  if (source instanceof Uint8Array) {
    const read = (at: number, length: number): Uint8Array => source.slice(at, at + length);
    return fn(new Input('bytes', source.length, read, folder));
  }
  const fd = opened(source, 'r');
  try {
    const { size } = fstatSync(fd);
    const read = (at: number, length: number): Uint8Array => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - at)));
      for (let done = 0; done < bytes.length; ) {
        const got = readSync(fd, bytes, done, bytes.length - done, at + done);
        if (got === 0) return bytes.subarray(0, done);
        done += got;
      }
      return bytes;
    };
    return fn(new Input(source, size, read, folder));
  } finally {
    closeSync(fd);
  }
}

class Input implements ExportInput {
  readonly name: string;
  position = 0;
  readonly #size: number;
  readonly #read: (at: number, length: number) => Uint8Array;
  readonly #folder: () => string;

  constructor(
    name: string,
    size: number,
    read: (at: number, length: number) => Uint8Array,
    folder: () => string,
  ) {
    this.name = name;
    this.#size = size;
    this.#read = read;
    this.#folder = folder;
  }

  read(length: number): Uint8Array {
    const bytes = this.#read(this.position, length);
    this.position += bytes.length;
    return bytes;
  }

  readFile(length: number): string {
    if (this.position + length > this.#size) {
      throw new CorruptedDataError('the export file is cut off in the content of a blob', {
        file: this.name,
        position: this.position,
      });
    }
    const path = join(mkdtempSync(join(this.#folder(), 'import-')), 'blob');
    const fd = openSync(path, 'wx');
    try {
      for (let left = length; left > 0; ) {
        const bytes = this.read(Math.min(CHUNK, left));
        writeAll(fd, bytes);
        left -= bytes.length;
      }
    } finally {
      closeSync(fd);
    }
    return path;
  }
}

/** Runs `fn` with a file to write to, which gets its name when it is complete. @throws StorageError */
export function writeOutputFile(path: string, fn: (output: ExportOutput) => void): void {
  const unfinished = `${path}.part`;
  const fd = opened(unfinished, 'w');
  try {
    fn(outputTo((bytes) => writeAll(fd, bytes)));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  renameSync(unfinished, path);
}

/** The bytes that `fn` writes. */
export function outputBytes(fn: (output: ExportOutput) => void): Uint8Array {
  const pieces: Uint8Array[] = [];
  fn(outputTo((bytes) => pieces.push(bytes.slice())));
  return new Uint8Array(Buffer.concat(pieces));
}

function outputTo(write: (bytes: Uint8Array) => void): ExportOutput {
  return {
    write,
    fileSize: (path) => statSync(path).size,
    writeFile: (path) => {
      const fd = openSync(path, 'r');
      try {
        const chunk = new Uint8Array(CHUNK);
        for (let got = readSync(fd, chunk); got > 0; got = readSync(fd, chunk))
          write(chunk.subarray(0, got));
      } finally {
        closeSync(fd);
      }
    },
  };
}

function opened(path: string, flags: string): number {
  try {
    return openSync(path, flags);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT' && flags === 'r';
    throw new StorageError(
      `the export file cannot be opened: ${(cause as Error).message}`,
      { file: path, cause },
      missing ? 'NO_SUCH_FILE' : 'STORAGE',
    );
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

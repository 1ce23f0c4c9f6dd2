// The data file as something to write to. One small interface, so that tests can put failures between the storage and
// the disk.

import { closeSync, constants, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';

export interface FileWriter {
  /** Writes all of `bytes` at `position`. */
  write(bytes: Uint8Array, position: number): void;
  truncate(length: number): void;
  /** Returns once the disk has everything. */
  sync(): void;
  close(): void;
}

/** Opens `file` for writing, making it if there is none. Throws what the system says. */
export function openWriter(file: string): FileWriter {
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o666);
  return {
    write(bytes, position) {
      for (let done = 0; done < bytes.length; )
        done += writeSync(fd, bytes, done, bytes.length - done, position + done);
    },
    truncate: (length) => ftruncateSync(fd, length),
    sync: () => fsyncSync(fd),
    close: () => closeSync(fd),
  };
}

// Keeping the index file: written under another name and renamed, so that it is there whole or not at all.

import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { writeIndexFile } from './index-file.ts';
import type { IndexMap } from './index-map.ts';
import type { Dialect } from './open.ts';

const BUFFER = 64 * 1024;

/** Saves `index` beside the data file, for the Python that writes that. Throws what the system says. */
export function saveIndex(file: string, index: IndexMap, dialect: Dialect): void {
  const temporary = `${file}.index.index_tmp`;
  const fd = openSync(temporary, 'w');
  try {
    const buffer = new Uint8Array(BUFFER);
    let used = 0;
    for (const piece of writeIndexFile(index, dialect)) {
      if (used + piece.length > BUFFER) {
        writeAll(fd, buffer.subarray(0, used));
        used = 0;
      }
      if (piece.length > BUFFER) {
        writeAll(fd, piece);
        continue;
      }
      buffer.set(piece, used);
      used += piece.length;
    }
    writeAll(fd, buffer.subarray(0, used));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  // All of it is in memory now.
  index.close();
  renameSync(temporary, `${file}.index`);
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

// Keeping the index file: written under another name and renamed, so that it is there whole or not at all.

import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { writeIndexFile } from './index-file.ts';
import type { IndexMap } from './index-map.ts';
import type { Dialect } from './open.ts';

/** Saves `index` beside the data file, for the Python that writes that. Throws what the system says. */
export function saveIndex(file: string, index: IndexMap, dialect: Dialect): void {
  const temporary = `${file}.index.index_tmp`;
  const fd = openSync(temporary, 'w');
  try {
    let buffer: Uint8Array[] = [];
    let length = 0;
    const flush = (): void => {
      const bytes = Buffer.concat(buffer);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      buffer = [];
      length = 0;
    };
    for (const piece of writeIndexFile(index, dialect)) {
      buffer.push(piece);
      length += piece.length;
      if (length > 1024 * 1024) flush();
    }
    flush();
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

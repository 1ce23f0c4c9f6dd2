// Putting a packed file in the place of the data file. It is complete and on the disk before that. The old file becomes
// `NAME.old`, by a second name rather than a new one where the file system has such: then there is a data file at every
// moment, whenever the process dies.

import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** The names beside a data file that packing uses. */
export const packNames = (file: string): { readonly packed: string; readonly old: string } => ({
  packed: `${file}.pack`,
  old: `${file}.old`,
});

/** Renames `file.pack` to `file`, which is kept as `file.old`. Throws what the system says: then nothing was replaced. */
export function replaceByPacked(file: string): void {
  const { packed, old } = packNames(file);
  chmodSync(packed, statSync(file).mode & 0o7777);
  // Whoever opens the file in the next moments must not believe the index of the old one.
  rmSync(`${file}.index`, { force: true });
  rmSync(old, { force: true });
  if (!link(file, old)) renameSync(file, old);
  try {
    renameSync(packed, file);
  } catch (error) {
    renameSync(old, file);
    throw error;
  }
  syncFolder(dirname(file));
}

function link(file: string, name: string): boolean {
  try {
    linkSync(file, name);
    return true;
  } catch {
    return false;
  }
}

// The names are on the disk after that, on systems that have it.
function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Without it the old file may be back after a loss of power: it is as complete as the new one.
  }
}

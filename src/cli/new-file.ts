// New files come into being whole: they are written as `NAME.part` and renamed when they are complete. What is interrupted
// leaves nothing under the final name.

import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { StorageError } from '../zodb/errors.ts';

const BESIDE = ['.index', '.lock', '.tmp', '.index.index_tmp'];

/**
 * Calls `write` with the name under which `path` is to be written, and gives the file its own name afterwards.
 * @throws StorageError with code FILE_EXISTS, before anything is written, where `path` is there; what `write` throws
 */
export async function writeNewFile<T>(
  path: string,
  write: (part: string) => Promise<T> | T,
): Promise<T> {
  if (existsSync(path)) throw exists(path);
  const part = `${path}.part`;
  discard(part);
  try {
    const result = await write(part);
    publish(part, path);
    return result;
  } finally {
    discard(part);
  }
}

function publish(part: string, path: string): void {
  try {
    // A link, unlike a rename, does not replace what somebody else has put there meanwhile.
    linkSync(part, path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw exists(path);
    renameSync(part, path);
  }
  if (existsSync(`${part}.index`)) renameSync(`${part}.index`, `${path}.index`);
}

function discard(part: string): void {
  for (const suffix of ['', ...BESIDE]) rmSync(`${part}${suffix}`, { force: true });
}

function exists(path: string): StorageError {
  return new StorageError('there is such a file already', { file: path }, 'FILE_EXISTS');
}

// From backups back to a data file, and whether backups are whole.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptedDataError, StorageError } from '../zodb/errors.ts';
import {
  type BackupEntry,
  type BackupFile,
  backedUpBytes,
  backupChain,
  readDat,
  stampOf,
} from './backup-repository.ts';

/** How to restore a backup. */
export interface RestoreBackupOptions {
  /** The state of this moment. Default: the newest. */
  readonly date?: Date;
  /** Replace a file that is there. Default: refuse. */
  readonly overwrite?: boolean;
  /** Called now and then. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => unknown;
}

/** What was restored. */
export interface RestoredBackup {
  /** The newest backup file in it. */
  readonly file: string;
  readonly size: number;
}

/**
 * Makes the data file `target` from the backups in `folder`, and its index file. Every byte is checked against the sums in
 * the folder; where one is wrong, nothing is made.
 * @throws CorruptedDataError where a backup is damaged; StorageError with code NO_BACKUP, FILE_EXISTS or BACKUP_UNREADABLE
 */
export async function restoreBackup(
  folder: string,
  target: string,
  options: RestoreBackupOptions = {},
): Promise<RestoredBackup> {
  const chain = chainOf(folder, options.date);
  if (existsSync(target) && options.overwrite !== true)
    throw new StorageError('there is such a file already', { file: target }, 'FILE_EXISTS');
  const entries = entriesOf(folder, chain);
  const total = entries.at(-1)?.end ?? 0;
  const part = `${target}.part`;
  let size = 0;
  try {
    const handle = await open(part, 'w');
    try {
      for (const [i, file] of chain.entries())
        for await (const piece of checked(folder, file, entries[i] as BackupEntry)) {
          await handle.writeFile(piece);
          size += piece.length;
          options.onProgress?.({ done: size, total });
        }
      await handle.sync();
    } finally {
      await handle.close();
    }
    // An index of the file that is replaced must not be taken for one of the new.
    await rm(`${target}.index`, { force: true });
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  const last = chain.at(-1) as BackupFile;
  const index = join(folder, `${last.stamp}.index`);
  if (existsSync(index)) await copyFile(index, `${target}.index`);
  return { file: join(folder, last.name), size };
}

/**
 * Looks at all files of the newest backup, or of the one that was the newest at `date`: their lengths and, unless
 * `quick`, their sums.
 * @throws CorruptedDataError, or StorageError with code NO_BACKUP or BACKUP_UNREADABLE, for the first that is wrong
 */
export async function verifyBackup(
  folder: string,
  options: { readonly date?: Date; readonly quick?: boolean } = {},
): Promise<readonly string[]> {
  const chain = chainOf(folder, options.date);
  const entries = entriesOf(folder, chain);
  for (const [i, file] of chain.entries()) {
    const bytes = checked(folder, file, entries[i] as BackupEntry, options.quick);
    for await (const _ of bytes);
  }
  return chain.map(({ name }) => join(folder, name));
}

function chainOf(folder: string, date: Date | undefined): BackupFile[] {
  const stamp = date && stampOf(date);
  const chain = backupChain(folder, stamp);
  if (chain.length > 0) return chain;
  const when = stamp === undefined ? '' : ` from ${stamp} or before`;
  throw new StorageError(`no backup${when}`, { file: folder }, 'NO_BACKUP');
}

/** What is noted about each file of the chain, one after another without a gap. */
function entriesOf(folder: string, chain: readonly BackupFile[]): BackupEntry[] {
  const entries = readDat(folder, chain[0] as BackupFile) ?? [];
  let position = 0;
  return chain.map((file) => {
    const entry = entries.find(({ name }) => name === file.name);
    const where = { file: join(folder, file.name) };
    if (entry === undefined)
      throw new CorruptedDataError('the backup is not in the notes of its full backup', where);
    if (entry.start !== position)
      throw new CorruptedDataError(
        `the backup begins at ${entry.start}, but the one before it ends at ${position}: one is missing`,
        where,
      );
    position = entry.end;
    return entry;
  });
}

async function* checked(
  folder: string,
  file: BackupFile,
  entry: BackupEntry,
  quick = false,
): AsyncGenerator<Uint8Array> {
  const where = { file: join(folder, file.name) };
  const expected = entry.end - entry.start;
  const hash = createHash('md5');
  let length = 0;
  if (quick && !file.gzip) length = await sizeOf(where.file);
  else
    for await (const piece of backedUpBytes(folder, file)) {
      if (!quick) hash.update(piece);
      length += piece.length;
      yield piece;
    }
  if (length !== expected)
    throw new CorruptedDataError(
      `the backup is ${length} bytes long instead of ${expected}`,
      where,
    );
  if (quick) return;
  const md5 = hash.digest('hex');
  if (md5 !== entry.md5)
    throw new CorruptedDataError(
      `the backup is damaged: its MD5 is ${md5} instead of ${entry.md5}`,
      where,
    );
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw new StorageError(
      `the backup cannot be read: ${(cause as Error).message}`,
      { file, cause },
      'BACKUP_UNREADABLE',
    );
  }
}

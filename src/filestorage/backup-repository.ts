// A folder of backups, as repozo lays it out. Files are named after the UTC second in which they were begun:
//
//   2026-11-23-03-16-59.fs        a full backup: the data file up to its last transaction (.fsz where compressed by gzip)
//   2026-11-23-03-17-00.deltafs   what was added since the backup before it (.deltafsz)
//   2026-11-23-03-17-00.index     the index file of the state that ends with the file of the same name
//   2026-11-23-03-16-59.dat       one line for the full backup and each increment of it: path, first and last position in
//                                 the data file, MD5 of these bytes in hex

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { CorruptedDataError, StorageError } from '../zodb/errors.ts';

/** One file of a backup. */
export interface BackupFile {
  readonly name: string;
  /** `YYYY-MM-DD-hh-mm-ss`, UTC. */
  readonly stamp: string;
  readonly full: boolean;
  readonly gzip: boolean;
}

/** What a `.dat` file says of one backup file. */
export interface BackupEntry {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly md5: string;
}

const NAME = /^(\d{4}(?:-\d\d){5})\.(delta)?fs(z)?$/;
const LINE = /^(.*) (\d+) (\d+) ([0-9a-f]{32})$/;

/** The name, without ending, of a backup begun at `date`. */
export function stampOf(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[T:]/g, '-');
}

/** All files of a repository, oldest first. @throws StorageError where the folder cannot be read */
export function allBackups(folder: string): BackupFile[] {
  return namesIn(folder)
    .map((name) => {
      const match = NAME.exec(name);
      if (match === null) return undefined;
      const [, stamp, delta, gzip] = match as unknown as [string, string, string?, string?];
      return { name, stamp, full: delta === undefined, gzip: gzip !== undefined };
    })
    .filter((file) => file !== undefined)
    .sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0));
}

/** The files that make up the newest state not younger than `stamp`: a full backup and the increments of it. */
export function backupChain(folder: string, stamp?: string): BackupFile[] {
  const files = allBackups(folder).filter((file) => stamp === undefined || file.stamp <= stamp);
  const full = files.findLastIndex((file) => file.full);
  return full < 0 ? [] : files.slice(full);
}

/** The path of the `.dat` file of a full backup. */
export function datPath(folder: string, full: BackupFile): string {
  return join(folder, `${full.stamp}.dat`);
}

/** What the `.dat` file says, `undefined` if there is none. @throws CorruptedDataError */
export function readDat(folder: string, full: BackupFile): BackupEntry[] | undefined {
  const path = datPath(folder, full);
  if (!existsSync(path)) return undefined;
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const match = LINE.exec(line);
      if (match === null)
        throw new CorruptedDataError(`not a line of a backup: ${JSON.stringify(line)}`, {
          file: path,
        });
      const [, file, start, end, md5] = match as unknown as [
        string,
        string,
        string,
        string,
        string,
      ];
      return { name: basename(file), start: Number(start), end: Number(end), md5 };
    });
}

/** The line of a `.dat` file. */
export function datLine(folder: string, { name, start, end, md5 }: BackupEntry): string {
  const path = join(folder, name);
  // repozo takes the line apart at white space, and only looks at the last part of the path.
  return `${/\s/.test(path) ? name : path} ${start} ${end} ${md5}\n`;
}

/** The bytes of a backup file, uncompressed. */
export async function* backedUpBytes(folder: string, file: BackupFile): AsyncGenerator<Uint8Array> {
  const path = join(folder, file.name);
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    if (!file.gzip) yield* stream;
    else {
      const gunzip = createGunzip({ chunkSize: 1 << 20 });
      stream.on('error', (error) => gunzip.destroy(error));
      yield* stream.pipe(gunzip);
    }
  } catch (cause) {
    throw new StorageError(
      `the backup cannot be read: ${(cause as Error).message}`,
      { file: path, cause },
      'BACKUP_UNREADABLE',
    );
  } finally {
    stream.destroy();
  }
}

/** Length and MD5 of bytes. */
export async function measured(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ readonly length: number; readonly md5: string }> {
  const hash = createHash('md5');
  let length = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    length += piece.length;
  }
  return { length, md5: hash.digest('hex') };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new StorageError(`no folder of backups: ${(cause as Error).message}`, {
      file: folder,
      cause,
    });
  }
}

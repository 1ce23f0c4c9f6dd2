// Backups of a data file: full ones, and increments with what was added since. The folder is repozo's
// (backup-repository.ts), so either program goes on with the other's backups.

import { createHash } from 'node:crypto';
import { appendFileSync, createReadStream, rmSync } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { StorageError } from '../zodb/errors.ts';
import {
  allBackups,
  type BackupEntry,
  type BackupFile,
  backedUpBytes,
  backupChain,
  datLine,
  datPath,
  measured,
  readDat,
  stampOf,
} from './backup-repository.ts';
import { writeIndexFile } from './index-file.ts';
import { openFile } from './open.ts';

/** How to back up. */
export interface BackupOptions {
  /** A full backup, whatever is there. Default: only where an increment is not possible. */
  readonly full?: boolean;
  /** Trust the folder's notes on what is backed up, but for the last increment. Default: compare all bytes. */
  readonly quick?: boolean;
  /** Compress by gzip. */
  readonly gzip?: boolean;
  /** After a full backup, remove all older ones. */
  readonly removeOld?: boolean;
  /** The moment after which the files are named. Default: now. */
  readonly now?: Date;
  /** Called now and then with the number of bytes looked at or written. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => unknown;
}

/** What a backup made. */
export interface BackupResult {
  readonly kind: 'full' | 'increment' | 'unchanged';
  /** Why it is a full one. */
  readonly reason: string | undefined;
  /** The file that was made. */
  readonly file: string | undefined;
  /** The part of the data file that is in it. */
  readonly start: number;
  readonly end: number;
}

/**
 * Backs up the data file `file` into `folder`, which must exist. A program may be writing the file: its last complete
 * transaction is where the backup ends.
 * @throws StorageError with code BACKUP_EXISTS where a backup was made in the same second; FormatError,
 * CorruptedDataError where `file` is not a data file
 */
export async function backup(
  file: string,
  folder: string,
  options: BackupOptions = {},
): Promise<BackupResult> {
  const chain = backupChain(folder);
  const { source, contents } = openFile(file, { readOnly: true });
  try {
    const { end } = contents;
    const { start, reason } = await startOf(file, end, folder, chain, options);
    if (start === end) return { kind: 'unchanged', reason: undefined, file: undefined, start, end };
    const full = start === 0;
    const stamp = stampOf(options.now ?? new Date());
    const name = `${stamp}.${full ? '' : 'delta'}fs${options.gzip ? 'z' : ''}`;
    // Files of one second have no order.
    if (allBackups(folder).some((file) => file.stamp === stamp))
      throw new StorageError(
        'a backup was made in the same second already; try again',
        { file: join(folder, name) },
        'BACKUP_EXISTS',
      );
    await writeWhole(
      folder,
      `${stamp}.index`,
      Readable.from(copied(writeIndexFile(contents.index))),
    );
    const hash = createHash('md5');
    const bytes = reported(bytesOf(file, start, end), end - start, options);
    const hashed = tapped(bytes, (piece) => hash.update(piece));
    await writeWhole(
      folder,
      name,
      options.gzip ? Readable.from(hashed).pipe(createGzip()) : hashed,
    );
    const entry: BackupEntry = { name, start, end, md5: hash.digest('hex') };
    const head: BackupFile = full
      ? { name, stamp, full, gzip: options.gzip ?? false }
      : (chain[0] as BackupFile);
    appendFileSync(datPath(folder, head), datLine(folder, entry), { flush: true });
    if (full && options.removeOld) removeOlder(folder, stamp);
    return { kind: full ? 'full' : 'increment', reason, file: join(folder, name), start, end };
  } finally {
    source.close();
  }
}

/** Where the next backup begins: 0 for a full one. */
async function startOf(
  file: string,
  end: number,
  folder: string,
  chain: readonly BackupFile[],
  options: BackupOptions,
): Promise<{ start: number; reason: string | undefined }> {
  const full = (reason: string) => ({ start: 0, reason });
  const head = chain[0];
  if (head === undefined) return full('there is no backup yet');
  if (options.full) return full('asked for');
  const entries = readDat(folder, head);
  if (entries === undefined || entries.length === 0)
    return full('the notes on the last one are missing');
  const {
    start,
    end: backedUp,
    md5,
  } = options.quick
    ? (entries.at(-1) as BackupEntry)
    : { start: 0, ...(await stateOf(folder, chain, options)) };
  if (end < backedUp) return full('the data file is shorter than what is backed up: it was packed');
  const now = await measured(reported(bytesOf(file, start, backedUp), backedUp - start, options));
  if (now.md5 !== md5) return full('what is backed up has changed in the data file: it was packed');
  return { start: backedUp, reason: undefined };
}

/** The state that the files of a chain make up. */
async function stateOf(
  folder: string,
  chain: readonly BackupFile[],
  options: BackupOptions,
): Promise<{ end: number; md5: string }> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (const file of chain) yield* backedUpBytes(folder, file);
  }
  const sizes = await Promise.all(chain.map(({ name }) => stat(join(folder, name))));
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  const { length, md5 } = await measured(reported(pieces(), total, options));
  return { end: length, md5 };
}

function bytesOf(file: string, start: number, end: number): AsyncIterable<Uint8Array> {
  if (start === end) return Readable.from([]);
  return createReadStream(file, { start, end: end - 1, highWaterMark: 1 << 20 });
}

async function* tapped(
  pieces: AsyncIterable<Uint8Array>,
  tap: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    tap(piece);
    yield piece;
  }
}

function reported(
  pieces: AsyncIterable<Uint8Array>,
  total: number,
  { onProgress }: BackupOptions,
): AsyncIterable<Uint8Array> {
  if (onProgress === undefined) return pieces;
  let done = 0;
  return tapped(pieces, (piece) => {
    done += piece.length;
    onProgress({ done: Math.min(done, total), total });
  });
}

/** Writes a file under another name, waits for the disk, and gives it its own. */
async function writeWhole(
  folder: string,
  name: string,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = join(folder, 'tmp.tmp');
  try {
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(pieces);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function removeOlder(folder: string, stamp: string): void {
  for (const file of allBackups(folder)) {
    if (file.stamp >= stamp) continue;
    for (const name of [file.name, `${file.stamp}.index`, `${file.stamp}.dat`])
      rmSync(join(folder, name), { force: true });
  }
}

// A stream asks for pieces before it is done with others.
function* copied(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const piece of pieces) yield Uint8Array.from(piece);
}

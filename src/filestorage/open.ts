// What is in a data file: its format, the index (read, or made by a scan), where it ends and which transaction was last.

import { existsSync, rmSync } from 'node:fs';
import { isZodbError } from '../errors.ts';
import { BlobFolder } from '../zodb/blob-folder.ts';
import { CorruptedDataError, FormatError, StorageError } from '../zodb/errors.ts';
import { type Tid, ZERO_TID } from '../zodb/ids.ts';
import type { Finding } from '../zodb/storage.ts';
import { MAGIC_LENGTH, MAGICS } from './format.ts';
import type { IndexInput } from './index-buckets.ts';
import { readIndexFile } from './index-file.ts';
import { openIndexInput } from './index-input.ts';
import { IndexMap } from './index-map.ts';
import { SMALLEST_TRUSTED_END, trustedIndex } from './index-trust.ts';
import { type Lock, lockFile } from './lock.ts';
import type { FileStorageOptions } from './options.ts';
import { cutTail } from './repair.ts';
import { type ScanResult, scan, type Tail, VERSION_FOUND } from './scan.ts';
import { Source, Window } from './source.ts';
import { type FileWriter, openWriter } from './writer.ts';

const DAMAGED_INDEX = 'the index file was not used: it is damaged';

export type Dialect = 'python3' | 'python2';

export interface Contents {
  readonly dialect: Dialect;
  readonly index: IndexMap;
  /** Where the last complete transaction ends. */
  readonly end: number;
  readonly lastTid: Tid;
  /** What stands behind `end`. */
  readonly tail: Tail | undefined;
  /** Whether a complete transaction stands behind the tail. */
  readonly followed: boolean;
  readonly findings: readonly Finding[];
  /** Whether the index file can be left as it is. */
  readonly indexFile: 'current' | 'old' | 'missing or wrong';
}

/** An opened data file; `lock` and `writer` where it was opened for writing. */
export interface Opened {
  readonly source: Source;
  readonly contents: Contents;
  readonly lock: Lock | undefined;
  readonly writer: FileWriter | undefined;
  readonly blobs: BlobFolder | undefined;
}

/**
 * Opens a data file, for writing unless told otherwise: then it is locked, made if it is missing, and freed of what a
 * crash left behind its end.
 * @throws LockError, FormatError, CorruptedDataError, StorageError
 */
export function openFile(path: string, options: FileStorageOptions): Opened {
  if (options.readOnly) return openForReading(path, options);
  const { create = true, blobDir } = options;
  if (create !== 'new') checkBeforeLock(path, create, options.python2 === 'write');
  const lock = options.lock === false ? undefined : lockFile(path);
  let writer: FileWriter | undefined;
  let source: Source | undefined;
  try {
    if (create === 'new') for (const file of [path, `${path}.index`]) rmSync(file, { force: true });
    writer = openWriter(path);
    writer = options.wrapWriter?.(writer) ?? writer;
    source = new Source(path);
    if (source.size === 0) {
      const magic = options.format ?? MAGICS.python3;
      writer.write(new TextEncoder().encode(magic), 0);
      source.refresh();
    }
    const contents = readContents(source, options.reindex);
    refuseVersions(path, contents);
    cutTail(source, writer, contents);
    source.refresh();
    const replace = create === 'new';
    const blobs = blobDir === undefined ? undefined : new BlobFolder(blobDir, { replace });
    return { source, contents, lock, writer, blobs };
  } catch (cause) {
    writer?.close();
    source?.close();
    lock?.release();
    if (isZodbError(cause)) throw cause;
    throw new StorageError(`cannot be opened for writing: ${(cause as Error).message}`, {
      file: path,
      cause,
    });
  }
}

// A pack or an undo would not know what to do with records of versions.
function refuseVersions(file: string, { findings }: Contents): void {
  const found = findings.find(({ message }) => message === VERSION_FOUND);
  if (found === undefined) return;
  throw new FormatError('holds records of versions; open it with { readOnly: true }', {
    file,
    position: found.position,
  });
}

function openForReading(path: string, { blobDir, reindex }: FileStorageOptions): Opened {
  const source = new Source(path);
  try {
    const blobs = blobDir === undefined ? undefined : new BlobFolder(blobDir, { readOnly: true });
    const contents = readContents(source, reindex);
    return { source, contents, lock: undefined, writer: undefined, blobs };
  } catch (error) {
    source.close();
    throw error;
  }
}

// Where a file system has no hard links, and in Python always, there is a moment of a pack in which the file has its old
// name no more and the new one not yet. An empty file must not be made in its place.
function refuseAfterPack(path: string): void {
  if (existsSync(`${path}.pack`) && existsSync(`${path}.old`))
    throw new StorageError(
      `a pack was interrupted: ${path}.pack is the packed file, ${path}.old the one of before; rename one of them to ${path}`,
      { file: path },
    );
}

// What can be told without touching anything: whether the file is there, and of a format that can be written.
function checkBeforeLock(path: string, create: boolean, python2: boolean): void {
  if (!existsSync(path)) {
    refuseAfterPack(path);
    if (!create) throw new StorageError('no such file', { file: path }, 'NO_SUCH_FILE');
    return;
  }
  const source = new Source(path);
  try {
    if (readMagic(source) === 'python2' && !python2)
      throw new FormatError(
        "written by Python 2 (FS21); open it with { readOnly: true }, or with { python2: 'write' } to write it",
        { file: path, position: 0 },
      );
  } finally {
    source.close();
  }
}

/** Reads what `source` holds, `reindex`: without its index file. @throws FormatError, CorruptedDataError */
export function readContents(source: Source, reindex: boolean | undefined = false): Contents {
  const dialect = readMagic(source);
  const window = new Window(source);
  const findings: Finding[] = [];
  const loaded = reindex ? undefined : loadIndex(source.file, findings);
  let index = loaded?.index;
  // An index file is read as long as the data file is.
  if (index !== undefined) source.attach(() => loaded?.index.close());
  let lastTid = index === undefined ? undefined : trusted(window, index, findings);
  if (lastTid === undefined) index = undefined;
  const covered = index?.end ?? MAGIC_LENGTH;
  index ??= new IndexMap();
  lastTid ??= ZERO_TID;
  index.mendWith((end) => {
    findings.push({ position: 0, message: DAMAGED_INDEX, damage: false });
    return scannedIndex(source, end);
  });
  const scanned: ScanResult = scan(window, covered, lastTid, index);
  findings.push(...scanned.findings);
  const current = scanned.end === covered && loaded?.present ? 'current' : 'old';
  return {
    dialect,
    index,
    ...scanned,
    findings,
    indexFile: covered === MAGIC_LENGTH ? 'missing or wrong' : current,
  };
}

// What the data file holds up to `end`, where a complete transaction ends.
function scannedIndex(source: Source, end: number): IndexMap {
  const index = new IndexMap();
  const scanned = scan(new Window(source), MAGIC_LENGTH, ZERO_TID, index, end);
  if (scanned.end === end) return index;
  const message = 'not the beginning of a transaction, and the index file is damaged, too';
  throw new CorruptedDataError(message, { file: source.file, position: scanned.end });
}

function trusted(window: Window, index: IndexMap, findings: Finding[]): Tid | undefined {
  try {
    const lastTid = trustedIndex(window, index);
    const message = 'the index file does not fit the data file';
    if (lastTid === undefined && index.end >= SMALLEST_TRUSTED_END)
      findings.push({ position: index.end, message, damage: false });
    return lastTid;
  } catch (error) {
    if (!isZodbError(error, 'CORRUPTED')) throw error;
    findings.push({ position: 0, message: DAMAGED_INDEX, damage: false });
    return undefined;
  }
}

/** The dialect that the first bytes tell. An empty file is one of Python 3. @throws FormatError */
function readMagic(source: Source): Dialect {
  if (source.size === 0) return 'python3';
  const bytes = new Uint8Array(MAGIC_LENGTH);
  const length = source.peek(0, bytes);
  const magic = String.fromCharCode(...bytes);
  const where = { file: source.file, position: 0 };
  if (length < MAGIC_LENGTH)
    throw new FormatError(`not a FileStorage: only ${length} bytes, too short for a magic`, where);
  if (magic === MAGICS.python3) return 'python3';
  if (magic === MAGICS.python2) return 'python2';
  if (magic === MAGICS.versions)
    throw new FormatError('FS20, the format of Zope before 2000, is not supported', where);
  throw new FormatError(`not a FileStorage: begins with ${JSON.stringify(magic)}`, where);
}

function loadIndex(
  file: string,
  findings: Finding[],
): { readonly index: IndexMap; readonly present: boolean } | undefined {
  let input: IndexInput | undefined;
  try {
    input = openIndexInput(`${file}.index`);
    const { index, present } = readIndexFile(input);
    return { index, present };
  } catch (error) {
    input?.close();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Whatever is wrong with it: the data file has all that it says.
    const message = isZodbError(error)
      ? DAMAGED_INDEX
      : `the index file was not used: ${(error as Error).message}`;
    findings.push({ position: 0, message, damage: false });
    return undefined;
  }
}

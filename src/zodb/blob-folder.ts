// The folder with the files of a storage's blobs: committed ones, which nobody changes, and in `tmp` those that no
// transaction has committed yet. Names are in blob-layout.ts; everything else about it is Python's, permissions too.

import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  type BlobLayout,
  blobFileName,
  blobFolderName,
  LAYOUT_MARKER,
  readBlobFileName,
} from './blob-layout.ts';
import { FormatError, POSKeyError, StorageError } from './errors.ts';
import type { Oid, Tid } from './ids.ts';

const WRITE_BITS = 0o222;
const READ_BITS = 0o444;

/** How to open a blob folder. */
export interface BlobFolderOptions {
  /** Makes and writes nothing. */
  readonly readOnly?: boolean;
  /** Removes what is there first. */
  readonly replace?: boolean;
}

export class BlobFolder {
  /** The absolute path. */
  readonly path: string;
  #layout: BlobLayout | undefined;

  /** @throws FormatError for a layout that is not known; StorageError if the folder cannot be made or written */
  constructor(path: string, { readOnly = false, replace = false }: BlobFolderOptions = {}) {
    this.path = resolve(path);
    if (readOnly) return;
    try {
      if (replace) rmSync(this.path, { recursive: true, force: true });
      this.#layout = layoutOf(this.path);
      mkdirSync(this.temporary, { recursive: true });
      const marker = join(this.path, LAYOUT_MARKER);
      if (!existsSync(marker)) writeFileSync(marker, this.#layout);
    } catch (cause) {
      if (cause instanceof FormatError) throw cause;
      throw new StorageError(`the blob folder cannot be used: ${(cause as Error).message}`, {
        file: this.path,
        cause,
      });
    }
  }

  /** Where files wait to be committed. */
  get temporary(): string {
    return join(this.path, 'tmp');
  }

  /** @throws FormatError */
  get layout(): BlobLayout {
    if (this.#layout !== undefined) return this.#layout;
    const layout = layoutOf(this.path);
    // Another process may make the folder later.
    if (existsSync(join(this.path, LAYOUT_MARKER))) this.#layout = layout;
    return layout;
  }

  /** The folder of all revisions of an object's blob. */
  folderOf(oid: Oid): string {
    return join(this.path, blobFolderName(this.layout, oid));
  }

  /** The file of one revision, whether it is there or not. */
  fileOf(oid: Oid, tid: Tid): string {
    return join(this.path, blobFileName(this.layout, oid, tid));
  }

  /** The revisions of an object that have a file. */
  revisions(oid: Oid): Tid[] {
    const folder = blobFolderName(this.layout, oid);
    const names = existsSync(join(this.path, folder)) ? readdirSync(join(this.path, folder)) : [];
    return names.flatMap((name) => {
      const read = readBlobFileName(this.layout, `${folder}/${name}`);
      return read === undefined ? [] : [read.tid];
    });
  }

  /** The file of one revision. @throws POSKeyError if it is not there */
  load(oid: Oid, tid: Tid): string {
    const file = this.fileOf(oid, tid);
    if (existsSync(file)) return file;
    throw new POSKeyError(oid, { file, tid, reason: 'there is no file of this blob' });
  }

  /**
   * Makes `file` the revision that `tid` writes; it is moved, or copied where it is on another file system. Returns the
   * folders in which something was made. Throws what the system says.
   */
  install(oid: Oid, tid: Tid, file: string): string[] {
    const target = this.fileOf(oid, tid);
    const folder = dirname(target);
    const made = mkdirSync(folder, { recursive: true });
    move(file, target, this.temporary);
    const { mode } = lstatSync(target);
    const readable = lstatSync(folder).mode & READ_BITS;
    chmodSync(target, (mode & 0o7777 & ~WRITE_BITS) | readable);
    const changed = [folder];
    // Where folders were made, each is an entry in the one above it.
    for (let above = folder; made !== undefined && above.length >= made.length; ) {
      above = dirname(above);
      changed.push(above);
    }
    return changed;
  }

  /** Removes a revision, and the folders that are empty then. */
  remove(oid: Oid, tid: Tid): void {
    const file = this.fileOf(oid, tid);
    rmSync(file, { force: true });
    this.removeEmpty(dirname(file));
  }

  /** Removes a folder of the layout if it is empty, and those above it. */
  removeEmpty(folder: string): void {
    for (let at = folder; at.length > this.path.length; at = dirname(at)) {
      try {
        rmdirSync(at);
      } catch {
        return;
      }
    }
  }
}

/** Moves a file, also to another file system; `near` is a folder on that of `target`. */
export function move(file: string, target: string, near: string): void {
  try {
    renameSync(file, target);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
  }
  const copy = temporaryFile(near, 'BUC');
  try {
    copyFileSync(file, copy);
    renameSync(copy, target);
  } catch (error) {
    rmSync(copy, { force: true });
    throw error;
  }
  rmSync(file);
}

/** Makes an empty file with a name of its own, which only its owner can read. */
export function temporaryFile(folder: string, prefix: string): string {
  for (;;) {
    const file = join(folder, `${prefix}${Math.random().toString(36).slice(2, 10)}`);
    try {
      closeSync(openSync(file, 'wx', 0o600));
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Waits until a file, or the entries of a folder, are on disk. Throws what the system says. */
export function syncToDisk(path: string): void {
  // Windows syncs only what is open for writing, and folders never.
  const windows = process.platform === 'win32';
  if (windows && lstatSync(path).isDirectory()) return;
  const descriptor = openSync(path, windows ? 'r+' : 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

// A folder without a marker that has anything in it is from before there were two layouts.
function layoutOf(path: string): BlobLayout {
  let layout: string;
  try {
    layout = readFileSync(join(path, LAYOUT_MARKER), 'latin1').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (!existsSync(path)) return 'bushy';
    return readdirSync(path).some((name) => !name.startsWith('.')) ? 'lawn' : 'bushy';
  }
  if (layout === 'bushy' || layout === 'lawn') return layout;
  throw new FormatError(
    `the layout of a blob folder is bushy or lawn, but the folder says ${JSON.stringify(layout)}`,
    { file: join(path, LAYOUT_MARKER) },
  );
}

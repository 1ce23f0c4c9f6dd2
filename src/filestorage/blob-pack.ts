// The blobs that a pack removes. While records are left out, the blobs among them are listed in a file in the blob folder, a
// line for each: the oid where nothing of the object is kept, else oid and tid. Once the packed file is in place, what is
// listed is removed; or it is moved to a folder beside, in which the files that are kept appear too, so that the data file
// from before the pack has all its blobs.

import {
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { BlobFolder } from '../zodb/blob-folder.ts';
import { LAYOUT_MARKER } from '../zodb/blob-layout.ts';
import { isBlobRecord } from '../zodb/blob-record.ts';
import { StorageError } from '../zodb/errors.ts';
import { formatId, type Oid, type Tid } from '../zodb/ids.ts';
import type { PackObserver } from './pack-blobs.ts';

const TOGETHER = 64 * 1024;

/** How a pack goes about the blobs. */
export interface BlobPackOptions {
  /** Only counts. */
  readonly dryRun: boolean;
  /** Whether the packed file has a revision: one of several records that a transaction wrote of an object may be kept. */
  readonly has: (oid: Oid, tid: Tid) => boolean;
  /** Whether the packed file has the object: one that was garbage may have been changed during the pack. */
  readonly hasObject: (oid: Oid) => boolean;
}

export class BlobPack implements PackObserver {
  readonly #folder: BlobFolder;
  readonly #options: BlobPackOptions;
  #lines = '';
  #descriptor: number | undefined;
  #count = 0;

  constructor(folder: BlobFolder, options: BlobPackOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  removed(oid: bigint, tid: bigint, data: Uint8Array, gone: boolean): void {
    if (!isBlobRecord(data)) return;
    this.#count++;
    if (this.#options.dryRun) return;
    this.#lines += `${formatId(oid as Oid)}${gone ? '' : formatId(tid as Tid)}\n`;
    if (this.#lines.length >= TOGETHER) this.#write();
  }

  /** @throws StorageError where something cannot be removed or moved: the file is packed then, and these blobs remain */
  finish(keepOld: boolean): number {
    try {
      this.#write();
      closeSync(this.#descriptor as number);
      this.#descriptor = undefined;
      const listed = readFileSync(this.#list, 'latin1').split('\n');
      rmSync(this.#old, { recursive: true, force: true });
      if (keepOld) this.#makeOld();
      for (const line of listed) if (line !== '') this.#take(line, keepOld);
      if (keepOld) linkBlobs(this.#folder.path, this.#old);
      rmSync(this.#list);
    } catch (cause) {
      throw new StorageError(
        `the data file is packed, but not all blobs are: ${(cause as Error).message}`,
        { file: this.#folder.path, cause },
        'WRITE',
      );
    }
    return this.#count;
  }

  cancel(): number {
    if (this.#descriptor !== undefined) {
      closeSync(this.#descriptor);
      this.#descriptor = undefined;
      rmSync(this.#list, { force: true });
    }
    return this.#count;
  }

  get #list(): string {
    return join(this.#folder.path, '.removed');
  }

  #write(): void {
    this.#descriptor ??= openSync(this.#list, 'w');
    writeSync(this.#descriptor, this.#lines);
    this.#lines = '';
  }

  get #old(): string {
    return `${this.#folder.path}.old`;
  }

  #makeOld(): void {
    mkdirSync(this.#old);
    const marker = join(this.#folder.path, LAYOUT_MARKER);
    if (existsSync(marker)) link(marker, join(this.#old, LAYOUT_MARKER));
  }

  // Moves or removes what a line names. What is gone already need not be.
  #take(line: string, keepOld: boolean): void {
    const oid = BigInt(`0x${line.slice(0, 16)}`) as Oid;
    if (line.length > 16) this.#takeRevision(oid, BigInt(`0x${line.slice(16)}`) as Tid, keepOld);
    else if (!this.#options.hasObject(oid)) this.#move(this.#folder.folderOf(oid), keepOld);
    else for (const tid of this.#folder.revisions(oid)) this.#takeRevision(oid, tid, keepOld);
  }

  #takeRevision(oid: Oid, tid: Tid, keepOld: boolean): void {
    if (!this.#options.has(oid, tid)) this.#move(this.#folder.fileOf(oid, tid), keepOld);
  }

  #move(path: string, keepOld: boolean): void {
    if (!existsSync(path)) return;
    if (keepOld) {
      const target = this.#old + path.slice(this.#folder.path.length);
      mkdirSync(dirname(target), { recursive: true });
      renameSync(path, target);
    } else rmSync(path, { recursive: true });
    this.#folder.removeEmpty(dirname(path));
  }
}

/** Links all files of blobs under `folder` to the same places under `target`. */
function linkBlobs(folder: string, target: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const [from, to] = [join(folder, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) linkBlobs(from, to);
    else if (entry.name.endsWith('.blob')) {
      mkdirSync(target, { recursive: true });
      link(from, to);
    }
  }
}

function link(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch {
    // Not every file system has links.
    copyFileSync(file, name);
  }
}

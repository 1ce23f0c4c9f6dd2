// How to open a data file.

import { ArgumentError } from '../zodb/errors.ts';
import { MAX_TID } from '../zodb/ids.ts';
import type { PackAsyncOptions } from '../zodb/storage.ts';
import type { FileWriter } from './writer.ts';

/** What a FileStorage may be told beside its path. */
export interface FileStorageOptions {
  /** Never locks and never writes. Default: false. */
  readonly readOnly?: boolean | undefined;
  /** Whether to make a file that is missing. `'new'`: one that is there is replaced. Default: true. */
  readonly create?: boolean | 'new' | undefined;
  /** What a file that is made begins with: `'FS30'` (default) for Python 3, `'FS21'` for Python 2. */
  readonly format?: 'FS30' | 'FS21' | undefined;
  /** `'write'`: a file of Python 2 (FS21) may be written, too; its records must then be those of Python 2. */
  readonly python2?: 'write' | undefined;
  /** `false`: writes without a lock, for file systems and machines that have none. Default: true. */
  readonly lock?: boolean | undefined;
  /** `false`: a commit does not wait for the disk, and may be lost with the machine's power. Default: true. */
  readonly fsync?: boolean | undefined;
  /** How many bytes the file may have before `store` and `deleteObject` are refused. Default: no bound. */
  readonly quota?: number | undefined;
  /** The index file is not read and, unless opened for reading, made again. Default: false. */
  readonly reindex?: boolean | undefined;
  /** The folder of the blobs' files, made if it is missing. Default: none, and no blobs. */
  readonly blobDir?: string | undefined;
  /** Puts something between the storage and the data file, such as the failures of a test. */
  readonly wrapWriter?: ((writer: FileWriter) => FileWriter) | undefined;
}

/** @throws ArgumentError that names the first argument which is not as FileStorage takes it */
export function checkArguments(path: unknown, options: FileStorageOptions): void {
  if (typeof path !== 'string' || path === '')
    throw new ArgumentError(`a FileStorage takes the path of a file, got ${shown(path)}`);
  for (const name of ['readOnly', 'lock', 'fsync', 'reindex'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean')
      throw new ArgumentError(`the option ${name} is true or false, got ${shown(value)}`);
  }
  const { format, python2 }: Record<string, unknown> = { ...options };
  if (format !== undefined && format !== 'FS30' && format !== 'FS21')
    throw new ArgumentError(`the option format is FS30 or FS21, got ${shown(format)}`);
  if (python2 !== undefined && python2 !== 'write')
    throw new ArgumentError(`the option python2 is 'write', got ${shown(python2)}`);
  const quota: unknown = options.quota;
  if (quota !== undefined && !(Number.isSafeInteger(quota) && (quota as number) >= 0))
    throw new ArgumentError(`the option quota is a number of bytes, got ${shown(quota)}`);
  const blobDir: unknown = options.blobDir;
  if (blobDir !== undefined && (typeof blobDir !== 'string' || blobDir === ''))
    throw new ArgumentError(`the option blobDir is the path of a folder, got ${shown(blobDir)}`);
  const create: unknown = options.create;
  if (create !== undefined && typeof create !== 'boolean' && create !== 'new')
    throw new ArgumentError(`the option create is true, false or 'new', got ${shown(create)}`);
}

/** @throws ArgumentError that names the first option which is not as packing takes it */
export function checkPackOptions(options: PackAsyncOptions): void {
  for (const name of ['gc', 'dryRun', 'strict', 'keepOld'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean')
      throw new ArgumentError(`the option ${name} is true or false, got ${shown(value)}`);
  }
  const { before, onProgress }: Record<string, unknown> = { ...options };
  if (before !== undefined && (typeof before !== 'bigint' || before < 0n || before > MAX_TID))
    throw new ArgumentError(`the option before is a tid, got ${shown(before)}`);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new ArgumentError(`the option onProgress is a function, got ${shown(onProgress)}`);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

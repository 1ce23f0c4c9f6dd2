// What commands share: where they print, how they open a storage, and how they end.

import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, Option } from 'commander';
import { isZodbError } from '../errors.ts';
import { formatId, type Tid } from '../zodb/ids.ts';
import { type OpenOptions, openStorage } from '../zodb/open.ts';
import type { Storage } from '../zodb/storage.ts';
import type { Output } from './output.ts';
import type { Progress } from './progress.ts';

/** What a command ends with. */
export const EXIT = {
  ok: 0,
  /** Damage or a difference was found. */
  found: 1,
  /** Used wrongly, or the storage cannot be opened. */
  failed: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface CommandContext {
  readonly out: Output;
  /** Standard output, for a dialogue; all else prints to `out`. */
  readonly stdout: Writable;
  /** Standard input, opened when it is first asked for. */
  readonly stdin: Readable;
  /** Says something on standard error. */
  warn(message: string): void;
  /** Tells on standard error how far something has come that takes long. */
  progress(what: string): Progress;
  /** Runs `command` as the one that decides how the program ends. */
  run(command: () => Promise<ExitCode>): Promise<void>;
}

/**
 * Calls `use` with the storage at `url`, opened for reading, and closes it. Damage that comes to light while it is read is
 * said, and is what the command ends with.
 */
export async function withStorage(
  context: CommandContext,
  url: string,
  use: (storage: Storage) => Promise<ExitCode>,
  options: BlobOptions = {},
): Promise<ExitCode> {
  const storage = openStorage(url, { ...withBlobs(options), readOnly: true });
  try {
    return await use(storage);
  } catch (error) {
    if (!isZodbError(error, 'CORRUPTED')) throw error;
    await context.out.flush();
    context.warn(error.message);
    return EXIT.found;
  } finally {
    storage.close();
  }
}

/**
 * Prints the id of the transaction that `commit` made in what is open, and closes that. Where it was refused, the reason is
 * said.
 */
export async function printCommitted(
  context: CommandContext,
  opened: { close(): void },
  commit: () => Tid | Promise<Tid>,
): Promise<ExitCode> {
  try {
    await context.out.write(`${formatId(await commit())}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!isZodbError(error)) throw error;
    context.warn(error.message);
    return EXIT.found;
  } finally {
    opened.close();
  }
}

/** The path of a database that is a file; `undefined` for the URL of another one. */
export function pathOf(url: string): string | undefined {
  if (url.startsWith('file:')) return fileURLToPath(url);
  return /^[a-z][a-z0-9+.-]+:/.test(url) ? undefined : url;
}

/** The value of an option that counts. @throws InvalidArgumentError */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value === 0)
    throw new InvalidArgumentError('It takes a whole number above 0.');
  return value;
}

/** The value of an option that measures. @throws InvalidArgumentError */
export function nonNegativeNumber(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text))
    throw new InvalidArgumentError('It takes a number, not below 0.');
  return Number(text);
}

/** What commands may be told for which the files of blobs matter. */
export interface BlobOptions {
  readonly blobDir?: string;
}

/** The folder with the files of blobs is named nowhere in a data file. `effect` is what the command does with it. */
export function blobDirOption(effect: string): Option {
  return new Option(
    '--blob-dir <folder>',
    `the folder with the files of its blobs: ${effect}`,
  ).argParser((folder: string) => {
    if (existsSync(folder)) return folder;
    throw new InvalidArgumentError('There is no such folder.');
  });
}

/** How a command opens what may have blobs. */
export function withBlobs({ blobDir }: BlobOptions): OpenOptions {
  return blobDir === undefined ? {} : { blobDir };
}

/** What every command that writes may be told. */
export interface WritingOptions {
  readonly python2?: boolean;
}

/** Files of Python 2 are written only on purpose: programs in Python 3 cannot go on with what is in them. */
export function python2Option(): Option {
  return new Option('--python2', 'write a file of Python 2 (FS21), or make one');
}

/** How a command opens what it writes. */
export function writing({ python2 }: WritingOptions): OpenOptions {
  return python2 ? { python2: 'write', format: 'FS21' } : {};
}

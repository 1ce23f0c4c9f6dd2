// Settings of the pool of frames that all regions of the process share, and what it counts.

import { totalmem } from 'node:os';
import { ArgumentError } from '../zodb/errors.ts';
import { BLOCK_SIZE } from './block.ts';
import type { RawAddon } from './native-raw.ts';

/** Settings of the pool that all regions of the process share. */
export interface NativeSettings {
  /** Bytes of memory for blocks, at least 8 MiB. Default: a quarter of the memory there is, at most 1 GiB. */
  readonly budget?: number;
  /** Bytes that changed and pinned blocks may take. Default: half of the memory there is, at least the budget. */
  readonly hardLimit?: number;
  /** Blocks that are loaded ahead of a sequential reader, at most. Default 8. */
  readonly readAhead?: number;
  /** On a load error: an exception (`throw`, the default), or a message and the end of the process. */
  readonly onLoadError?: 'throw' | 'abort';
  readonly backend?: 'auto' | 'mremap' | 'memfd';
  /** Milliseconds after which a load has failed. Default 0: no limit. */
  readonly loadTimeout?: number;
}

/** Bytes, frames (of 2 MiB), blocks by state, and events since the start of the process. */
export interface NativeStats {
  readonly budget: number;
  readonly hardLimit: number;
  /** Frames that hold memory; of these, and of those the budget still allows, `free` are unused. */
  readonly frames: number;
  readonly free: number;
  readonly clean: number;
  readonly aged: number;
  readonly dirty: number;
  readonly stored: number;
  readonly pinned: number;
  readonly loading: number;
  /** Threads that wait for a block now. */
  readonly waiting: number;
  readonly readFaults: number;
  readonly writeFaults: number;
  readonly loads: number;
  /** Loads that were repeated, since the snapshot changed meanwhile. */
  readonly reloads: number;
  readonly readAheads: number;
  readonly agings: number;
  /** Aged, or read ahead, and touched before the clock came back. */
  readonly touchedAgain: number;
  readonly evictions: number;
  readonly loadErrors: number;
  /** How often a frame above the budget was taken, since too many blocks were changed or pinned. */
  readonly overBudget: number;
}

const BACKENDS = ['auto', 'mremap', 'memfd'] as const;
const GIB = 2 ** 30;

const LEAST = 4 * BLOCK_SIZE;
/** Each scattered block costs two of the kernel mappings of a process, which are 65530 by default. */
const MOST = 64 * GIB;

/** The settings of the process. Each thread that loads the addon sees the same ones. */
export class Settings {
  readonly #raw: RawAddon;

  constructor(raw: RawAddon) {
    this.#raw = raw;
    if (raw.stats()['configured'] === 0) this.configure({});
  }

  configure(settings: NativeSettings): void {
    checkSettings(settings);
    const now = this.#raw.stats();
    const first = now['configured'] === 0;
    // A container may have less than the machine.
    const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
    const half = blockFloor(Math.min(memory / 2, MOST));
    const standard = blockFloor(Math.min(memory / 4, GIB));
    const budget = settings.budget ?? (first ? standard : (now['budget'] as number));
    const hardLimit =
      settings.hardLimit ?? Math.max(budget, first ? half : (now['hardLimit'] as number));
    checkNumber('hardLimit', hardLimit, budget, MOST);
    const readAhead = settings.readAhead ?? (now['readAhead'] as number);
    const loadTimeout = settings.loadTimeout ?? (now['loadTimeout'] as number);
    const abort =
      settings.onLoadError === undefined ? now['abort'] === 1 : settings.onLoadError === 'abort';
    const backend = settings.backend === undefined ? 0 : BACKENDS.indexOf(settings.backend);
    this.#raw.configure(
      Math.floor(budget / BLOCK_SIZE),
      Math.floor(hardLimit / BLOCK_SIZE),
      readAhead,
      abort,
      backend,
      loadTimeout,
    );
  }
}

/** @throws ArgumentError that names a setting which is not as it may be */
export function checkSettings(settings: NativeSettings): void {
  if (typeof settings !== 'object' || settings === null) {
    throw new ArgumentError(`settings are an object, got ${String(settings)}`);
  }
  const { budget, hardLimit, readAhead, loadTimeout, onLoadError, backend } = settings;
  if (budget !== undefined) checkNumber('budget', budget, LEAST, MOST);
  if (hardLimit !== undefined) checkNumber('hardLimit', hardLimit, budget ?? LEAST, MOST);
  if (readAhead !== undefined) checkNumber('readAhead', readAhead, 0, 64);
  if (loadTimeout !== undefined) checkNumber('loadTimeout', loadTimeout, 0, 2 ** 31 - 1);
  if (onLoadError !== undefined && onLoadError !== 'throw' && onLoadError !== 'abort') {
    throw new ArgumentError(`onLoadError must be throw or abort, not ${String(onLoadError)}`);
  }
  if (backend !== undefined && !BACKENDS.includes(backend)) {
    throw new ArgumentError(
      `backend must be one of ${BACKENDS.join(', ')}, not ${String(backend)}`,
    );
  }
}

function blockFloor(bytes: number): number {
  return Math.max(LEAST, bytes - (bytes % BLOCK_SIZE));
}

/** @throws ArgumentError for anything but an integer from `least` to `most` */
export function checkNumber(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new ArgumentError(
      `${name} must be an integer between ${least} and ${most}, not ${String(value)}`,
    );
  }
}

// The memory of arrays as the process sees it: settings, figures, and the guard that makes load errors exceptions.

import { ArgumentError } from '../zodb/errors.ts';
import { native } from './native.ts';
import { checkSettings, type NativeSettings, type NativeStats } from './native-settings.ts';

/** Settings of the memory that all arrays of the process share. */
export type MemorySettings = NativeSettings;

/** What `stats()` tells. */
export interface MemoryStats extends Partial<NativeStats> {
  /** Whether memory loads itself when it is touched; if not, `reason` says why and there are no figures. */
  readonly faulting: boolean;
  readonly reason: string | undefined;
}

/**
 * Changes settings: `budget` is the memory for blocks in bytes, `hardLimit` what changed blocks may take, `readAhead` how
 * many blocks are loaded ahead of a sequential reader. Without faults there is nothing to set, and they are only checked.
 * @throws ArgumentError
 */
export function configure(settings: MemorySettings): void {
  const { addon } = native();
  if (addon !== undefined) {
    addon.configure(settings);
    return;
  }
  checkSettings(settings);
}

/** Figures of the memory of arrays. */
export function stats(): MemoryStats {
  const { addon, reason } = native();
  return { ...addon?.stats(), faulting: addon !== undefined, reason };
}

/**
 * Calls `fn`. A block that it touches and that cannot be loaded stops it (its `catch` and `finally` do not run), and the
 * error is thrown here. Array functions, `transaction.run` and `db.transaction` guard themselves.
 * @throws BlockLoadError, ArgumentError, and what `fn` throws
 */
export function guard<T>(fn: () => T): T {
  if (typeof fn !== 'function')
    throw new ArgumentError(`guard calls a function, got ${String(fn)}`);
  const { addon } = native();
  return addon === undefined ? fn() : addon.guard(fn);
}

/** Whether some memory of this process loads itself by now; until then there is nothing to guard. */
let mapped = false;

/** Called when a region is opened. */
export function noteMapping(): void {
  mapped = true;
}

/** As `guard`, but costs nothing in a process that maps no arrays. */
export function guardMappings<T>(fn: () => T): T {
  return mapped ? guard(fn) : fn();
}

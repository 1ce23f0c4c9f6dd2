// The ways to reach BSD flock(2), which Node itself does not offer, in the order in which they are tried: the addon of
// this package, the optional package `fs-ext`, the system's `flock` command on a descriptor that it inherits.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Takes an exclusive lock on the open file without waiting. */
export interface LockBackend {
  readonly name: string;
  /** `undefined` where this way does not exist on this machine. */
  tryLock(fd: number): 'locked' | 'held' | undefined;
}

interface Addon {
  /** Gives 0 or an errno. */
  flock?(fd: number, exclusive: boolean, nonblocking: boolean): number;
}

interface FsExt {
  flockSync(fd: number, flags: 'exnb'): void;
}

const require = createRequire(import.meta.url);
const EAGAIN = 11;
const EAGAIN_BSD = 35;

const addon: LockBackend = {
  name: 'addon',
  tryLock(fd) {
    const errno = loadAddon()?.flock?.(fd, true, true);
    if (errno === 0) return 'locked';
    return errno === EAGAIN || errno === EAGAIN_BSD ? 'held' : undefined;
  },
};

const fsExt: LockBackend = {
  name: 'fs-ext',
  tryLock(fd) {
    const module = load('fs-ext') as FsExt | undefined;
    if (module === undefined) return undefined;
    try {
      module.flockSync(fd, 'exnb');
      return 'locked';
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      return ['EAGAIN', 'EWOULDBLOCK'].includes(code) ? 'held' : undefined;
    }
  },
};

// The lock belongs to the open file, which this process shares with the command, and outlives it.
const command: LockBackend = {
  name: 'flock command',
  tryLock(fd) {
    const { status } = spawnSync('flock', ['-n', '-x', '-E', '75', '3'], {
      stdio: ['ignore', 'ignore', 'ignore', fd],
    });
    if (status === 0) return 'locked';
    return status === 75 ? 'held' : undefined;
  },
};

export const LOCK_BACKENDS: readonly LockBackend[] = [addon, fsExt, command];

// A binary of another C library does not load, so there is no need to know which one this is.
function loadAddon(): Addon | undefined {
  const folder = fileURLToPath(new URL('../../native/prebuilds/', import.meta.url));
  if (!existsSync(folder)) return undefined;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${process.platform}-${process.arch}`) || !name.endsWith('.node'))
      continue;
    const found = load(`${folder}${name}`) as Addon | undefined;
    if (found?.flock !== undefined) return found;
  }
  return undefined;
}

// What cannot be loaded is as good as absent: the next way is tried.
function load(name: string): unknown {
  try {
    return require(name);
  } catch {
    return undefined;
  }
}

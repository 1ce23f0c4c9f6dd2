// One writer a file: the lock file of zc.lockfile, which Python's FileStorage takes too. The lock is flock(2) on
// `NAME.lock`; the process id in it is for people. The file stays when the lock is given back.

import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { LockError, StorageError } from '../zodb/errors.ts';
import { LOCK_BACKENDS, type LockBackend } from './flock.ts';

export interface Lock {
  release(): void;
}

/**
 * Locks `file` for writing.
 * @throws LockError naming who has it; with code LOCK_UNAVAILABLE where no way to lock works on this machine
 */
export function lockFile(file: string, backends: readonly LockBackend[] = LOCK_BACKENDS): Lock {
  const path = `${file}.lock`;
  const fd = open(path, file);
  try {
    take(fd, file, backends);
    const written = writeSync(fd, ` ${process.pid}\n`, 0);
    ftruncateSync(fd, written);
  } catch (cause) {
    closeSync(fd);
    throw cause instanceof LockError ? cause : unlockable(file, cause as Error);
  }
  return { release: () => closeSync(fd) };
}

function open(path: string, file: string): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT, 0o666);
  } catch (cause) {
    throw unlockable(file, cause as Error);
  }
}

function unlockable(file: string, cause: Error): StorageError {
  return new StorageError(`cannot be locked for writing: ${cause.message}`, { file, cause });
}

function take(fd: number, file: string, backends: readonly LockBackend[]): void {
  for (const backend of backends) {
    const result = backend.tryLock(fd);
    if (result === 'locked') return;
    if (result === 'held') throw held(fd, file);
  }
  const tried = backends.map(({ name }) => name).join(', ');
  throw new LockError(
    `cannot be locked for writing on this machine (tried: ${tried}); { lock: false } writes without a lock`,
    { file },
    'LOCK_UNAVAILABLE',
  );
}

function held(fd: number, file: string): LockError {
  const bytes = Buffer.alloc(32);
  const length = readSync(fd, bytes, 0, bytes.length, 0);
  const pid = Number.parseInt(bytes.toString('latin1', 0, length), 10);
  if (Number.isNaN(pid)) return new LockError('open for writing in another process', { file });
  const who = pid === process.pid ? 'this process' : `process ${pid}`;
  return new LockError(`open for writing in ${who}`, { file, pid });
}

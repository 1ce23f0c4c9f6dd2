// Class and function names as they stand in pickles. The same few recur, so they are recognised from their bytes.

import { PickleError } from './errors.ts';
import { utf8Text } from './text.ts';
import { type PyGlobal, pyGlobal } from './values.ts';

const NEWLINE = 0x0a;
const SLOTS = 1024;
const recent: (PyGlobal | undefined)[] = new Array<PyGlobal | undefined>(SLOTS).fill(undefined);

/** Where the last `readGlobal` ended: the position after its second newline. */
export let globalEnd = 0;

/** The position of the newline that ends a line. @throws PickleError if the bytes end first, or after `limit` bytes. */
export function lineEnd(bytes: Uint8Array, start: number, limit: number): number {
  const end = bytes.indexOf(NEWLINE, start);
  if (end < 0) {
    throw new PickleError('the pickle ends before a newline', {}, 'PICKLE_TRUNCATED');
  }
  if (end - start > limit) {
    throw new PickleError(`a line is longer than ${limit} bytes`, {}, 'PICKLE_LIMIT');
  }
  return end;
}

/**
 * The global named by the two lines at `start`, neither longer than `limit` bytes; `globalEnd` is the position after them.
 */
export function readGlobal(bytes: Uint8Array, start: number, limit: number): PyGlobal {
  let hash = 0;
  let newlines = 0;
  let split = 0;
  let end = start;
  const stop = Math.min(bytes.length, start + 2 * limit + 2);
  for (; end < stop; end++) {
    const byte = bytes[end] as number;
    hash = (Math.imul(hash, 31) + byte) | 0;
    if (byte === NEWLINE) {
      newlines += 1;
      if (newlines === 2) break;
      split = end;
    }
  }
  if (newlines < 2) {
    lineEnd(bytes, lineEnd(bytes, start, limit) + 1, limit);
  }
  if (split - start > limit || end - split > limit + 1) throw tooLong(limit);
  const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1);
  const candidate = recent[slot];
  globalEnd = end + 1;
  if (candidate !== undefined && isSpelled(candidate, bytes, start, split, end)) return candidate;
  const module = utf8Text(bytes, start, split);
  const name = utf8Text(bytes, split + 1, end);
  const found = namedGlobal(module, name, limit);
  recent[slot] = found;
  return found;
}

/** The global of two values that should be names, neither longer than `limit`. */
export function namedGlobal(module: unknown, name: unknown, limit: number): PyGlobal {
  if (typeof module !== 'string' || typeof name !== 'string') {
    throw new PickleError('the module and name of a global are not text');
  }
  if (module === '' || name === '') throw new PickleError('a global without a name');
  if (module.length > limit || name.length > limit) throw tooLong(limit);
  if (module.includes('\n') || name.includes('\n')) {
    throw new PickleError('the name of a global contains a newline');
  }
  return pyGlobal(module, name);
}

function tooLong(limit: number): PickleError {
  return new PickleError(`a name is longer than ${limit}`, {}, 'PICKLE_LIMIT');
}

function isSpelled(
  { module, name }: PyGlobal,
  bytes: Uint8Array,
  start: number,
  split: number,
  end: number,
): boolean {
  if (module.length !== split - start || name.length !== end - split - 1) return false;
  for (let i = 0; i < module.length; i++) {
    const unit = module.charCodeAt(i);
    if (unit !== bytes[start + i] || unit > 0x7f) return false;
  }
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit !== bytes[split + 1 + i] || unit > 0x7f) return false;
  }
  return true;
}

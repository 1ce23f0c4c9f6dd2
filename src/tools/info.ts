// What there is to say about a storage in a word each.

import { ArgumentError } from '../zodb/errors.ts';
import { formatId } from '../zodb/ids.ts';
import type { Storage } from '../zodb/storage.ts';

const PARAMETERS: Readonly<Record<string, (storage: Storage) => string>> = {
  name: (storage) => storage.name,
  size: (storage) => String(storage.size()),
  head: (storage) => formatId(storage.lastTransaction()),
  // The name that older zodbtools had for it.
  last_tid: (storage) => formatId(storage.lastTransaction()),
};

/** The names that `info` knows, in the order in which they are printed. */
export const INFO_PARAMETERS: readonly string[] = Object.keys(PARAMETERS);

/** The value of one of INFO_PARAMETERS. @throws ArgumentError for another name */
export function info(storage: Storage, parameter: string): string {
  const read = Object.hasOwn(PARAMETERS, parameter) ? PARAMETERS[parameter] : undefined;
  if (read === undefined)
    throw new ArgumentError(
      `no such parameter: ${parameter} (there are ${INFO_PARAMETERS.join(', ')})`,
    );
  return read(storage);
}

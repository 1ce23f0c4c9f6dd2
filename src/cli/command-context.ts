// What commands share: where they print, how they open a storage, and how they end.

import { isZodbError } from '../errors.ts';
import { openStorage } from '../zodb/open.ts';
import type { Storage } from '../zodb/storage.ts';
import type { Output } from './output.ts';

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
  /** Says something on standard error. */
  warn(message: string): void;
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
): Promise<ExitCode> {
  const storage = openStorage(url, { readOnly: true });
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

// What a DemoStorage is made of.

import { ArgumentError } from '../zodb/errors.ts';
import type { Storage } from '../zodb/storage.ts';

/** What a DemoStorage is made of. */
export interface DemoStorageOptions {
  /** What messages call it. */
  readonly name?: string;
  /** What is read, and never written. Default: an empty MappingStorage. */
  readonly base?: Storage;
  /** What is written. Default: a MappingStorage. */
  readonly changes?: Storage;
  /** Whether `close` closes the base too. Default true. */
  readonly closeBase?: boolean;
  /** Whether `close` closes the changes too. Default true. */
  readonly closeChanges?: boolean;
}

/** @throws ArgumentError that names the first option which is not as DemoStorage takes it */
export function checkOptions(options: DemoStorageOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new ArgumentError(`the options of DemoStorage are an object, got ${String(options)}`);
  for (const name of ['base', 'changes'] as const) {
    const storage: unknown = options[name];
    if (storage !== undefined && typeof (storage as Storage | null)?.load !== 'function')
      throw new ArgumentError(`the option ${name} is a storage, got ${String(storage)}`);
  }
  for (const name of ['closeBase', 'closeChanges'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean')
      throw new ArgumentError(`the option ${name} is true or false, got ${String(value)}`);
  }
}

// From a path or URL to an open database. Which schemes there are is decided in register.ts: this layer knows no driver.

import type { Connection } from './connection.ts';
import { DATABASE_OPTIONS, type DatabaseOptions, DB } from './database.ts';
import { ArgumentError, ClosedError } from './errors.ts';
import { PersistentMapping } from './mapping.ts';
import { checkOptions } from './options.ts';
import type { Storage } from './storage.ts';

/** How to open a database by path or URL. */
export interface OpenOptions extends DatabaseOptions {
  /** Never lock, never write. */
  readonly readOnly?: boolean;
  /** Whether a missing file is made (default true unless read-only); `'new'` replaces one that exists. */
  readonly create?: boolean | 'new';
  /** The folder of blobs. */
  readonly blobDir?: string;
  /** `false` opens for writing without a lock: only where no locking works and nothing else writes. */
  readonly lock?: boolean;
  /** `false` leaves out the fsync of each commit: fast, and unsafe against power loss. */
  readonly fsync?: boolean;
  /** What a file that is made is for: `'FS30'` (default) Python 3, `'FS21'` Python 2. */
  readonly format?: 'FS30' | 'FS21';
  /** `'write'`: a file of Python 2 may be written, too. */
  readonly python2?: 'write';
  /** How many bytes a file may have before it takes no more objects. */
  readonly quota?: number;
}

/** Opens the storage that a URL names. */
export type Driver = (url: URL | string, options: OpenOptions) => Storage;

const drivers = new Map<string, { readonly open: Driver; readonly options: readonly string[] }>();

/**
 * Makes `scheme:` URLs open with `driver`; the scheme `file` also opens plain paths. `options` are the names of options that
 * it takes, beside those of a DB.
 */
export function registerDriver(scheme: string, driver: Driver, options: readonly string[]): void {
  drivers.set(scheme, { open: driver, options });
}

/** Opens a storage by path or URL. @throws ArgumentError for an unknown scheme, and what the driver throws */
export function openStorage(url: string | URL, options: OpenOptions = {}): Storage {
  if (typeof url !== 'string' && !(url instanceof URL)) {
    throw new ArgumentError(
      `a database is named by a path or URL, got ${url === null ? 'null' : typeof url}`,
    );
  }
  const text = String(url);
  if (text === '')
    throw new ArgumentError('a database is named by a path or URL, got an empty text');
  const scheme = /^([a-z][a-z0-9+.-]+):/.exec(text)?.[1] ?? 'file';
  const driver = drivers.get(scheme);
  if (driver === undefined) {
    throw new ArgumentError(
      `no storage for ${scheme}: URLs here; known are ${[...drivers.keys()].sort().join(', ')}`,
    );
  }
  checkOptions(`opening ${scheme}:`, options, [...driver.options, ...DATABASE_OPTIONS]);
  return driver.open(url, picked(options, driver.options));
}

/**
 * Opens a database: a path, a URL, or a storage that is already open. `close()` or `using` ends it.
 * @throws ArgumentError, LockError, FormatError, CorruptedDataError; StorageError with code NO_SUCH_FILE
 */
export function open(target: string | URL | Storage, options: OpenOptions = {}): DB {
  const given = typeof target === 'object' && target !== null && 'load' in target;
  if (given) checkOptions('open of a storage', options, DATABASE_OPTIONS);
  const storage = given ? (target as Storage) : openStorage(target as string | URL, options);
  try {
    return new DB(storage, picked(options, DATABASE_OPTIONS));
  } catch (error) {
    if (!given) storage.close();
    throw error;
  }
}

function picked<T extends object>(options: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name))) as T;
}

const opened = new WeakMap<PersistentMapping, { db: DB; connection: Connection }>();

/**
 * Opens storage, database and one connection, and gives its root object; `dbclose(root)` closes all three.
 * @throws what `open` throws
 */
export function dbopen(url: string | URL, options: OpenOptions = {}): PersistentMapping {
  const db = open(url, options);
  try {
    const connection = db.open();
    const { root } = connection;
    opened.set(root, { db, connection });
    return root;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Closes what `dbopen` opened.
 * @throws ClosedError if there are uncommitted changes and `discard` is not set, ArgumentError for anything else than what
 * `dbopen` returned
 */
export function dbclose(
  root: PersistentMapping,
  options: { readonly discard?: boolean } = {},
): void {
  checkOptions('dbclose', options, ['discard']);
  const entry = root instanceof PersistentMapping ? opened.get(root) : undefined;
  if (entry === undefined)
    throw new ArgumentError('dbclose takes the root object that dbopen returned');
  const { db, connection } = entry;
  if (options.discard === true && connection.isOpen) connection.transactionManager.abort();
  if (connection.isOpen && connection.hasChanges()) {
    throw new ClosedError(
      'there are uncommitted changes: commit or abort them, or pass { discard: true }',
    );
  }
  db.close();
  opened.delete(root);
}

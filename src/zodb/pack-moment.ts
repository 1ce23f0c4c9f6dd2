// How a database is told to pack: up to when, in days or as a moment.

import { ArgumentError } from './errors.ts';
import type { IdInput } from './ids.ts';
import { momentTid } from './moment.ts';
import { checkOptions, flag } from './options.ts';
import type { PackOptions } from './storage.ts';
import { dateOfTid, tidOfDate } from './time.ts';

/** How to pack a database. */
export interface DatabasePackOptions extends Omit<PackOptions, 'before'> {
  /** Keep this many days of history before `before`. Default 0. */
  readonly days?: number;
  /** Revisions that were not current at this moment or later are removed: a tid, a Date or ISO text. Default: now. */
  readonly before?: IdInput | Date;
}

const DAY = 86_400_000;

/** The same for a storage. @throws ArgumentError */
export function packMoment(options: DatabasePackOptions): PackOptions {
  checkOptions('db.pack', options, ['days', 'before', 'gc', 'dryRun', 'strict', 'onProgress']);
  const { days = 0, before, onProgress, ...rest } = options;
  if (typeof days !== 'number' || !(days >= 0) || !Number.isFinite(days))
    throw new ArgumentError(`days is a number from 0 on, got ${String(days)}`);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new ArgumentError(`onProgress is a function, got ${String(onProgress)}`);
  for (const name of ['gc', 'dryRun', 'strict'] as const) flag(name, rest[name], false);
  const given = before === undefined ? undefined : momentTid(before);
  const storage = onProgress === undefined ? rest : { ...rest, onProgress };
  if (days === 0) return given === undefined ? storage : { ...storage, before: given };
  const end = given === undefined ? new Date() : dateOfTid(given);
  return { ...storage, before: tidOfDate(new Date(end.getTime() - days * DAY)) };
}

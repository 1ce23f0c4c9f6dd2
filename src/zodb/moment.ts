// Moments in a database's history as callers give them: a tid, a Date, or ISO text.

import { ArgumentError } from './errors.ts';
import { type IdInput, type Tid, tid as toTid } from './ids.ts';
import { tidOfDate } from './time.ts';

/** @throws ArgumentError */
export function momentTid(given: IdInput | Date): Tid {
  if (typeof given === 'bigint') return toTid(given);
  if (typeof given === 'string' && /^(0x)?[0-9a-fA-F]{16}$/.test(given)) return toTid(given);
  const date = typeof given === 'string' || given instanceof Date ? new Date(given) : undefined;
  if (date === undefined || Number.isNaN(date.getTime())) {
    throw new ArgumentError(`a moment is a tid, a Date or ISO text, got ${JSON.stringify(given)}`);
  }
  return tidOfDate(date);
}

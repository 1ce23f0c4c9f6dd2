// `tidmin..tidmax`: which part of a database's history a command looks at.

import { ArgumentError } from '../zodb/errors.ts';
import { tid } from '../zodb/ids.ts';
import type { TidRange } from '../zodb/storage.ts';

/**
 * Reads `tidmin..tidmax`, each of 16 hex digits or left out; both ends belong to the range.
 * @throws ArgumentError
 */
export function parseTidRange(text: string): TidRange {
  const [start, stop, ...rest] = text.split('..');
  if (start === undefined || stop === undefined || rest.length > 0)
    throw new ArgumentError(`a range of transactions is written tidmin..tidmax, got "${text}"`);
  const end = (part: string) => (part === '' ? undefined : tid(part));
  return { start: end(start), stop: end(stop) };
}

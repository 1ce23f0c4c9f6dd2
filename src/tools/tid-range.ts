// Which transactions a command looks at: tids by their hex digits, or by the time at which they were made.

import { ArgumentError } from '../zodb/errors.ts';
import { type Tid, tid } from '../zodb/ids.ts';
import type { TidRange } from '../zodb/storage.ts';
import { tidOfDate } from '../zodb/time.ts';

/**
 * Reads `tidmin..tidmax`, each as `parseTid` reads it or left out; both ends belong to the range.
 * @throws ArgumentError
 */
export function parseTidRange(text: string, now: Date = new Date()): TidRange {
  const [start, stop, ...rest] = text.split('..');
  if (start === undefined || stop === undefined || rest.length > 0)
    throw new ArgumentError(`a range of transactions is written tidmin..tidmax, got "${text}"`);
  const end = (part: string) => (part === '' ? undefined : parseTid(part, now));
  return { start: end(start), stop: end(stop) };
}

/**
 * A tid from 16 hex digits; from an absolute time (`2018-01-01T10:30:00Z`, or as in mails); or from a time before `now`:
 * `yesterday`, `1_week_ago`, `3.days.ago`.
 * @throws ArgumentError
 */
export function parseTid(text: string, now: Date = new Date()): Tid {
  if (/^[0-9a-fA-F]{16}$/.test(text)) return tid(text);
  const time = relativeTime(text, now) ?? absoluteTime(text);
  if (time === undefined)
    throw new ArgumentError(
      `neither a transaction id of 16 hex digits nor a time: "${text}" (times are such as 2018-01-01T10:30:00Z, yesterday, 1_week_ago)`,
    );
  return tidOfDate(time);
}

function absoluteTime(text: string): Date | undefined {
  // Anything without a year and a month is a number to Date.parse, or what its engine likes.
  if (!/^\d{4}-\d\d|\b[A-Z][a-z]{2} \d{4}\b/.test(text)) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

const DAYS_AGO: Readonly<Record<string, number>> = { now: 0, today: 0, yesterday: 1 };

const MINUTE = 60_000;
const DURATIONS: Readonly<Record<string, number>> = {
  second: 1000,
  minute: MINUTE,
  hour: 60 * MINUTE,
  day: 1440 * MINUTE,
  week: 7 * 1440 * MINUTE,
};

function relativeTime(text: string, now: Date): Date | undefined {
  const days = Object.hasOwn(DAYS_AGO, text) ? DAYS_AGO[text] : undefined;
  if (days !== undefined) return new Date(now.getTime() - days * (DURATIONS['day'] as number));
  const match = /^(\d+|an?) (second|minute|hour|day|week|month|year)s? ago$/.exec(
    text.replaceAll(/[._]/g, ' '),
  );
  if (match === null) return undefined;
  const [, amount, unit] = match as unknown as [string, string, string];
  const count = amount.startsWith('a') ? 1 : Number(amount);
  const duration = DURATIONS[unit];
  if (duration !== undefined) return new Date(now.getTime() - count * duration);
  return monthsBefore(now, unit === 'year' ? 12 * count : count);
}

/** The same day of an earlier month, or that month's last. */
function monthsBefore(now: Date, months: number): Date {
  const time = new Date(now);
  time.setUTCDate(1);
  time.setUTCMonth(now.getUTCMonth() - months);
  const last = new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 0)).getUTCDate();
  time.setUTCDate(Math.min(now.getUTCDate(), last));
  return time;
}

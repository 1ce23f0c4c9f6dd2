// Transaction ids are times: the high half counts UTC minutes since 1900 with months of 31 days, the low half is the
// second within the minute in units of 60/2^32. Works in a browser.

import { ArgumentError } from './errors.ts';
import type { Tid } from './ids.ts';

const SECOND = 60 / 65536 / 65536;
const HALF = 0xffff_ffff;

/** The tid of a moment, down to the millisecond. @throws ArgumentError for an invalid date or one before 1900 */
export function tidOfDate(date: Date): Tid {
  const year = date.getUTCFullYear();
  if (!(year >= 1900 && year < 9914)) throw new ArgumentError(`no tid for the date ${date}`);
  const months = (year - 1900) * 12 + date.getUTCMonth();
  const hours = (months * 31 + date.getUTCDate() - 1) * 24 + date.getUTCHours();
  return joined(
    hours * 60 + date.getUTCMinutes(),
    Math.trunc((date.getUTCSeconds() * 1000 + date.getUTCMilliseconds()) / 1000 / SECOND),
  );
}

/** The moment of a tid, rounded to the millisecond. A day that its month has not got counts into the next month. */
export function dateOfTid(tid: Tid): Date {
  const { year, month, day, hour, minute, second } = fields(tid);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, 0, Math.round(second * 1000));
  return date;
}

/** The moment of a tid as Python prints it: `2024-02-29 23:59:59.999999`, UTC. */
export function formatTidTime(tid: Tid): string {
  const { year, month, day, hour, minute, second } = fields(tid);
  const two = (value: number): string => value.toString().padStart(2, '0');
  const date = `${year.toString().padStart(4, '0')}-${two(month)}-${two(day)}`;
  return `${date} ${two(hour)}:${two(minute)}:${second.toFixed(6).padStart(9, '0')}`;
}

/** The tid for a transaction that begins now: the time, or the next tid after `last` where clocks went back. */
export function nextTid(last: Tid, now?: Date): Tid {
  const tid = now === undefined ? presentTid() : tidOfDate(now);
  return tid > last ? tid : laterThan(last);
}

/**
 * The tid of this moment, finer than dates are: what is committed within the millisecond after a pack time, as Python takes
 * it, is later than that.
 */
function presentTid(): Tid {
  const now = presentMilliseconds();
  const whole = Math.floor(now);
  return (tidOfDate(new Date(whole)) + BigInt(Math.trunc((now - whole) / 1000 / SECOND))) as Tid;
}

/** What the fine clock, which counts from some moment, lacks to the system's. */
let offset: number | undefined;
/** How long to wait for the system's clock to tick, milliseconds. */
const LONGEST_TICK = 2;

/** Milliseconds since 1970, with a fraction where the two clocks can be brought together. */
function presentMilliseconds(): number {
  const fine = performance.now();
  const system = Date.now();
  // The fine clock does not follow the system's when that is set, or slowly corrected.
  if (offset !== undefined && fine + offset >= system && fine + offset < system + 1)
    return fine + offset;
  while (performance.now() - fine < LONGEST_TICK) {
    const now = Date.now();
    if (now === system) continue;
    offset = now - performance.now();
    return now;
  }
  return system;
}

/** The smallest tid after `tid`. A full minute rolls over to the next, by the calendar. */
export function laterThan(tid: Tid): Tid {
  if ((tid & BigInt(HALF)) !== BigInt(HALF)) return (tid + 1n) as Tid;
  const { year, month, day, hour, minute } = fields(tid);
  return tidOfDate(new Date(Date.UTC(year, month - 1, day, hour, minute + 1)));
}

interface Fields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function fields(tid: Tid): Fields {
  const minutes = Number(tid >> 32n);
  const days = Math.floor(minutes / 1440);
  const months = Math.floor(days / 31);
  return {
    year: 1900 + Math.floor(months / 12),
    month: (months % 12) + 1,
    day: (days % 31) + 1,
    hour: Math.floor(minutes / 60) % 24,
    minute: minutes % 60,
    second: Number(tid & BigInt(HALF)) * SECOND,
  };
}

function joined(minutes: number, low: number): Tid {
  return ((BigInt(minutes) << 32n) | BigInt(Math.min(low, HALF))) as Tid;
}

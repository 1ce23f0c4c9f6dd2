// datetime's types: date, time, datetime, timedelta, timezone. Immutable, with microseconds, zone and fold, which JavaScript's
// Date has not.

import { PickleError } from './errors.ts';
import { isIntIn } from './known-type.ts';
import { PytzZone, ZoneInfo } from './zones.ts';

function checkFields(what: string, valid: boolean): void {
  if (!valid) throw new PickleError(`${what} is out of range`, {}, 'PICKLE_VALUE');
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The last day of a month of the Gregorian calendar, which Python uses for all years. */
function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return (MONTH_DAYS[month - 1] as number) + (month === 2 && leap ? 1 : 0);
}

/** Whether there is such a day. */
export function isDate(year: number, month: number, day: number): boolean {
  return isIntIn(year, 1, 9999) && isIntIn(month, 1, 12) && isIntIn(day, 1, daysIn(year, month));
}

/** Whether there is such a time of day. */
export function isTime(hour: number, minute: number, second: number, microsecond: number): boolean {
  return (
    isIntIn(hour, 0, 23) &&
    isIntIn(minute, 0, 59) &&
    isIntIn(second, 0, 59) &&
    isIntIn(microsecond, 0, 999_999)
  );
}

function utcMilliseconds(year: number, month: number, day: number): number {
  // setUTCFullYear, because Date.UTC takes years below 100 for 19xx
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

/** datetime.date. */
export class PyDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;

  /** @throws PickleError (`PICKLE_VALUE`) if there is no such day from year 1 to 9999. */
  constructor(year: number, month: number, day: number) {
    checkFields('a date', isDate(year, month, day));
    this.year = year;
    this.month = month;
    this.day = day;
  }

  /** Midnight of this day in UTC. */
  toDate(): Date {
    return new Date(utcMilliseconds(this.year, this.month, this.day));
  }

  toString(): string {
    return `${pad(this.year, 4)}-${pad(this.month, 2)}-${pad(this.day, 2)}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** What a time of day may have besides its fields. */
export interface ZoneAndFold {
  /** A PyTimeZone, ZoneInfo or PytzZone, or whatever the zone was decoded to. */
  readonly tzinfo?: unknown;
  /** 1 for the second of two times that clocks show when they are set back. */
  readonly fold?: 0 | 1 | undefined;
}

/** datetime.time. */
export class PyTime {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** undefined: no zone is known. */
  readonly tzinfo: unknown;
  readonly fold: 0 | 1;

  /** @throws PickleError (`PICKLE_VALUE`) if a field is out of range. */
  constructor(hour = 0, minute = 0, second = 0, microsecond = 0, more: ZoneAndFold = {}) {
    checkFields('a time', isTime(hour, minute, second, microsecond));
    this.hour = hour;
    this.minute = minute;
    this.second = second;
    this.microsecond = microsecond;
    this.tzinfo = more.tzinfo;
    this.fold = more.fold ?? 0;
  }

  toString(): string {
    return clockText(this) + offsetText(fixedOffset(this.tzinfo));
  }

  toJSON(): string {
    return this.toString();
  }
}

/** datetime.datetime. */
export class PyDateTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** undefined: no zone is known. */
  readonly tzinfo: unknown;
  readonly fold: 0 | 1;

  /** @throws PickleError (`PICKLE_VALUE`) if a field is out of range. */
  constructor(
    year: number,
    month: number,
    day: number,
    hour = 0,
    minute = 0,
    second = 0,
    microsecond = 0,
    more: ZoneAndFold = {},
  ) {
    checkFields('a date', isDate(year, month, day));
    checkFields('a time', isTime(hour, minute, second, microsecond));
    this.year = year;
    this.month = month;
    this.day = day;
    this.hour = hour;
    this.minute = minute;
    this.second = second;
    this.microsecond = microsecond;
    this.tzinfo = more.tzinfo;
    this.fold = more.fold ?? 0;
  }

  /** The moment of a Date, in UTC. @throws PickleError (`PICKLE_VALUE`) for an invalid Date or one outside years 1 to 9999. */
  static fromDate(date: Date): PyDateTime {
    return new PyDateTime(
      date.getUTCFullYear(),
      date.getUTCMonth() + 1,
      date.getUTCDate(),
      date.getUTCHours(),
      date.getUTCMinutes(),
      date.getUTCSeconds(),
      date.getUTCMilliseconds() * 1000,
      { tzinfo: PyTimeZone.utc },
    );
  }

  /**
   * The moment, to the millisecond. Without a zone the fields are taken for UTC.
   * @throws PickleError (`PICKLE_VALUE`) if the offset of the zone is not known here: see `hasKnownOffset`.
   */
  toDate(): Date {
    const offset = this.#offset();
    if (offset === undefined) {
      throw new PickleError('the offset of this zone is not known here', {}, 'PICKLE_VALUE');
    }
    return new Date(this.#milliseconds() - Math.floor(offset / 1000));
  }

  /** Whether `toDate` works: there is no zone, or it is known how far from UTC it is then. */
  get hasKnownOffset(): boolean {
    return this.#offset() !== undefined;
  }

  /** As if the fields were UTC's. */
  #milliseconds(): number {
    return (
      utcMilliseconds(this.year, this.month, this.day) +
      ((this.hour * 60 + this.minute) * 60 + this.second) * 1000 +
      Math.floor(this.microsecond / 1000)
    );
  }

  /** Microseconds east of UTC; 0 without a zone. */
  #offset(): number | undefined {
    const { tzinfo, fold } = this;
    if (tzinfo === undefined) return 0;
    if (tzinfo instanceof ZoneInfo || tzinfo instanceof PytzZone) {
      const seconds = tzinfo.offsetAt(this.#milliseconds(), fold);
      return seconds === undefined ? undefined : seconds * 1_000_000;
    }
    return fixedOffset(tzinfo);
  }

  toString(): string {
    const date = `${pad(this.year, 4)}-${pad(this.month, 2)}-${pad(this.day, 2)}`;
    const offset = this.tzinfo === undefined ? undefined : this.#offset();
    return `${date} ${clockText(this)}${offsetText(offset)}`;
  }

  toJSON(): string {
    return this.toString().replace(' ', 'T');
  }
}

/** datetime.timedelta: days of any sign, and seconds and microseconds that are added to them. */
export class PyTimeDelta {
  readonly days: number;
  readonly seconds: number;
  readonly microseconds: number;

  /** @throws PickleError (`PICKLE_VALUE`) unless seconds are below a day and microseconds below a second. */
  constructor(days: number, seconds = 0, microseconds = 0) {
    checkFields('a timedelta', isDelta(days, seconds, microseconds));
    this.days = days;
    this.seconds = seconds;
    this.microseconds = microseconds;
  }

  totalSeconds(): number {
    return this.days * 86_400 + this.seconds + this.microseconds / 1e6;
  }

  toString(): string {
    const { days } = this;
    const clock = `${Math.floor(this.seconds / 3600)}:${pad(Math.floor(this.seconds / 60) % 60, 2)}:${pad(this.seconds % 60, 2)}`;
    const fraction = this.microseconds === 0 ? '' : `.${pad(this.microseconds, 6)}`;
    return `${days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `}${clock}${fraction}`;
  }
}

/** Whether these are the fields of a timedelta. */
export function isDelta(days: unknown, seconds: unknown, microseconds: unknown): boolean {
  return (
    isIntIn(days, -999_999_999, 999_999_999) &&
    isIntIn(seconds, 0, 86_399) &&
    isIntIn(microseconds, 0, 999_999)
  );
}

/** datetime.timezone: a fixed distance from UTC, with a name if it was given one. */
export class PyTimeZone {
  static readonly utc: PyTimeZone = new PyTimeZone(new PyTimeDelta(0));

  readonly offset: PyTimeDelta;
  readonly name: string | undefined;

  /** @throws PickleError (`PICKLE_VALUE`) if the offset is not below a day. */
  constructor(offset: PyTimeDelta, name?: string) {
    checkFields('the offset of a timezone', isOffset(offset));
    this.offset = offset;
    this.name = name;
  }

  toString(): string {
    return (
      this.name ?? `UTC${this.offset.totalSeconds() === 0 ? '' : offsetText(fixedOffset(this))}`
    );
  }
}

/** Whether a timezone may be that far from UTC. */
export function isOffset(offset: PyTimeDelta): boolean {
  return offset.days === 0 || (offset.days === -1 && offset.seconds + offset.microseconds > 0);
}

/** The fields of a time of day. */
export interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
}

/** 12:30:00, with microseconds where there are some. */
export function clockText({ hour, minute, second, microsecond }: Clock): string {
  const fraction = microsecond === 0 ? '' : `.${pad(microsecond, 6)}`;
  return `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}${fraction}`;
}

/** Microseconds east of UTC, of a zone that is always as far. */
function fixedOffset(tzinfo: unknown): number | undefined {
  if (tzinfo instanceof PytzZone) {
    return tzinfo.minutes === undefined ? undefined : tzinfo.minutes * 60_000_000;
  }
  if (!(tzinfo instanceof PyTimeZone)) return undefined;
  const { days, seconds, microseconds } = tzinfo.offset;
  return (days * 86_400 + seconds) * 1_000_000 + microseconds;
}

/** +01:00, with seconds and microseconds where there are some; nothing where the offset is not known. */
function offsetText(offset: number | undefined): string {
  if (offset === undefined) return '';
  const size = Math.abs(offset);
  const whole = Math.floor(size / 1_000_000);
  const clock = clockText({
    hour: Math.floor(whole / 3600),
    minute: Math.floor(whole / 60) % 60,
    second: whole % 60,
    microsecond: size % 1_000_000,
  });
  return (offset < 0 ? '-' : '+') + (size % 60_000_000 === 0 ? clock.slice(0, 5) : clock);
}

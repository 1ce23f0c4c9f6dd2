// datetime's types: date, time, datetime. Immutable, with microseconds, zone and fold, which JavaScript's
// Date has not.

import { PickleError } from './errors.ts';
import { isIntIn } from './known-type.ts';
import { checkFields, clockText, fixedOffset, offsetText, PyTimeZone, pad } from './timezones.ts';
import { PytzZone, ZoneInfo } from './zones.ts';

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

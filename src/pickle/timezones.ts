// timedelta and timezone: lengths of time, zones that are always as far from UTC, and the text of both.

import { PickleError } from './errors.ts';
import { isIntIn } from './known-type.ts';
import { PytzZone } from './zones.ts';

/** @throws PickleError (`PICKLE_VALUE`) for fields that are not valid */
export function checkFields(what: string, valid: boolean): void {
  if (!valid) throw new PickleError(`${what} is out of range`, {}, 'PICKLE_VALUE');
}

/** Digits, with zeros before them. */
export function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
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
export function fixedOffset(tzinfo: unknown): number | undefined {
  if (tzinfo instanceof PytzZone) {
    return tzinfo.minutes === undefined ? undefined : tzinfo.minutes * 60_000_000;
  }
  if (!(tzinfo instanceof PyTimeZone)) return undefined;
  const { days, seconds, microseconds } = tzinfo.offset;
  return (days * 86_400 + seconds) * 1_000_000 + microseconds;
}

/** +01:00, with seconds and microseconds where there are some; nothing where the offset is not known. */
export function offsetText(offset: number | undefined): string {
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

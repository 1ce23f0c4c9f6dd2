// The order of datetime's types, each among its own kind: a date has none with a datetime, and what has a zone has none with
// what has not.

import {
  encode,
  PyDate,
  PyDateTime,
  PyObject,
  PyTime,
  PyTimeDelta,
  PyTimeZone,
} from '../pickle/index.ts';
import { bytesEqual } from '../zodb/bytes.ts';
import { KeyOrderError } from './errors.ts';

/** Whether a value is a date, time, datetime or timedelta. */
export function isDateLike(value: object): boolean {
  return (
    value instanceof PyDateTime ||
    value instanceof PyDate ||
    value instanceof PyTime ||
    value instanceof PyTimeDelta ||
    value instanceof Date
  );
}

/** Below 0, 0 or above 0; `undefined` if these two are not of one kind. @throws KeyOrderError for zones that cannot be compared */
export function compareDates(a: object, b: object): number | undefined {
  if (a instanceof Date) return compareDates(PyDateTime.fromDate(a), b);
  if (b instanceof Date) return compareDates(a, PyDateTime.fromDate(b));
  if (a instanceof PyDateTime && b instanceof PyDateTime) return compareMoments(a, b);
  if (a instanceof PyDate && b instanceof PyDate) return dayOf(a) - dayOf(b);
  if (a instanceof PyTime && b instanceof PyTime) return compareMoments(a, b);
  if (a instanceof PyTimeDelta && b instanceof PyTimeDelta) {
    return a.days - b.days || a.seconds - b.seconds || a.microseconds - b.microseconds;
  }
  return undefined;
}

/** Times within one zone go by what the clock shows, others by what the clock in Greenwich shows. */
function compareMoments(a: PyDateTime | PyTime, b: PyDateTime | PyTime): number {
  const [x, y] = isSameZone(a.tzinfo, b.tzinfo)
    ? [clock(a), clock(b)]
    : [clock(a, offsetOf(a.tzinfo)), clock(b, offsetOf(b.tzinfo))];
  return x.seconds - y.seconds || x.microseconds - y.microseconds;
}

function isSameZone(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) {
    throw new KeyOrderError('a time with a zone and one without have no order');
  }
  if (!(a instanceof PyObject && b instanceof PyObject)) return false;
  // Zones of other libraries: one object in Python, and here one for each record.
  return bytesEqual(encode(a), encode(b));
}

function offsetOf(zone: unknown): PyTimeDelta {
  if (zone instanceof PyTimeZone) return zone.offset;
  throw new KeyOrderError('the offset of a zone is not known here, so its times have no order');
}

function clock(
  time: PyDateTime | PyTime,
  offset?: PyTimeDelta,
): { seconds: number; microseconds: number } {
  const day = time instanceof PyDateTime ? dayOf(time) : 0;
  const seconds = ((day * 24 + time.hour) * 60 + time.minute) * 60 + time.second;
  const { microsecond } = time;
  if (offset === undefined) return { seconds, microseconds: microsecond };
  const borrow = microsecond < offset.microseconds ? 1 : 0;
  return {
    seconds: seconds - offset.days * 86_400 - offset.seconds - borrow,
    microseconds: microsecond - offset.microseconds + borrow * 1_000_000,
  };
}

/** A number of days that grows with the date. */
function dayOf({ year, month, day }: PyDate | PyDateTime): number {
  return new Date(0).setUTCFullYear(year, month - 1, day) / 86_400_000;
}

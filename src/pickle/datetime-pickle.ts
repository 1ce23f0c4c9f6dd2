// How pickles spell datetime's types: fields packed as bytes, the year big-endian, then a byte each, microseconds in three.

import {
  type Clock,
  clockText,
  isDate,
  isDelta,
  isOffset,
  isTime,
  PyDate,
  PyDateTime,
  PyTime,
  PyTimeDelta,
  PyTimeZone,
  type ZoneAndFold,
} from './datetimes.ts';
import { defineKey } from './key.ts';
import type { KnownType } from './known-type.ts';
import { type PyTuple, pyGlobal, tuple } from './values.ts';

function packDate({ year, month, day }: PyDate | PyDateTime): number[] {
  return [year >> 8, year & 0xff, month, day];
}

function packTime({ hour, minute, second, microsecond }: Clock): number[] {
  return [hour, minute, second, microsecond >> 16, (microsecond >> 8) & 0xff, microsecond & 0xff];
}

/** Packed bytes with the zone beside them; `fold` is the top bit of the byte at `foldAt`. */
function packedArgs(
  bytes: number[],
  foldAt: number,
  { tzinfo, fold }: PyTime | PyDateTime,
): PyTuple {
  const packed = Uint8Array.from(bytes);
  if (fold === 1) packed[foldAt] = (packed[foldAt] as number) | 0x80;
  return tzinfo === undefined ? tuple(packed) : tuple<unknown>(packed, tzinfo);
}

interface Packed {
  readonly bytes: Uint8Array;
  readonly more: ZoneAndFold;
}

function unpackArgs(args: PyTuple, size: number, foldAt: number): Packed | undefined {
  const [packed, tzinfo] = args;
  if (!(packed instanceof Uint8Array) || packed.length !== size || args.length > 2) return;
  if (args.length === 2 && (tzinfo === null || typeof tzinfo !== 'object')) return;
  const bytes = packed.slice();
  const fold = (bytes[foldAt] as number) > 0x7f ? 1 : 0;
  bytes[foldAt] = (bytes[foldAt] as number) & 0x7f;
  return { bytes, more: { tzinfo, fold } };
}

type DateFields = readonly [year: number, month: number, day: number];
type TimeFields = readonly [hour: number, minute: number, second: number, microsecond: number];

function unpackDate(bytes: Uint8Array): DateFields {
  const [high = 0, low = 0, month = 0, day = 0] = bytes;
  return [high * 256 + low, month, day];
}

function unpackTime(bytes: Uint8Array): TimeFields {
  const [hour = 0, minute = 0, second = 0, high = 0, middle = 0, low = 0] = bytes;
  return [hour, minute, second, (high * 256 + middle) * 256 + low];
}

function constructDate(args: PyTuple): PyDate | undefined {
  const [packed] = args;
  if (args.length !== 1 || !(packed instanceof Uint8Array) || packed.length !== 4) return;
  const date = unpackDate(packed);
  return isDate(...date) ? new PyDate(...date) : undefined;
}

function constructTime(args: PyTuple): PyTime | undefined {
  const packed = unpackArgs(args, 6, 0);
  if (packed === undefined) return;
  const time = unpackTime(packed.bytes);
  return isTime(...time) ? new PyTime(...time, packed.more) : undefined;
}

function constructDateTime(args: PyTuple): PyDateTime | undefined {
  const packed = unpackArgs(args, 10, 2);
  if (packed === undefined) return;
  const date = unpackDate(packed.bytes);
  const time = unpackTime(packed.bytes.subarray(4));
  return isDate(...date) && isTime(...time)
    ? new PyDateTime(...date, ...time, packed.more)
    : undefined;
}

function constructDelta(args: PyTuple): PyTimeDelta | undefined {
  const [days, seconds, microseconds] = args as unknown as [number, number, number];
  return args.length === 3 && isDelta(days, seconds, microseconds)
    ? new PyTimeDelta(days, seconds, microseconds)
    : undefined;
}

function constructTimeZone(args: PyTuple): PyTimeZone | undefined {
  const [offset, name] = args;
  if (!(offset instanceof PyTimeDelta) || !isOffset(offset)) return;
  if (args.length === 1) return new PyTimeZone(offset);
  return args.length === 2 && typeof name === 'string' ? new PyTimeZone(offset, name) : undefined;
}

/** The types of this file, as pickles spell them. */
export const DATETIME_TYPES: readonly KnownType[] = [
  {
    callable: pyGlobal('datetime', 'date'),
    prototype: PyDate.prototype,
    construct: constructDate,
    args: (date: PyDate) => tuple(Uint8Array.from(packDate(date))),
  },
  {
    callable: pyGlobal('datetime', 'time'),
    prototype: PyTime.prototype,
    construct: constructTime,
    args: (time: PyTime) => packedArgs(packTime(time), 0, time),
  },
  {
    callable: pyGlobal('datetime', 'datetime'),
    prototype: PyDateTime.prototype,
    construct: constructDateTime,
    args: (moment: PyDateTime) => packedArgs([...packDate(moment), ...packTime(moment)], 2, moment),
  },
  {
    callable: pyGlobal('datetime', 'timedelta'),
    prototype: PyTimeDelta.prototype,
    construct: constructDelta,
    args: (delta: PyTimeDelta) => tuple(delta.days, delta.seconds, delta.microseconds),
  },
  {
    callable: pyGlobal('datetime', 'timezone'),
    prototype: PyTimeZone.prototype,
    construct: constructTimeZone,
    args: ({ offset, name }: PyTimeZone) =>
      name === undefined ? tuple(offset) : tuple<unknown>(offset, name),
  },
];

// As keys: moments with a zone compare by the instant, without one by their fields; fold does not count.
defineKey(PyDate.prototype, (date) => `date ${date};`);
defineKey(
  PyTime.prototype,
  (time, part) => `time ${clockText(time)}${zoneKey(time.tzinfo, part)};`,
);
defineKey(PyDateTime.prototype, (moment, part) => {
  const { tzinfo, microsecond } = moment;
  return tzinfo instanceof PyTimeZone
    ? `moment ${Math.floor(moment.toDate().getTime() / 1000)} ${microsecond};`
    : `datetime ${moment}${zoneKey(tzinfo, part)};`;
});
defineKey(PyTimeDelta.prototype, (delta) => `delta ${delta};`);
defineKey(PyTimeZone.prototype, ({ offset }) => `zone ${offset};`);

function zoneKey(tzinfo: unknown, part: (value: unknown) => string): string {
  return tzinfo === undefined ? '' : part(tzinfo);
}

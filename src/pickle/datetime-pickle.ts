// How pickles spell datetime's types: fields packed as bytes, the year big-endian, then a byte each, microseconds in three.

import { isDate, isTime, PyDate, PyDateTime, PyTime, type ZoneAndFold } from './datetimes.ts';
import { defineKey } from './key.ts';
import type { KnownType } from './known-type.ts';
import { type Clock, clockText, isDelta, isOffset, PyTimeDelta, PyTimeZone } from './timezones.ts';
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

/** The packed bytes of a time or datetime, if the arguments are these and at most a zone. */
function packedOf(args: PyTuple, size: number): Uint8Array | undefined {
  const packed = args[0];
  if (!(packed instanceof Uint8Array) || packed.length !== size) return;
  if (args.length === 1) return packed;
  const tzinfo = args[1];
  return args.length === 2 && tzinfo !== null && typeof tzinfo === 'object' ? packed : undefined;
}

function zoneAndFold(args: PyTuple, byte: number): ZoneAndFold {
  return { tzinfo: args[1], fold: byte > 0x7f ? 1 : 0 };
}

function byteAt(packed: Uint8Array, at: number): number {
  return packed[at] as number;
}

function unpackMicrosecond(packed: Uint8Array, at: number): number {
  return (byteAt(packed, at) * 256 + byteAt(packed, at + 1)) * 256 + byteAt(packed, at + 2);
}

function constructDate(args: PyTuple): PyDate | undefined {
  const packed = args[0];
  if (args.length !== 1 || !(packed instanceof Uint8Array) || packed.length !== 4) return;
  const year = byteAt(packed, 0) * 256 + byteAt(packed, 1);
  const month = byteAt(packed, 2);
  const day = byteAt(packed, 3);
  return isDate(year, month, day) ? new PyDate(year, month, day) : undefined;
}

function constructTime(args: PyTuple): PyTime | undefined {
  const packed = packedOf(args, 6);
  if (packed === undefined) return;
  const first = byteAt(packed, 0);
  const hour = first & 0x7f;
  const minute = byteAt(packed, 1);
  const second = byteAt(packed, 2);
  const microsecond = unpackMicrosecond(packed, 3);
  return isTime(hour, minute, second, microsecond)
    ? new PyTime(hour, minute, second, microsecond, zoneAndFold(args, first))
    : undefined;
}

function constructDateTime(args: PyTuple): PyDateTime | undefined {
  const packed = packedOf(args, 10);
  if (packed === undefined) return;
  const year = byteAt(packed, 0) * 256 + byteAt(packed, 1);
  const third = byteAt(packed, 2);
  const month = third & 0x7f;
  const day = byteAt(packed, 3);
  const hour = byteAt(packed, 4);
  const minute = byteAt(packed, 5);
  const second = byteAt(packed, 6);
  const microsecond = unpackMicrosecond(packed, 7);
  if (!isDate(year, month, day) || !isTime(hour, minute, second, microsecond)) return;
  const more = zoneAndFold(args, third);
  return new PyDateTime(year, month, day, hour, minute, second, microsecond, more);
}

function constructDelta(args: PyTuple): PyTimeDelta | undefined {
  const days = args[0];
  const seconds = args[1];
  const microseconds = args[2];
  return args.length === 3 && isDelta(days, seconds, microseconds)
    ? new PyTimeDelta(days as number, seconds as number, microseconds as number)
    : undefined;
}

function constructTimeZone(args: PyTuple): PyTimeZone | undefined {
  const offset = args[0];
  const name = args[1];
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

// Time zones by name: those of zoneinfo and of pytz. Where a pickle does not say how far a zone is from UTC, the tables of the
// JavaScript engine do.

import { PickleError } from './errors.ts';
import { defineKey } from './key.ts';
import { isIntIn, type KnownType } from './known-type.ts';
import { PyObject, type PyTuple, pyGlobal, tuple } from './values.ts';

/** A zoneinfo.ZoneInfo: a zone by its key, such as Europe/Berlin. */
export class ZoneInfo {
  readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  toString(): string {
    return this.key;
  }

  /** Seconds east of UTC when clocks there show this moment, which is given as if it were UTC's; undefined for an unknown zone. */
  offsetAt(milliseconds: number, fold: 0 | 1): number | undefined {
    return offsetByTables(this.key, milliseconds, fold);
  }
}

/** What a pytz zone is besides its name. */
export interface PytzRules {
  /** Seconds east of UTC, daylight saving included. */
  readonly offset: number;
  /** Seconds of it that are daylight saving. */
  readonly dst: number;
  /** Such as CET. */
  readonly abbreviation: string;
}

/** A zone of pytz: with daylight saving, the rules of one time of the year; the name UTC; or minutes from UTC without a name. */
export class PytzZone {
  /** Undefined for a fixed offset. */
  readonly name: string | undefined;
  readonly rules: PytzRules | undefined;
  /** Minutes east of UTC, of a fixed offset. */
  readonly minutes: number | undefined;

  /** @throws PickleError (`PICKLE_VALUE`) for minutes of a day or more. */
  constructor(zone: string | number, rules?: PytzRules) {
    if (typeof zone === 'number' && !isIntIn(zone, -1439, 1439)) {
      throw new PickleError(`an offset of ${zone} minutes`, {}, 'PICKLE_VALUE');
    }
    this.name = typeof zone === 'string' ? zone : undefined;
    this.minutes = typeof zone === 'number' ? zone : undefined;
    this.rules = rules;
  }

  toString(): string {
    return this.name ?? `pytz.FixedOffset(${this.minutes})`;
  }

  /** As ZoneInfo's. */
  offsetAt(milliseconds: number, fold: 0 | 1): number | undefined {
    if (this.minutes !== undefined) return this.minutes * 60;
    if (this.rules !== undefined) return this.rules.offset;
    if (this.name === 'UTC') return 0;
    return offsetByTables(this.name ?? '', milliseconds, fold);
  }
}

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

function formatOf(key: string): Intl.DateTimeFormat | undefined {
  if (formats.has(key)) return formats.get(key);
  let format: Intl.DateTimeFormat | undefined;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: key,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    });
  } catch {
    // no such zone here
  }
  if (formats.size >= 1024) formats.clear();
  formats.set(key, format);
  return format;
}

/** What clocks show at a moment, as if it were UTC's, less that moment. */
function offsetAtMoment(format: Intl.DateTimeFormat, moment: number): number {
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const shown = new Date(0);
  const year = parts.get('era')?.startsWith('B') ? 1 - part('year') : part('year');
  shown.setUTCFullYear(year, part('month') - 1, part('day'));
  shown.setUTCHours(part('hour'), part('minute'), part('second'));
  return (shown.getTime() - Math.floor(moment / 1000) * 1000) / 1000;
}

const DAY = 86_400_000;

function offsetByTables(key: string, shown: number, fold: 0 | 1): number | undefined {
  const format = formatOf(key);
  if (format === undefined) return undefined;
  const before = offsetAtMoment(format, shown - DAY);
  const after = offsetAtMoment(format, shown + DAY);
  if (before === after) return before;
  const isBefore = offsetAtMoment(format, shown - before * 1000) === before;
  const isAfter = offsetAtMoment(format, shown - after * 1000) === after;
  // clocks show it twice, or never: then fold says which side of the change is meant
  if (isBefore === isAfter) return fold === 0 ? before : after;
  return isBefore ? before : after;
}

const ZONE_INFO: KnownType = {
  callable: pyGlobal('zoneinfo', 'ZoneInfo'),
  method: '_unpickle',
  prototype: ZoneInfo.prototype,
  fromPickle: ({ args: [key] }) => (typeof key === 'string' ? new ZoneInfo(key) : undefined),
  toPickle({ key }: ZoneInfo) {
    const args = tuple<unknown>(ZONE_INFO.callable, '_unpickle');
    const method = new PyObject('reduce', pyGlobal('builtins', 'getattr'), args);
    return new PyObject('reduce', method, tuple<unknown>(key, 1));
  },
};

const UTC: KnownType = {
  callable: pyGlobal('pytz', '_UTC'),
  prototype: PytzZone.prototype,
  fromPickle: ({ args }) => (args.length === 0 ? new PytzZone('UTC') : undefined),
  toPickle: spellPytz,
};

const NAMED: KnownType = {
  callable: pyGlobal('pytz', '_p'),
  prototype: PytzZone.prototype,
  fromPickle({ args }) {
    const [name, offset, dst, abbreviation] = args as unknown[];
    if (typeof name !== 'string' || name === 'UTC') return undefined;
    if (args.length === 1) return new PytzZone(name);
    return isIntIn(offset, -86_400, 86_400) &&
      isIntIn(dst, -86_400, 86_400) &&
      typeof abbreviation === 'string'
      ? new PytzZone(name, { offset, dst, abbreviation })
      : undefined;
  },
  toPickle: spellPytz,
};

const FIXED: KnownType = {
  callable: pyGlobal('pytz', 'FixedOffset'),
  prototype: PytzZone.prototype,
  fromPickle: ({ args: [minutes] }) =>
    isIntIn(minutes, -1439, 1439) && minutes !== 0 ? new PytzZone(minutes) : undefined,
  toPickle: spellPytz,
};

function spellPytz(zone: PytzZone): PyObject {
  const { name, minutes, rules } = zone;
  const called = (type: KnownType, args: PyTuple): PyObject =>
    new PyObject('reduce', type.callable, args);
  if (minutes !== undefined) return called(FIXED, tuple(minutes));
  if (name === 'UTC') return called(UTC, tuple());
  if (rules === undefined) return called(NAMED, tuple(name));
  const { offset, dst, abbreviation } = rules;
  return called(NAMED, tuple<unknown>(name, offset, dst, abbreviation));
}

export const ZONE_TYPES: readonly KnownType[] = [ZONE_INFO, UTC, NAMED, FIXED];

defineKey(ZoneInfo.prototype, ({ key }) => `zoneinfo ${key};`);
defineKey(
  PytzZone.prototype,
  (zone, part) => `pytz ${zone}${part(zone.rules?.abbreviation ?? null)};`,
);

// The known types as Python's repr writes them: text, with the values inside it in their places.

import { PyCounter, PyDefaultDict, PyDeque, PyOrderedDict } from './collections.ts';
import { PyComplex } from './complex.ts';
import { PyDate, PyDateTime, PyTime } from './datetimes.ts';
import { Decimal } from './decimal.ts';
import { describeNumpy } from './describe-numpy.ts';
import { describeComplex } from './describe-scalars.ts';
import type { PyDict } from './dict.ts';
import { Fraction } from './fraction.ts';
import { PyRange, PySlice } from './range.ts';
import { PyTimeDelta, PyTimeZone } from './timezones.ts';
import { UUID } from './uuid.ts';
import { tuple } from './values.ts';
import { PytzZone, ZoneInfo } from './zones.ts';

/** A piece of text, a value that has its own, or the keys and values of a dict. */
export type DescriptionPart =
  | string
  | { readonly value: unknown }
  | { readonly entries: Iterable<readonly [unknown, unknown]> };

/** The pieces of a known type's text; undefined for any other value. */
export function describeKnown(value: object): Iterable<DescriptionPart> | undefined {
  if (value instanceof Decimal) return [`Decimal('${value}')`];
  if (value instanceof UUID) return [`UUID('${value}')`];
  if (value instanceof PyComplex) return [describeComplex(value.real, value.imag)];
  if (value instanceof PyDate) {
    return [`datetime.date(${value.year}, ${value.month}, ${value.day})`];
  }
  if (value instanceof PyTimeDelta) return [deltaText(value)];
  if (value instanceof PyTimeZone) return zoneParts(value);
  if (value instanceof PyTime) return ['datetime.time(', clockFields(value), ...zoneAndFold(value)];
  if (value instanceof PyDateTime) {
    const date = `datetime.datetime(${value.year}, ${value.month}, ${value.day}, `;
    return [date, clockFields(value), ...zoneAndFold(value)];
  }
  if (value instanceof ZoneInfo) return ['zoneinfo.ZoneInfo(key=', { value: value.key }, ')'];
  if (value instanceof PytzZone) return [pytzText(value)];
  return describeMore(value);
}

function describeMore(value: object): Iterable<DescriptionPart> | undefined {
  if (value instanceof Fraction) return [`Fraction(${value.numerator}, ${value.denominator})`];
  if (value instanceof PyRange) {
    const { start, stop, step } = value;
    return [`range(${start}, ${stop}${BigInt(step) === 1n ? '' : `, ${step}`})`];
  }
  if (value instanceof PySlice) {
    const { start, stop, step } = value;
    return ['slice(', { value: start }, ', ', { value: stop }, ', ', { value: step }, ')'];
  }
  if (value instanceof PyOrderedDict) return orderedParts(value);
  if (value instanceof PyDefaultDict) {
    return ['defaultdict(', { value: value.factory }, ', ', { entries: value }, ')'];
  }
  if (value instanceof PyCounter) {
    return value.size === 0 ? ['Counter()'] : ['Counter(', { entries: mostCommon(value) }, ')'];
  }
  if (value instanceof PyDeque) {
    const end = value.maxlen === undefined ? ')' : `, maxlen=${value.maxlen})`;
    return ['deque(', { value: value.items }, end];
  }
  return describeNumpy(value);
}

function* orderedParts(dict: PyDict): Iterable<DescriptionPart> {
  if (dict.size === 0) {
    yield 'OrderedDict()';
    return;
  }
  let before = 'OrderedDict([';
  for (const [key, value] of dict) {
    yield before;
    yield { value: tuple(key, value) };
    before = ', ';
  }
  yield '])';
}

/** As they are where the counts have no order. */
function mostCommon(counter: PyDict): Iterable<readonly [unknown, unknown]> {
  const entries = [...counter];
  const isSortable = entries.every(([, n]) => typeof n === 'number' || typeof n === 'bigint');
  if (!isSortable) return entries;
  return entries.sort(
    ([, a], [, b]) => Number((b as number) > (a as number)) - Number((b as number) < (a as number)),
  );
}

function pytzText(zone: PytzZone): string {
  const { name, minutes, rules } = zone;
  if (minutes !== undefined) return `pytz.FixedOffset(${minutes})`;
  if (name === 'UTC') return '<UTC>';
  if (rules === undefined) return `<StaticTzInfo '${name}'>`;
  const { offset, dst, abbreviation } = rules;
  const days = Math.floor(offset / 86_400);
  const shown = `${offset > 0 ? '+' : ''}${new PyTimeDelta(days, offset - days * 86_400)}`;
  return `<DstTzInfo '${name}' ${abbreviation}${shown} ${dst === 0 ? 'STD' : 'DST'}>`;
}

function clockFields({ hour, minute, second, microsecond }: PyTime | PyDateTime): string {
  const fields = [hour, minute];
  if (second !== 0 || microsecond !== 0) fields.push(second);
  if (microsecond !== 0) fields.push(microsecond);
  return fields.join(', ');
}

// Python's time puts its fold after the zone, its datetime before it.
function zoneAndFold(value: PyTime | PyDateTime): DescriptionPart[] {
  const { tzinfo, fold } = value;
  const isTime = value instanceof PyTime;
  const foldText = fold === 1 ? ', fold=1' : '';
  if (tzinfo === undefined) return [`${foldText})`];
  const zone = [', tzinfo=', { value: tzinfo }];
  return isTime ? [...zone, `${foldText})`] : [foldText, ...zone, ')'];
}

function deltaText({ days, seconds, microseconds }: PyTimeDelta): string {
  const fields = Object.entries({ days, seconds, microseconds })
    .filter(([, count]) => count !== 0)
    .map(([name, count]) => `${name}=${count}`);
  return `datetime.timedelta(${fields.length === 0 ? '0' : fields.join(', ')})`;
}

function zoneParts({ offset, name }: PyTimeZone): DescriptionPart[] {
  if (name === undefined && offset.totalSeconds() === 0) return ['datetime.timezone.utc'];
  const parts: DescriptionPart[] = ['datetime.timezone(', { value: offset }];
  if (name !== undefined) parts.push(', ', { value: name });
  return [...parts, ')'];
}

// The known types as Python's repr writes them: text, with the values inside it in their places.

import { PyComplex } from './complex.ts';
import { PyDate, PyDateTime, PyTime, PyTimeDelta, PyTimeZone } from './datetimes.ts';
import { Decimal } from './decimal.ts';
import { describeFloat } from './describe-scalars.ts';
import { UUID } from './uuid.ts';

/** A piece of text, or a value that has its own. */
export type DescriptionPart = string | { readonly value: unknown };

/** The pieces of a known type's text; undefined for any other value. */
export function describeKnown(value: object): readonly DescriptionPart[] | undefined {
  if (value instanceof Decimal) return [`Decimal('${value}')`];
  if (value instanceof UUID) return [`UUID('${value}')`];
  if (value instanceof PyComplex) return [complexText(value)];
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
  return undefined;
}

function complexText({ real, imag }: PyComplex): string {
  const number = (value: number): string => describeFloat(value).replace(/\.0$/, '');
  if (Object.is(real, 0)) return `${number(imag)}j`;
  const sign = imag < 0 || Object.is(imag, -0) ? '' : '+';
  return `(${number(real)}${sign}${number(imag)}j)`;
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

// Units of datetime64 and timedelta64: `[ns]`, `[10ms]`, and none at all (generic).

import { DTypeError } from './errors.ts';

/** One step of a datetime or timedelta: `count` times `name`; `generic` where no unit was given. */
export interface DatetimeUnit {
  readonly name: string;
  readonly count: number;
}

export const genericUnit: DatetimeUnit = { name: 'generic', count: 1 };

/** What one unit divides into: the factor and the next smaller unit. Years and months have no fixed length. */
const smaller: ReadonlyMap<string, readonly [factor: number, unit: string]> = new Map([
  ['Y', [12, 'M']],
  ['W', [7, 'D']],
  ['D', [24, 'h']],
  ['h', [60, 'm']],
  ['m', [60, 's']],
  ['s', [1000, 'ms']],
  ['ms', [1000, 'us']],
  ['us', [1000, 'ns']],
  ['ns', [1000, 'ps']],
  ['ps', [1000, 'fs']],
  ['fs', [1000, 'as']],
]);

const names = new Set(['generic', 'M', 'as', ...smaller.keys()]);

/** Reads the part of a dtype after `M8` or `m8`: `[ns]`, `[10ms]`, `[s/10]`, or nothing. */
export function parseUnit(text: string, spec: string): DatetimeUnit {
  if (text === '') return genericUnit;
  const match = /^\[(\d+)?([a-zA-Zμ]+)(?:\/(\d+))?\]$/.exec(text);
  const name = match?.[2] === 'μs' ? 'us' : match?.[2];
  if (match === null || name === undefined || !names.has(name)) {
    throw new DTypeError(`'${spec}': '${text}' is not a datetime unit`);
  }
  return divided({ name, count: Number(match[1] ?? 1) }, Number(match[3] ?? 1), spec);
}

/** Writes a unit as it stands in a dtype string. */
export function formatUnit(unit: DatetimeUnit): string {
  if (unit.name === 'generic') return '';
  return `[${unit.count === 1 ? '' : unit.count}${unit.name}]`;
}

/** `unit` divided by `by`, in the largest smaller unit that makes it a whole number. */
function divided(unit: DatetimeUnit, by: number, spec: string): DatetimeUnit {
  let { name, count } = unit;
  while (by !== 1 && count % by !== 0) {
    const next = smaller.get(name);
    if (next === undefined || by === 0) {
      throw new DTypeError(`'${spec}': the unit cannot be divided by ${by}`);
    }
    count *= next[0];
    name = next[1];
  }
  return { name, count: count / by };
}

/** How many `to` one `from` is, as a fraction; undefined if no fixed ratio exists (months against days, generic). */
export function unitRatio(
  from: DatetimeUnit,
  to: DatetimeUnit,
): readonly [numerator: bigint, denominator: bigint] | undefined {
  const down = (start: string, end: string): bigint | undefined => {
    let factor = 1n;
    for (let name = start; name !== end; ) {
      const next = smaller.get(name);
      if (next === undefined) return undefined;
      factor *= BigInt(next[0]);
      name = next[1];
    }
    return factor;
  };
  const finer = down(from.name, to.name);
  if (finer !== undefined) return [finer * BigInt(from.count), BigInt(to.count)];
  const coarser = down(to.name, from.name);
  if (coarser === undefined) return undefined;
  return [BigInt(from.count), coarser * BigInt(to.count)];
}

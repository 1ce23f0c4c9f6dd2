// numpy's datetime64: a count of units since 1970.

/** Length of a unit in attoseconds would not fit everywhere: seconds, or the decimals of a second. */
const SECONDS: ReadonlyMap<string, bigint> = new Map([
  ['W', 604_800n],
  ['D', 86_400n],
  ['h', 3600n],
  ['m', 60n],
  ['s', 1n],
]);
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ['ms', 3],
  ['us', 6],
  ['ns', 9],
  ['ps', 12],
  ['fs', 15],
  ['as', 18],
]);
const NOT_A_TIME = -(2n ** 63n);

/** As numpy writes it: 2024-01-31T12:30, as far as the unit says. */
export function datetimeText(count: bigint, unit = 'generic'): string {
  if (count === NOT_A_TIME) return 'NaT';
  const [, times = '', name = ''] = /^(\d*)(\D+)$/.exec(unit) ?? [];
  const value = count * BigInt(times === '' ? 1 : times);
  if (name === 'Y') return yearText(1970n + value);
  if (name === 'M') {
    const year = 1970n + floorDivide(value, 12n);
    return `${yearText(year)}-${pad(value - (year - 1970n) * 12n + 1n, 2)}`;
  }
  const decimals = DECIMALS.get(name) ?? 0;
  const scale = 10n ** BigInt(decimals);
  const length = decimals > 0 ? 1n : SECONDS.get(name);
  if (length === undefined) return String(count);
  const seconds = floorDivide(value, scale) * length;
  const day = dayText(floorDivide(seconds, 86_400n));
  if (name === 'D' || name === 'W') return day;
  const inDay = seconds - floorDivide(seconds, 86_400n) * 86_400n;
  const clock = [inDay / 3600n, (inDay / 60n) % 60n, inDay % 60n].map((part) => pad(part, 2));
  const shown = clock.slice(0, name === 'h' ? 1 : name === 'm' ? 2 : 3).join(':');
  const fraction =
    decimals > 0 ? `.${pad(value - floorDivide(value, scale) * scale, decimals)}` : '';
  return `${day}T${shown}${fraction}`;
}

function floorDivide(value: bigint, by: bigint): bigint {
  return value >= 0n ? value / by : -((-value + by - 1n) / by);
}

function pad(value: bigint, length: number): string {
  return String(value).padStart(length, '0');
}

function yearText(year: bigint): string {
  return year < 0n ? `-${pad(-year, 4)}` : pad(year, 4);
}

// The days of 400 years recur, so any day has one within reach of Date.
const ERA_DAYS = 146_097n;

function dayText(days: bigint): string {
  const eras = floorDivide(days, ERA_DAYS);
  const date = new Date(Number(days - eras * ERA_DAYS) * 86_400_000);
  const year = BigInt(date.getUTCFullYear()) + eras * 400n;
  return `${yearText(year)}-${pad(BigInt(date.getUTCMonth() + 1), 2)}-${pad(BigInt(date.getUTCDate()), 2)}`;
}

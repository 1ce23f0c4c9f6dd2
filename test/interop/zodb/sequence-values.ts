// The values of sequences, made here as sequences.py makes them in Python.

import { type Persistent, PersistentWeakRef } from '../../../src/main.ts';
import {
  Decimal,
  float,
  PyByteArray,
  PyComplex,
  PyDate,
  PyDateTime,
  PyDict,
  PyFrozenSet,
  PySet,
  PyTime,
  PyTimeDelta,
  PyTimeZone,
  pyGlobal,
  tuple,
  UUID,
} from '../../../src/pickle/index.ts';
import type { Place, Value } from './sequence-language.ts';

/** What values may refer to. */
export interface Objects {
  find(place: Place): Persistent | undefined;
  make(given: any): Persistent;
}

export function makeValue(value: Value, objects: Objects): any {
  if (typeof value !== 'object' || value === null) return value;
  const [kind, v] = Object.entries(value)[0] as [string, any];
  const many = (values: Value[]): any[] => values.map((each) => makeValue(each, objects));
  switch (kind) {
    // An int wherever it stands, also among floats.
    case 'int':
      return BigInt(v);
    case 'float':
      return float(fromHex(v));
    case 'bytes':
      return Uint8Array.from(Buffer.from(v, 'hex'));
    case 'bytearray':
      return new PyByteArray(Uint8Array.from(Buffer.from(v, 'hex')));
    case 'tuple':
      return tuple(...many(v));
    case 'list':
      return many(v);
    case 'dict':
      return new PyDict(v.map(([key, item]: Value[]) => many([key!, item!]) as [any, any]));
    case 'set':
      return new PySet(many(v));
    case 'frozenset':
      return new PyFrozenSet(many(v));
    case 'complex':
      return new PyComplex(fromHex(v[0]), fromHex(v[1]));
    case 'datetime': {
      const [year, month, day, ...clock] = v.fields;
      const { minutes, fold } = v;
      const zone =
        minutes === undefined
          ? {}
          : { tzinfo: minutes === 0 ? PyTimeZone.utc : new PyTimeZone(minuteDelta(minutes)) };
      const [hour, minute, second, microsecond] = clock;
      const more = { ...zone, ...(fold === undefined ? {} : { fold }) };
      return new PyDateTime(year, month, day, hour, minute, second, microsecond, more);
    }
    case 'date':
      return new PyDate(...(v as [number, number, number]));
    case 'time':
      return new PyTime(...(v as [number, number, number, number]));
    case 'timedelta':
      return new PyTimeDelta(...(v as [number, number, number]));
    case 'decimal':
      return new Decimal(v);
    case 'uuid':
      return new UUID(v as string);
    case 'ellipsis':
      return pyGlobal('builtins', 'Ellipsis');
    case 'range':
      return Array.from({ length: v }, (_, i) => i);
    case 'object':
      return objects.find(v) ?? null;
    case 'weak': {
      const target = objects.find(v);
      return target === undefined ? null : new PersistentWeakRef(target);
    }
    case 'new':
      return objects.make(v);
    default:
      throw new Error(`no value is called ${kind}`);
  }
}

/** As `float.fromhex` of Python reads what `float.hex` writes. */
function fromHex(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  const [, sign, whole, part = '', exponent] = /^(-?)0x([01])(?:\.([0-9a-f]+))?p([+-]\d+)$/.exec(
    text,
  ) as unknown as string[];
  const fraction = part === '' ? 0 : Number.parseInt(part, 16) / 16 ** part.length;
  return (sign === '-' ? -1 : 1) * (Number(whole) + fraction) * 2 ** Number(exponent);
}

function minuteDelta(minutes: number): PyTimeDelta {
  const days = Math.floor(minutes / 1440);
  return new PyTimeDelta(days, (minutes - days * 1440) * 60, 0);
}

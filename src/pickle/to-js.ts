// Values as plain JavaScript data, for those who only read: what Python knows more than JavaScript is lost here.

import { PyDeque } from './collections.ts';
import { PyComplex } from './complex.ts';
import { PyDate, PyDateTime, PyTime } from './datetimes.ts';
import { Decimal } from './decimal.ts';
import { describe } from './describe.ts';
import { PyDict } from './dict.ts';
import { PickleError } from './errors.ts';
import { Fraction } from './fraction.ts';
import { narrowed } from './integer.ts';
import { NumpyArray, NumpyScalar } from './numpy-array.ts';
import { NumpyDType } from './numpy-dtype.ts';
import { PyRange, PySlice } from './range.ts';
import { isBytes, isDate, isMap, isPlainObject, isSet } from './realms.ts';
import { PyFrozenSet, PySet } from './sets.ts';
import { PyTimeDelta, PyTimeZone } from './timezones.ts';
import { UUID } from './uuid.ts';
import {
  PersistentRef,
  PyByteArray,
  PyExtension,
  PyFloat,
  PyGlobal,
  PyObject,
  PyRawText,
  PyString2,
} from './values.ts';

/** How `toJS` shows what JavaScript has several ways for. */
export interface ToJSOptions {
  /**
   * `auto` (the default): a plain object where all keys are text, else a Map. `map`, `object`: always; keys of an object that
   * are no text are the text that `describe` gives.
   */
  readonly dicts?: 'auto' | 'map' | 'object' | undefined;
  /** Ints beyond 2^53: `bigint` (the default), `number` (digits are lost) or `text`. */
  readonly bigInts?: 'bigint' | 'number' | 'text' | undefined;
  /** Dates and moments: `date` (the default; microseconds are lost) or `text`, as Python's `str`. */
  readonly dates?: 'date' | 'text' | undefined;
  /** Decimals and fractions: `text` (the default) or `number`. */
  readonly decimals?: 'text' | 'number' | undefined;
  /** What becomes of a value that has no plain form: a PyObject, a PersistentRef, an object of any other class. undefined: as usual. */
  readonly object?: ((value: object) => unknown) | undefined;
}

const CHOICES = {
  dicts: ['auto', 'map', 'object'],
  bigInts: ['bigint', 'number', 'text'],
  dates: ['date', 'text'],
  decimals: ['text', 'number'],
} as const;

/**
 * A tree of decoded values as plain data: arrays, objects or Maps, Sets, strings, numbers, booleans, null, Date, Uint8Array.
 * What stands in several places, or in itself, does so in the result. Objects of unknown classes become `{ python, args, ... }`.
 * @throws PickleError (`PICKLE_VALUE`) for a wrong option, and where two keys would be one in an object.
 */
export function toJS(value: unknown, options: ToJSOptions = {}): unknown {
  for (const [name, choices] of Object.entries(CHOICES)) {
    const choice = options[name as keyof typeof CHOICES];
    if (choice !== undefined && !(choices as readonly string[]).includes(choice)) {
      throw new PickleError(
        `${name} must be one of ${choices.join(', ')}, not ${String(choice)}`,
        {},
        'PICKLE_VALUE',
      );
    }
  }
  const converter = new Converter(options);
  const result = converter.convert(value);
  converter.fill();
  return result;
}

class Converter {
  readonly #options: ToJSOptions;
  readonly #made: Map<object, unknown> = new Map();
  /** What is still to be put into containers that stand in the result already: no recursion. */
  readonly #todo: (() => void)[] = [];

  constructor(options: ToJSOptions) {
    this.#options = options;
  }

  fill(): void {
    for (let job = this.#todo.pop(); job !== undefined; job = this.#todo.pop()) job();
  }

  convert(value: unknown): unknown {
    if (typeof value === 'bigint') return this.#int(value);
    if (typeof value !== 'object' || value === null) return value;
    const scalar = this.#scalar(value);
    if (scalar !== undefined) return scalar;
    if (this.#made.has(value)) return this.#made.get(value);
    const made = this.#container(value);
    this.#made.set(value, made);
    return made;
  }

  #int(value: bigint): unknown {
    const { bigInts } = this.#options;
    const int = narrowed(value);
    if (typeof int === 'number' || bigInts === undefined || bigInts === 'bigint') return int;
    return bigInts === 'text' ? String(int) : Number(int);
  }

  #scalar(value: object): unknown {
    if (isBytes(value) || isDate(value)) return value;
    if (value instanceof PyFloat) return value.value;
    if (value instanceof PyByteArray) return value.bytes;
    if (value instanceof PyString2 || value instanceof PyRawText) return String(value);
    if (value instanceof PyDateTime || value instanceof PyDate) return this.#date(value);
    if (value instanceof PyTimeDelta) return value.totalSeconds();
    if (value instanceof Decimal || value instanceof Fraction) {
      return this.#options.decimals === 'number' ? value.toNumber() : String(value);
    }
    if (
      value instanceof PyTime ||
      value instanceof PyTimeZone ||
      value instanceof UUID ||
      value instanceof PyGlobal ||
      value instanceof NumpyDType
    ) {
      return String(value);
    }
    if (value instanceof PyExtension) return describe(value);
    return undefined;
  }

  #date(value: PyDate | PyDateTime): unknown {
    const isPlaced = value instanceof PyDate || value.hasKnownOffset;
    return this.#options.dates === 'text' || !isPlaced ? String(value) : value.toDate();
  }

  #container(value: object): unknown {
    if (Array.isArray(value)) return this.#array(value);
    if (value instanceof PyDict || isMap(value)) return this.#dict(value);
    if (value instanceof PySet || value instanceof PyFrozenSet || isSet(value)) {
      return this.#set(value);
    }
    if (value instanceof PyDeque) return this.#array(value.items);
    if (value instanceof NumpyArray) return this.convert(value.toArray());
    if (value instanceof NumpyScalar) return this.convert(value.value);
    if (value instanceof PyComplex || value instanceof PyRange || value instanceof PySlice) {
      return this.#object(Object.entries(value));
    }
    const own = this.#options.object?.(value);
    if (own !== undefined) return own;
    if (value instanceof PyObject) return this.#object(partsOf(value));
    if (value instanceof PersistentRef) return describe(value);
    return isPlainObject(value) ? this.#object(Object.entries(value)) : value;
  }

  #array(items: readonly unknown[]): unknown[] {
    const result = new Array<unknown>(items.length);
    this.#todo.push(() => {
      for (let i = 0; i < items.length; i++) result[i] = this.convert(items[i]);
    });
    return result;
  }

  #set(items: Iterable<unknown>): Set<unknown> {
    const result = new Set();
    this.#todo.push(() => {
      for (const item of items) result.add(this.convert(item));
    });
    return result;
  }

  #dict(dict: Iterable<readonly [unknown, unknown]>): unknown {
    const { dicts } = this.#options;
    const entries = [...dict];
    if (dicts === 'object') {
      return this.#object(entries.map(([key, value]) => [keyText(key), value] as const));
    }
    if (dicts !== 'map' && entries.every(([key]) => isText(key))) {
      return this.#object(entries.map(([key, value]) => [String(key), value] as const));
    }
    const result = new Map();
    this.#todo.push(() => {
      for (const [key, value] of entries) result.set(this.convert(key), this.convert(value));
    });
    return result;
  }

  #object(entries: readonly (readonly [string, unknown])[]): object {
    const result = {};
    this.#todo.push(() => {
      for (const [key, value] of entries) {
        if (Object.hasOwn(result, key)) throw sameKey(key);
        // defined, not assigned: a key may be __proto__
        Object.defineProperty(result, key, {
          value: this.convert(value),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
    });
    return result;
  }
}

function isText(key: unknown): boolean {
  return typeof key === 'string' || key instanceof PyString2 || key instanceof PyRawText;
}

function keyText(key: unknown): string {
  return isText(key) ? String(key) : describe(key);
}

function sameKey(key: string): PickleError {
  return new PickleError(
    `two keys of a dict are ${JSON.stringify(key.slice(0, 60))} in an object: take Maps instead`,
    {},
    'PICKLE_VALUE',
  );
}

function partsOf(object: PyObject): [string, unknown][] {
  const { callable, args, kwargs, listItems, dictItems } = object;
  const parts: [string, unknown][] = [['python', callable]];
  if (args.length > 0) parts.push(['args', args]);
  for (const [name, part] of Object.entries({ kwargs, listItems, dictItems })) {
    if (part !== undefined) parts.push([name, part]);
  }
  if (object.hasState) parts.push(['state', object.state]);
  return parts;
}

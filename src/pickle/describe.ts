// Values as text, in the way of Python's repr.

import { PyDeque } from './collections.ts';
import { PyComplex } from './complex.ts';
import { PyDate, PyDateTime, PyTime } from './datetimes.ts';
import { Decimal } from './decimal.ts';
import { type DescriptionPart, describeKnown } from './describe-known.ts';
import { describeGlobal, describeLibrary } from './describe-library.ts';
import {
  describeByteArray,
  describeBytes,
  describeFloat,
  describeText,
} from './describe-scalars.ts';
import { PyDict } from './dict.ts';
import { Fraction } from './fraction.ts';
import { NumpyArray, NumpyScalar } from './numpy-array.ts';
import { NumpyDType } from './numpy-dtype.ts';
import { PyRange, PySlice } from './range.ts';
import { isBytes, isMap, isPlainObject, isSet } from './realms.ts';
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
  PyTuple,
} from './values.ts';
import { PytzZone, ZoneInfo } from './zones.ts';

const CLASSES: readonly { readonly prototype: object }[] = [
  Decimal,
  Fraction,
  NumpyArray,
  NumpyDType,
  NumpyScalar,
  PersistentRef,
  PyByteArray,
  PyComplex,
  PyDate,
  PyDateTime,
  PyDeque,
  PyDict,
  PyExtension,
  PyFloat,
  PyFrozenSet,
  PyGlobal,
  PyObject,
  PyRange,
  PyRawText,
  PySet,
  PySlice,
  PyString2,
  PyTime,
  PyTimeDelta,
  PyTimeZone,
  PyTuple,
  PytzZone,
  UUID,
  ZoneInfo,
];

/** Where Node looks for what an object shows of itself in logs, errors and the console. */
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** How much `describe` shows. */
export interface DescribeOptions {
  /** Where the text is cut, in characters; default 10 000. */
  readonly maxLength?: number | undefined;
  /** How deep containers are shown; default 50. */
  readonly maxDepth?: number | undefined;
  /** The text of an object that is not a value of this module. */
  readonly object?: ((value: object) => string | undefined) | undefined;
}

/**
 * A value as Python's `repr` writes it. Objects that Python would make by a call are shown as that call. Text beyond the
 * limits is replaced by `...`, as is a container inside itself.
 */
export function describe(value: unknown, options: DescribeOptions = {}): string {
  const describer = new Describer(options);
  describer.write(value);
  return describer.text;
}

class Describer {
  text = '';
  readonly #maxLength: number;
  readonly #maxDepth: number;
  readonly #object: ((value: object) => string | undefined) | undefined;
  readonly #open: Set<object> = new Set();

  constructor(options: DescribeOptions) {
    this.#maxLength = options.maxLength ?? 10_000;
    this.#maxDepth = options.maxDepth ?? 50;
    this.#object = options.object;
  }

  get #full(): boolean {
    return this.text.length >= this.#maxLength;
  }

  #add(text: string): void {
    if (this.#full) return;
    this.text += text;
    if (this.#full) this.text = `${this.text.slice(0, this.#maxLength)}...`;
  }

  write(value: unknown): void {
    if (this.#full) return;
    if (typeof value === 'object' && value !== null) this.#writeObject(value);
    else this.#add(describeScalar(value, this.#maxLength));
  }

  #writeObject(value: object): void {
    const leaf = describeLeaf(value, this.#maxLength);
    if (leaf !== undefined) {
      this.#add(leaf);
      return;
    }
    if (this.#open.has(value) || this.#open.size >= this.#maxDepth) {
      const [start, end] = brackets(value);
      this.#add(`${start}...${end}`);
      return;
    }
    this.#open.add(value);
    this.#writeContainer(value);
    this.#open.delete(value);
  }

  #writeContainer(value: object): void {
    const [start, end] = brackets(value);
    const known = describeKnown(value);
    if (known !== undefined) {
      this.#writeParts(known);
    } else if (Array.isArray(value)) {
      this.#add(start);
      this.#writeItems(value);
      this.#add(value instanceof PyTuple && value.length === 1 ? `,${end}` : end);
    } else if (value instanceof PyDict || isMap(value)) {
      this.#writeDict(value);
    } else if (value instanceof PySet || isSet(value) || value instanceof PyFrozenSet) {
      this.#add(value.size === 0 ? start.replace('{', '') : start);
      this.#writeItems(value);
      this.#add(value.size === 0 ? end.replace('}', '') : end);
    } else if (value instanceof PyObject) {
      this.#writePyObject(value);
    } else if (value instanceof PersistentRef) {
      this.#add('<persistent ');
      this.write(value.pid);
      this.#add('>');
    } else if (isPlainObject(value)) {
      this.#writeDict(Object.entries(value));
    } else {
      this.#add(this.#object?.(value) ?? ownText(value) ?? `<${className(value)} object>`);
    }
  }

  #writeParts(parts: Iterable<DescriptionPart>): void {
    for (const part of parts) {
      if (this.#full) return;
      if (typeof part === 'string') this.#add(part);
      else if ('value' in part) this.write(part.value);
      else this.#writeDict(part.entries);
    }
  }

  #writeItems(items: Iterable<unknown>): void {
    let first = true;
    for (const item of items) {
      if (!first) this.#add(', ');
      first = false;
      this.write(item);
      if (this.#full) return;
    }
  }

  #writeDict(entries: Iterable<readonly [unknown, unknown]>): void {
    this.#add('{');
    let first = true;
    for (const [key, value] of entries) {
      if (!first) this.#add(', ');
      first = false;
      this.write(key);
      this.#add(': ');
      this.write(value);
      if (this.#full) return;
    }
    this.#add('}');
  }

  #writePyObject(object: PyObject): void {
    const parts = describeLibrary(object);
    if (parts === undefined) this.#writeCall(object);
    else this.#writeParts(parts);
  }

  #writeCall(object: PyObject): void {
    if (object.callable instanceof PyGlobal) this.#add(String(object.callable));
    else this.write(object.callable);
    this.#add('(');
    this.#writeItems(object.args);
    if (object.kwargs !== undefined) {
      this.#add(', **');
      this.write(object.kwargs);
    }
    this.#add(')');
    const parts: [string, unknown][] = [
      ['items', object.listItems],
      ['dict', object.dictItems],
      ['state', object.hasState ? object.state : undefined],
    ];
    for (const [name, part] of parts) {
      if (part === undefined) continue;
      this.#add(` ${name}=`);
      this.write(part);
    }
  }
}

function brackets(value: object): [string, string] {
  if (value instanceof PyTuple) return ['(', ')'];
  if (Array.isArray(value)) return ['[', ']'];
  if (value instanceof PyFrozenSet) return ['frozenset({', '})'];
  if (value instanceof PySet || isSet(value)) {
    return value.size === 0 ? ['set({', '})'] : ['{', '}'];
  }
  return ['{', '}'];
}

function describeScalar(value: unknown, limit: number): string {
  switch (typeof value) {
    case 'string':
      return describeText(value.slice(0, limit));
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0)
        ? String(value)
        : describeFloat(value);
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'object':
      return 'None';
    default:
      return String(value);
  }
}

function describeLeaf(value: object, limit: number): string | undefined {
  if (isBytes(value)) return describeBytes(value.subarray(0, limit));
  if (value instanceof PyFloat) return describeFloat(value.value);
  if (value instanceof PyByteArray) return describeByteArray(value.bytes.subarray(0, limit));
  if (value instanceof PyString2) return describeBytes(value.bytes.subarray(0, limit)).slice(1);
  if (value instanceof PyRawText) return describeText(value.text.slice(0, limit));
  if (value instanceof PyGlobal) return describeGlobal(value);
  if (value instanceof PyExtension) return `<extension ${value.code}>`;
  return undefined;
}

/** What an object of another layer shows of itself where nothing deeper is to be shown, as a persistent object does. */
function ownText(value: object): string | undefined {
  const custom = (value as { [INSPECT]?: unknown })[INSPECT];
  const text = typeof custom === 'function' ? custom.call(value, -1, {}) : undefined;
  return typeof text === 'string' ? text : undefined;
}

function className(value: object): string {
  return Object.getPrototypeOf(value)?.constructor?.name ?? 'object';
}

// How Node, and what follows its ways, shows values in logs, errors and the console.
for (const { prototype } of CLASSES) {
  Object.defineProperty(prototype, INSPECT, {
    value(this: object): string {
      return describe(this);
    },
    configurable: true,
    writable: true,
  });
}

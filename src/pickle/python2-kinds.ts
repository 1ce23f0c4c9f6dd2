// Which strings, bytes and numbers of a pickle of Python 2 were not what a new one in their place would be: `unicode` where
// `str` is usual, zodbpickle's `binary`, a `long` that is small. The same rules hold as for floats (kinds.ts).

import { isContainer, OBJECT_PARTS, placeKey } from './container-kinds.ts';
import { PyDateTime, PyTime } from './datetimes.ts';
import { PyDict, rawItems } from './dict.ts';
import { Python2Scalar } from './python2-scalars.ts';
import { BINARY, LONG, PLAIN, type ScalarKind, UNICODE } from './scalar-kinds.ts';
import { type PySet, rawMembers } from './sets.ts';
import { PyObject } from './values.ts';

/** Of the values in a list, tuple or set that are equal some were of one kind and some of another. */
const BOTH = -1;

/** What is known of the scalars in one container. */
export class Python2Kinds {
  readonly #values: Map<unknown, ScalarKind | typeof BOTH> = new Map();
  #keys: Map<unknown, ScalarKind> | undefined;
  #positions: Map<number, ScalarKind> | undefined;
  /** In a list, tuple or set: the kind that all strings were of, all bytes, all numbers. */
  #uniform: Map<string, ScalarKind> | undefined;

  /** What was learned of a list, tuple or set; undefined if all is as usual. */
  static ofItems(
    items: readonly unknown[],
    kinds: readonly ScalarKind[],
  ): Python2Kinds | undefined {
    if (kinds.every((kind) => kind === PLAIN)) return undefined;
    const made = new Python2Kinds();
    made.#positions = new Map();
    made.#uniform = new Map();
    const mixed = new Set<string>();
    for (const [position, item] of items.entries()) {
      const kind = kinds[position] as ScalarKind;
      const type = typeOf(item);
      if (type === undefined) continue;
      const others = made.#uniform.get(type);
      if (others === undefined) made.#uniform.set(type, kind);
      else if (others !== kind) mixed.add(type);
      made.#positions.set(position, kind);
      const equal = made.#values.get(item);
      made.#values.set(item, equal === undefined || equal === kind ? kind : BOTH);
    }
    for (const type of mixed) made.#uniform.delete(type);
    return made;
  }

  itemKind(item: unknown, position: number): ScalarKind {
    const type = typeOf(item);
    if (type === undefined) return PLAIN;
    const uniform = this.#uniform?.get(type);
    if (uniform !== undefined) return uniform;
    const kind = this.#values.get(item) ?? PLAIN;
    return kind === BOTH ? (this.#positions?.get(position) ?? PLAIN) : kind;
  }

  valueKind(_value: unknown, key: unknown): ScalarKind {
    const kind = this.#values.size === 0 ? PLAIN : (this.#values.get(placeKey(key)) ?? PLAIN);
    return kind === BOTH ? PLAIN : kind;
  }

  keyKind(key: unknown): ScalarKind {
    return this.#keys?.get(placeKey(key)) ?? PLAIN;
  }

  setValue(key: unknown, kind: ScalarKind): void {
    this.#values.set(placeKey(key), kind);
  }

  setKey(key: unknown, kind: ScalarKind): void {
    this.#keys ??= new Map();
    this.#keys.set(placeKey(key), kind);
  }
}

function typeOf(value: unknown): string | undefined {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  return value instanceof Uint8Array ? 'bytes' : undefined;
}

/** What was learned of each container that has been looked at; undefined where all is as usual. */
export type SettledContainers = Map<object, Python2Kinds | undefined>;

/** The kind of a scalar as it stands in a pickle of Python 2. */
export function python2Kind(value: unknown): ScalarKind {
  switch (typeof value) {
    case 'string':
      return UNICODE;
    case 'number':
      return Number.isInteger(value) && (value | 0) !== value ? LONG : PLAIN;
    case 'bigint':
      return LONG;
    default:
      if (value instanceof Python2Scalar) return value.kind;
      return value instanceof Uint8Array ? BINARY : PLAIN;
  }
}

/** Takes the marks out of all containers in a value that were not looked at before; returns the value without its own. */
export function settlePython2(value: unknown, settled: SettledContainers): unknown {
  const open: object[] = [];
  const plain = visited(value, open, settled);
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    if (settled.has(container)) continue;
    settled.set(container, undefined);
    settled.set(container, settleContainer(container, open, settled));
  }
  return plain;
}

/**
 * Takes the marks out of one container, unless it was looked at before, and returns what was learned. The containers inside
 * it are left to the caller, who walks through them, but for those where kinds are not kept: zones and what is called.
 */
export function settleMarks(
  container: object,
  settled: SettledContainers,
): Python2Kinds | undefined {
  return settled.size > 0 && settled.has(container)
    ? settled.get(container)
    : settleContainer(container, undefined, settled);
}

/** A value without its mark. What is inside it will be looked at, if `open` is given. */
function visited(value: unknown, open: object[] | undefined, settled: SettledContainers): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Python2Scalar) return value.value;
  if (value instanceof PyDateTime || value instanceof PyTime) {
    if (open !== undefined) visited(value.tzinfo, open, settled);
    else if (typeof value.tzinfo === 'object') settlePython2(value.tzinfo, settled);
  } else if (open !== undefined && isContainer(value)) open.push(value);
  return value;
}

function settleContainer(
  container: object,
  open: object[] | undefined,
  settled: SettledContainers,
): Python2Kinds | undefined {
  if (Array.isArray(container)) return settleItems(container, 1, open, settled);
  if (container instanceof PyDict) return settlePairs(rawItems(container), open, settled);
  if (container instanceof PyObject) return settleObject(container, open, settled);
  return settleItems(rawMembers(container as PySet), 2, open, settled);
}

/** `step` is 2 for the members of a set, which have a null beside each. */
function settleItems(
  items: unknown[],
  step: number,
  open: object[] | undefined,
  settled: SettledContainers,
): Python2Kinds | undefined {
  let usual = true;
  for (let at = 0; at < items.length && usual; at += step) usual = python2Kind(items[at]) === PLAIN;
  const kinds: ScalarKind[] = [];
  for (let at = 0; at < items.length; at += step) {
    const item = items[at];
    if (!usual) kinds.push(python2Kind(item));
    if (typeof item === 'object') items[at] = visited(item, open, settled);
  }
  if (usual) return undefined;
  return Python2Kinds.ofItems(step === 1 ? items : items.filter((_, at) => at % step === 0), kinds);
}

function settlePairs(
  items: unknown[],
  open: object[] | undefined,
  settled: SettledContainers,
): Python2Kinds | undefined {
  let made: Python2Kinds | undefined;
  for (let at = 0; at < items.length; at += 2) {
    const keyKind = python2Kind(items[at]);
    const valueKind = python2Kind(items[at + 1]);
    items[at] = visited(items[at], open, settled);
    items[at + 1] = visited(items[at + 1], open, settled);
    if (keyKind === PLAIN && valueKind === PLAIN) continue;
    made ??= new Python2Kinds();
    if (keyKind !== PLAIN) made.setKey(items[at], keyKind);
    if (valueKind !== PLAIN) made.setValue(items[at], valueKind);
  }
  return made;
}

function settleObject(
  object: PyObject,
  open: object[] | undefined,
  settled: SettledContainers,
): Python2Kinds | undefined {
  const kind = python2Kind(object.state);
  if (open !== undefined) visited(object.callable, open, settled);
  else if (isContainer(object.callable)) settlePython2(object.callable, settled);
  for (const part of OBJECT_PARTS) {
    const plain = visited(object[part], open, settled);
    if (part === 'state') object.state = plain;
  }
  if (kind === PLAIN) return undefined;
  const made = new Python2Kinds();
  made.setValue('state', kind);
  return made;
}

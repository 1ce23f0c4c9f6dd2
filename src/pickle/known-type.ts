// What a type needs so that its values are of a class of ours instead of PyObjects, and the table of all such types.

import { PyGlobal, PyObject, type PyTuple } from './values.ts';

/**
 * A Python type and the JavaScript class that stands for it. A type that a call makes completely has `construct` and `args`,
 * and its values are made where the call stands in the pickle. All others have `fromPickle` and `toPickle`: their values are
 * made from the whole description when the pickle has ended.
 */
export interface KnownType {
  /** What is called, or the class whose method `method` is. */
  readonly callable: PyGlobal;
  readonly method?: string | undefined;
  /** The prototype of the JavaScript class. */
  readonly prototype: object;
  /** Another spelling of a type: values that were read by it are written by it, no others. */
  readonly isOther?: boolean | undefined;
  /** The value of a call; undefined for arguments that `args` would not give again. */
  construct?(args: PyTuple): unknown;
  /** The arguments of the call. Given values of the class only. */
  args?(value: unknown): PyTuple;
  /** The value of a described object; undefined where it is not one. */
  fromPickle?(object: PyObject): unknown;
  /** Given values of the class only. */
  toPickle?(value: unknown): PyObject;
}

/** How Python makes a value of a type. */
export function spelled(type: KnownType, value: object): PyObject {
  if (type.toPickle !== undefined) return type.toPickle(value);
  return new PyObject('reduce', type.callable, type.args?.(value));
}

/** The spellings of values that were read by another than the first of their type. */
const others = new WeakMap<object, KnownType>();

/** Says how a value was read. */
export function remember(type: KnownType, value: unknown): void {
  if (type.isOther === true && typeof value === 'object' && value !== null) others.set(value, type);
}

/** Types by what is called, and by the prototype of the class here. */
export class TypeTable {
  readonly #byCallable: Map<PyGlobal, KnownType> = new Map();
  readonly #byPrototype: Map<object, KnownType> = new Map();
  readonly #withOthers: Set<object> = new Set();

  constructor(types: Iterable<KnownType> = []) {
    for (const type of types) this.add(type);
  }

  /** A type written under several names has its first one for writing. */
  add(type: KnownType): void {
    this.#byCallable.set(type.callable, type);
    if (type.isOther === true) this.#withOthers.add(type.prototype);
    else if (!this.#byPrototype.has(type.prototype)) this.#byPrototype.set(type.prototype, type);
  }

  called(callable: PyGlobal): KnownType | undefined {
    return this.#byCallable.get(callable);
  }

  ofPrototype(prototype: object): KnownType | undefined {
    return this.#byPrototype.get(prototype);
  }

  /** The type of a value, in the spelling in which it was read. */
  ofValue(value: object): KnownType | undefined {
    const prototype = Object.getPrototypeOf(value);
    const type = this.#byPrototype.get(prototype);
    return type !== undefined && this.#withOthers.has(prototype)
      ? (others.get(value) ?? type)
      : type;
  }

  /** The type of a described object, if it is of a known one. */
  of({ callable }: PyObject): KnownType | undefined {
    if (callable instanceof PyGlobal) {
      const type = this.#byCallable.get(callable);
      return type?.method === undefined ? type : undefined;
    }
    const method = methodOf(callable);
    if (method === undefined) return undefined;
    const type = this.#byCallable.get(method.owner);
    return type?.method === method.name ? type : undefined;
  }
}

/** The class and name of a described `getattr(Class, 'name')`. */
export function methodOf(callable: unknown): { owner: PyGlobal; name: string } | undefined {
  if (!(callable instanceof PyObject) || !(callable.callable instanceof PyGlobal)) return undefined;
  const [owner, name] = callable.args;
  return callable.callable.name === 'getattr' &&
    owner instanceof PyGlobal &&
    typeof name === 'string'
    ? { owner, name }
    : undefined;
}

/** An int within bounds, as arguments and packed fields must be. */
export function isIntIn(value: unknown, low: number, high: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high;
}

/** An int of any size. */
export function isInt(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

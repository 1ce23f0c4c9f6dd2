// Types of the user's own: a JavaScript class for the objects of a Python class, wherever pickles spell them as the class says.

import { PickleError } from './errors.ts';
import { type KnownType, TypeTable } from './known-type.ts';
import { KNOWN_TYPES } from './known-types.ts';
import { PyGlobal, PyObject, pyGlobal } from './values.ts';

/** A Python class and the JavaScript class that stands for it. */
export interface PickledType<T extends object = object> {
  /** What Python calls: the class, or the function that makes its objects, as `module.name` or a PyGlobal. */
  readonly python: string | PyGlobal;
  /** Values whose prototype is this class's own are written by `toPickle`; those of subclasses are not. */
  readonly class: abstract new (
    ...args: never[]
  ) => T;
  /**
   * The value of a described object, all of whose parts are decoded; undefined leaves it as it is. It is also left as it is
   * if `toPickle` of the value is not the description again, so that nothing is lost, and if it leads back to itself.
   */
  fromPickle(object: PyObject): T | undefined;
  /** How Python makes the value. Must describe with the same `python`. */
  toPickle(value: T): PyObject;
}

/**
 * Decodes the objects of a Python class to a class of one's own, and encodes those, in all of the program. For one call or
 * one Unpickler there is the option `types`.
 * @throws PickleError (`PICKLE_VALUE`) for a description that is not complete, and where the Python or the JavaScript class
 * is already taken.
 */
export function registerType<T extends object>(type: PickledType<T>): void {
  const known = knownType(type as unknown as PickledType);
  checkFree(KNOWN_TYPES, known);
  KNOWN_TYPES.add(known);
}

/** A table of the types of an option. @throws PickleError as `registerType` */
export function typeTable(types: Iterable<PickledType> | undefined): TypeTable | undefined {
  if (types === undefined) return undefined;
  if (typeof types !== 'object' || types === null || !(Symbol.iterator in types)) {
    throw refused('the option types is a list of types');
  }
  const table = new TypeTable();
  for (const type of types) {
    const known = knownType(type);
    checkFree(table, known);
    table.add(known);
  }
  return table;
}

function checkFree(table: TypeTable, { callable, prototype }: KnownType): void {
  if (table.called(callable) !== undefined) throw refused(`${callable} has a type already`);
  if (table.ofPrototype(prototype) !== undefined) {
    throw refused(`the class ${prototype.constructor.name} stands for a type already`);
  }
}

function knownType(type: PickledType): KnownType {
  const prototype: unknown = typeof type?.class === 'function' ? type.class.prototype : undefined;
  if (typeof prototype !== 'object' || prototype === null) {
    throw refused('a type needs a `class`, whose values stand for its objects');
  }
  if (BUILT_IN.has(prototype)) throw refused(`the class ${type.class.name} has a meaning already`);
  if (typeof type.fromPickle !== 'function' || typeof type.toPickle !== 'function') {
    throw refused('a type needs the functions `fromPickle` and `toPickle`');
  }
  const callable = globalOf(type.python);
  return {
    callable,
    prototype,
    fromPickle: (object) => type.fromPickle(object),
    toPickle(value) {
      const object: unknown = type.toPickle(value as object);
      if (object instanceof PyObject && object.callable === callable) return object;
      throw refused(`toPickle of ${callable} did not return a PyObject that calls it`);
    },
  };
}

const BUILT_IN: ReadonlySet<object> = new Set([
  Object.prototype,
  Array.prototype,
  Map.prototype,
  Set.prototype,
  Date.prototype,
  Uint8Array.prototype,
]);

function globalOf(python: unknown): PyGlobal {
  if (python instanceof PyGlobal) return python;
  const dot = typeof python === 'string' ? python.lastIndexOf('.') : -1;
  if (dot > 0) return pyGlobal((python as string).slice(0, dot), (python as string).slice(dot + 1));
  throw refused('`python` of a type is a PyGlobal, or text such as shop.models.Price');
}

function refused(message: string): PickleError {
  return new PickleError(message, {}, 'PICKLE_VALUE');
}

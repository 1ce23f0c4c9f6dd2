// Built-in values of any realm. A `node:vm` context, as Jest and the Node REPL have them, and a frame of a browser have classes of
// their own: what comes from there is no instance of ours, but is told by what it is made of.

const { getPrototypeOf, prototype: objectPrototype } = Object;
const mapSize = getter(Map.prototype, 'size');
const setSize = getter(Set.prototype, 'size');
const arrayName = getter(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);

function getter(prototype: object, name: PropertyKey): (this: unknown) => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get as (this: unknown) => unknown;
}

export function isMap(value: unknown): value is Map<unknown, unknown> {
  return value instanceof Map || (tagOf(value) === '[object Map]' && answers(mapSize, value));
}

export function isSet(value: unknown): value is Set<unknown> {
  return value instanceof Set || (tagOf(value) === '[object Set]' && answers(setSize, value));
}

export function isDate(value: unknown): value is Date {
  return (
    value instanceof Date ||
    (tagOf(value) === '[object Date]' && answers(Date.prototype.getTime, value))
  );
}

export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || arrayName.call(value) === 'Uint8Array';
}

/** Whether an object was written as `{ ... }`, made by `JSON.parse` or the like, or by `Object.create(null)`. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = getPrototypeOf(value);
  if (prototype === objectPrototype || prototype === null) return true;
  // another realm's Object.prototype: the end of its chain, with a method that classes do not have
  return getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf');
}

/** The same bytes as a plain Uint8Array of this realm: `slice` of a Buffer would not copy. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return getPrototypeOf(bytes) === Uint8Array.prototype
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function tagOf(value: unknown): string {
  return objectPrototype.toString.call(value);
}

/** Whether a method of a class takes the value for one of its own, whatever it says of itself. */
function answers(method: (this: never) => unknown, value: unknown): boolean {
  try {
    method.call(value as never);
    return true;
  } catch {
    return false;
  }
}

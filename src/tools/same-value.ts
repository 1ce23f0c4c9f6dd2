// Whether two decoded values are the same: structure, order, types and shared parts. Asked of a value and of what its
// re-encoding decodes to, so nothing that the encoder could lose may be overlooked here.

import {
  PersistentRef,
  PyByteArray,
  PyDict,
  PyFloat,
  PyFrozenSet,
  PyGlobal,
  PyRawText,
  PySet,
  PyString2,
  PyTuple,
  spellKnown,
} from '../pickle/index.ts';
import { bytesEqual } from '../zodb/bytes.ts';

/** Compares two values that an Unpickler decoded. */
export function sameValue(left: unknown, right: unknown): boolean {
  // Which object of the right side stands for which of the left: equal structure, and shared where the other is.
  const pairs = new Map<object, object>();
  const partners = new Map<object, object>();
  const pending: unknown[] = [left, right];
  while (pending.length > 0) {
    const b = pending.pop();
    const a = pending.pop();
    if (Object.is(a, b)) continue;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    if (pairs.get(a) === b) continue;
    if (!isImmutable(a)) {
      if (pairs.has(a) || partners.has(b)) return false;
      partners.set(b, a);
    }
    pairs.set(a, b);
    const parts = partsOf(a);
    const others = partsOf(b);
    if (parts.length !== others.length) return false;
    if (parts instanceof Uint8Array) {
      if (!bytesEqual(parts, others as Uint8Array)) return false;
    } else {
      for (let i = 0; i < parts.length; i++) pending.push(parts[i], others[i]);
    }
  }
  return true;
}

// Of these Python makes one object or several as it likes.
function isImmutable(value: object): boolean {
  return (
    value instanceof Uint8Array ||
    value instanceof PyTuple ||
    value instanceof PyFrozenSet ||
    value instanceof PyFloat ||
    value instanceof PyString2 ||
    value instanceof PyRawText ||
    value instanceof PersistentRef ||
    value instanceof PyGlobal
  );
}

// All that makes up an object, in order.
function partsOf(value: object): Uint8Array | readonly unknown[] {
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value;
  if (Object.getPrototypeOf(value) === PyDict.prototype) return [...(value as PyDict)].flat();
  if (value instanceof PySet || value instanceof PyFrozenSet) return [...value];
  if (value instanceof PyFloat) return [value.value, value.bits];
  if (value instanceof PyString2) return value.bytes;
  if (value instanceof PyRawText) return value.utf8;
  if (value instanceof PyByteArray) return value.bytes;
  if (value instanceof PersistentRef) return [value.pid];
  if (value instanceof PyGlobal) return [value.module, value.name];
  return Object.entries(spellKnown(value) ?? value).flat();
}

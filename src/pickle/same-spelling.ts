// Whether an object that was read is spelled as it would be written again: only then may a value of a known type take its
// place, since otherwise something of it would be lost.

import { PyDict, rawItems } from './dict.ts';
import { type ContainerKinds, isPlainInt, type Kinds } from './kinds.ts';
import { PyFloat, PyObject, PyString2, PyTuple } from './values.ts';

/** How deep fresh containers are compared. Beyond it they count as different. */
const MAX_DEPTH = 20;

/** `read` with the kinds of its pickle, against what would be written for its value. */
export function sameSpelling(read: PyObject, written: PyObject, kinds: Kinds | undefined): boolean {
  return new Comparison(kinds).object(read, written, MAX_DEPTH);
}

const never = (): boolean => false;

class Comparison {
  readonly #kinds: Kinds | undefined;

  constructor(kinds: Kinds | undefined) {
    this.#kinds = kinds;
  }

  object(read: PyObject, written: PyObject, depth: number): boolean {
    const isPart = (name: 'callable' | 'args' | 'kwargs' | 'listItems' | 'dictItems'): boolean =>
      this.same(orUndefined(read[name]), orUndefined(written[name]), never, depth);
    const isFloatState = (): boolean => this.#of(read)?.isFloatValue('state') === true;
    return (
      read.form === written.form &&
      read.hasState === written.hasState &&
      isPart('callable') &&
      isPart('args') &&
      isPart('kwargs') &&
      isPart('listItems') &&
      isPart('dictItems') &&
      this.same(read.state, written.state, isFloatState, depth)
    );
  }

  /** `isFloat`: whether a whole number that was read was a float. */
  same(read: unknown, written: unknown, isFloat: () => boolean, depth: number): boolean {
    if (written instanceof PyFloat && typeof read === 'number') {
      const isSame = Object.is(read, written.value) && written.bits === undefined;
      return isSame && (!isPlainInt(read) || isFloat());
    }
    if (typeof written !== 'object' || typeof read !== 'object') return Object.is(read, written);
    if (read === written) return true;
    if (read === null || written === null || depth === 0) return false;
    if (Object.getPrototypeOf(read) !== Object.getPrototypeOf(written)) return false;
    if (Array.isArray(read)) return this.#items(read, written as unknown[], depth - 1);
    if (read instanceof PyDict) return this.#pairs(read, written as PyDict, depth - 1);
    if (read instanceof PyObject) return this.object(read, written as PyObject, depth - 1);
    if (read instanceof Uint8Array) return sameBytes(read, written as Uint8Array);
    if (read instanceof PyString2) return sameBytes(read.bytes, (written as PyString2).bytes);
    return (
      read instanceof PyFloat &&
      Object.is(read.value, (written as PyFloat).value) &&
      read.bits === (written as PyFloat).bits
    );
  }

  #of(container: object): ContainerKinds | undefined {
    return this.#kinds?.of(container);
  }

  #items(read: readonly unknown[], written: readonly unknown[], depth: number): boolean {
    return (
      read.length === written.length &&
      read.every((item, i) =>
        this.same(
          item,
          written[i],
          () => this.#of(read)?.isFloatItem(item as number, i) === true,
          depth,
        ),
      )
    );
  }

  #pairs(read: PyDict, written: PyDict, depth: number): boolean {
    const [left, right] = [rawItems(read), rawItems(written)];
    if (left === right) return true;
    if (left.length !== right.length) return false;
    for (let i = 0; i < left.length; i += 2) {
      const key = left[i];
      const isFloatKey = (): boolean => this.#of(read)?.isFloatKey(key as number) === true;
      const isFloat = (): boolean => this.#of(read)?.isFloatValue(key) === true;
      if (!this.same(key, right[i], isFloatKey, depth)) return false;
      if (!this.same(left[i + 1], right[i + 1], isFloat, depth)) return false;
    }
    return true;
  }
}

/** No items and an empty list of them are written alike. */
function orUndefined(items: unknown): unknown {
  if (items instanceof PyTuple) return items;
  const isEmpty = Array.isArray(items)
    ? items.length === 0
    : items instanceof PyDict && rawItems(items).length === 0;
  return isEmpty ? undefined : items;
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

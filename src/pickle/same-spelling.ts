// Whether an object that was read is spelled as it would be written again: only then may a value of a known type take its
// place, since otherwise something of it would be lost.

import { type ContainerKinds, isPlainInt } from './container-kinds.ts';
import { PyDict, rawItems } from './dict.ts';
import type { Kinds, Python2Writer } from './kinds.ts';
import {
  FLOAT,
  itemKind,
  keyKind,
  PLAIN,
  type ScalarKind,
  UNICODE,
  valueKind,
} from './scalar-kinds.ts';
import { latin1Text } from './text.ts';
import { PyFloat, PyObject, PyString2, PyTuple } from './values.ts';

/** How deep fresh containers are compared. Beyond it they count as different. */
const MAX_DEPTH = 20;

/**
 * `read` with the kinds of its pickle, against what would be written for its value. `python2`: how the pickle was written, if
 * Python 2 did. There text and bytes are one, and both are written as `str`.
 */
export function sameSpelling(
  read: PyObject,
  written: PyObject,
  kinds: Kinds | undefined,
  python2: Python2Writer | undefined,
): boolean {
  return new Comparison(kinds, python2).object(read, written, MAX_DEPTH);
}

const plain = (): ScalarKind => PLAIN;

class Comparison {
  readonly #kinds: Kinds | undefined;
  readonly #python2: Python2Writer | undefined;

  constructor(kinds: Kinds | undefined, python2: Python2Writer | undefined) {
    this.#kinds = kinds;
    this.#python2 = python2;
  }

  object(read: PyObject, written: PyObject, depth: number): boolean {
    const isPart = (name: 'callable' | 'args' | 'kwargs' | 'listItems' | 'dictItems'): boolean =>
      this.same(orUndefined(read[name]), orUndefined(written[name]), plain, depth);
    const stateKind = (): ScalarKind =>
      this.#in(read, (kinds) => valueKind(kinds, read.state, 'state'));
    return (
      read.form === written.form &&
      read.hasState === written.hasState &&
      isPart('callable') &&
      isPart('args') &&
      isPart('kwargs') &&
      isPart('listItems') &&
      isPart('dictItems') &&
      this.same(read.state, written.state, stateKind, depth)
    );
  }

  /** `kind`: that of a scalar that was read. */
  same(read: unknown, written: unknown, kind: () => ScalarKind, depth: number): boolean {
    if (written instanceof PyFloat && typeof read === 'number') {
      const isSame = Object.is(read, written.value) && written.bits === undefined;
      return isSame && (!isPlainInt(read) || kind() === FLOAT);
    }
    if (typeof read === 'string' && written instanceof Uint8Array) {
      return this.#isStr(read, written) && kind() !== UNICODE;
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

  /** The kind of a scalar in a container. */
  #in(container: object, find: (kinds: ContainerKinds) => ScalarKind): ScalarKind {
    const kinds = this.#kinds?.of(container);
    return kinds === undefined ? PLAIN : find(kinds);
  }

  /** Whether text is what a `str` of these bytes was decoded to. */
  #isStr(text: string, bytes: Uint8Array): boolean {
    if (this.#python2 === undefined) return false;
    if (this.#python2.strings === 'utf8') return sameBytes(new TextEncoder().encode(text), bytes);
    return text.length === bytes.length && text === latin1Text(bytes, 0, bytes.length);
  }

  #items(read: readonly unknown[], written: readonly unknown[], depth: number): boolean {
    if (read.length !== written.length) return false;
    return read.every((item, i) => {
      const kind = (): ScalarKind => this.#in(read, (kinds) => itemKind(kinds, item, i));
      return this.same(item, written[i], kind, depth);
    });
  }

  #pairs(read: PyDict, written: PyDict, depth: number): boolean {
    const [left, right] = [rawItems(read), rawItems(written)];
    if (left === right) return true;
    if (left.length !== right.length) return false;
    for (let i = 0; i < left.length; i += 2) {
      const [key, value] = [left[i], left[i + 1]];
      const ofKey = (): ScalarKind => this.#in(read, (kinds) => keyKind(kinds, key));
      const ofValue = (): ScalarKind => this.#in(read, (kinds) => valueKind(kinds, value, key));
      if (!this.same(key, right[i], ofKey, depth)) return false;
      if (!this.same(value, right[i + 1], ofValue, depth)) return false;
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

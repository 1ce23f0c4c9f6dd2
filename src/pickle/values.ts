// The Python values that JavaScript has no twin for. docs/pickle.md has the whole table. A value of these classes means
// exactly one Python value of one type, and is written back as that.

import { PickleError } from './errors.ts';

/**
 * A tuple: an Array of its own class, so that a list and a tuple stay apart. `tuple(1, 2)` makes one; `map`, `filter`,
 * `slice` and `concat` of a tuple give tuples, spreading gives a list. Treat it as immutable, as Python does.
 */
// A static Symbol.species getter here makes V8 give up optimising every function that constructs a tuple.
export class PyTuple<T = unknown> extends Array<T> {}

/** A tuple of these items. */
export function tuple<T>(...items: T[]): PyTuple<T>;
export function tuple(...items: unknown[]): PyTuple;
export function tuple(...items: unknown[]): PyTuple {
  const result = new PyTuple(items.length);
  for (let i = 0; i < items.length; i++) result[i] = items[i];
  return result;
}

/** A float, where a plain number would be taken for an int: `float(3)` is written as 3.0. */
export class PyFloat {
  readonly value: number;
  /** The eight bytes as a number, of a NaN that is not the usual one. */
  readonly bits: bigint | undefined;

  constructor(value: number, bits?: bigint) {
    this.value = value;
    this.bits = bits;
  }

  valueOf(): number {
    return this.value;
  }

  toString(): string {
    return Number.isInteger(this.value) && Math.abs(this.value) < 1e16
      ? `${Object.is(this.value, -0) ? '-0' : this.value}.0`
      : String(this.value);
  }

  toJSON(): number {
    return this.value;
  }
}

/** A float of this value, also of a whole number. */
export function float(value: number): PyFloat {
  return new PyFloat(value);
}

/** A bytearray. Holds the array it is given, without a copy. */
export class PyByteArray {
  bytes: Uint8Array;

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.bytes = bytes;
  }
}

/**
 * A `str` of Python 2, which is text or bytes and does not say which: what the strings policy `wrap` decodes to.
 * As a key it equals the text if it is ASCII, as in Python 2.
 */
export class PyString2 {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The text: UTF-8 if it is valid, else Latin-1. */
  toString(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes);
    } catch {
      let text = '';
      for (const byte of this.bytes) text += String.fromCharCode(byte);
      return text;
    }
  }
}

/**
 * A `str` that JavaScript cannot hold: its UTF-8 spells one character as a pair of surrogates, which in a JavaScript
 * string is that character. Only damaged data has it.
 */
export class PyRawText {
  readonly utf8: Uint8Array;
  /** The string that comes nearest: with the character in place of the pair. */
  readonly text: string;

  constructor(utf8: Uint8Array, text: string) {
    this.utf8 = utf8;
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** A class or function, by name. `pyGlobal` gives the one object of each name; compare with `===`. */
export class PyGlobal {
  readonly module: string;
  readonly name: string;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }

  toString(): string {
    return `${this.module}.${this.name}`;
  }
}

// Weak, because damaged or hostile pickles may bring any number of names.
const globals = new Map<string, WeakRef<PyGlobal>>();
let sweepAt = 4096;

/**
 * The class or function `name` of `module`: always the same object for the same name.
 * @throws PickleError (`PICKLE_VALUE`) if either is empty or contains a newline.
 */
export function pyGlobal(module: string, name: string): PyGlobal {
  const key = `${module}\n${name}`;
  const known = globals.get(key)?.deref();
  if (known !== undefined) return known;
  if (
    module === '' ||
    name === '' ||
    key.indexOf('\n', module.length + 1) >= 0 ||
    /\n/.test(module)
  ) {
    throw new PickleError(
      `${JSON.stringify(module)} and ${JSON.stringify(name)} cannot name a global`,
      {},
      'PICKLE_VALUE',
    );
  }
  if (globals.size >= sweepAt) {
    for (const [text, reference] of globals) {
      if (reference.deref() === undefined) globals.delete(text);
    }
    sweepAt = Math.max(4096, globals.size * 2);
  }
  const made = new PyGlobal(module, name);
  globals.set(key, new WeakRef(made));
  return made;
}

/**
 * How an object was spelled: a call (REDUCE), `cls.__new__` (NEWOBJ, NEWOBJ_EX), or an old-style instance (INST, OBJ).
 * `basicnew` is REDUCE with None for arguments, which early Zope wrote: the class makes an instance without calling anything.
 */
export type PyObjectForm = 'reduce' | 'newobj' | 'newobj_ex' | 'inst' | 'obj' | 'basicnew';

/** Everything of a PyObject but form, callable and args. */
export interface PyObjectParts {
  kwargs?: unknown;
  /** Present at all: the object has a state (BUILD), even if it is null. */
  state?: unknown;
  listItems?: unknown[] | undefined;
  dictItems?: unknown;
}

/**
 * An object whose class is not known here: the description of how Python makes it. Nothing is called.
 * `args` are the arguments of `callable` (for NEWOBJ: of `callable.__new__`), `listItems` and `dictItems` what is then
 * appended and set, `state` what `__setstate__` or the instance dictionary is given at last.
 */
export class PyObject {
  form: PyObjectForm;
  /** Usually a PyGlobal. */
  callable: unknown;
  args: PyTuple;
  /** The keyword arguments of NEWOBJ_EX: a PyDict. */
  kwargs: unknown;
  state: unknown;
  /** No state at all and the state None are two things. */
  hasState: boolean;
  listItems: unknown[] | undefined;
  /** A PyDict. */
  dictItems: unknown;

  constructor(
    form: PyObjectForm,
    callable: unknown,
    args: PyTuple = new PyTuple(),
    parts?: PyObjectParts,
  ) {
    this.form = form;
    this.callable = callable;
    this.args = args;
    this.kwargs = parts?.kwargs;
    this.state = parts?.state;
    this.hasState = parts !== undefined && 'state' in parts;
    this.listItems = parts?.listItems;
    this.dictItems = parts?.dictItems;
  }
}

/** An object of the extension registry (EXT1, EXT2, EXT4): only its code is known here. */
export class PyExtension {
  readonly code: number;

  constructor(code: number) {
    this.code = code;
  }
}

/**
 * A persistent reference, where no hook made something of it. `pid` is the value as it stands in the pickle: an oid of
 * 8 bytes, a tuple (oid, class), or a list such as ['w', (oid,)].
 */
export class PersistentRef {
  readonly pid: unknown;

  constructor(pid: unknown) {
    this.pid = pid;
  }
}

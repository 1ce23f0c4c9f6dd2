// Values to opcodes: what all dialects have in common. An explicit stack of frames takes the place of recursion, so that depth
// costs memory only.

import type { ContainerKinds } from './container-kinds.ts';
import { PyDict } from './dict.ts';
import {
  continueArguments,
  continueDict,
  continueList,
  continueObject,
  continuePid,
  continueTuple,
  pairsOf,
  writeGet,
  writeNames,
  writePut,
} from './encode-containers.ts';
import { writeExtension, writePyFloat } from './encode-scalars.ts';
import type { EncoderMemo } from './encoder-memo.ts';
import { PickleError } from './errors.ts';
import { type Encoder, FrameStack } from './frames.ts';
import { unhashableKey } from './key.ts';
import type { Kinds } from './kinds.ts';
import { spelled, type TypeTable } from './known-type.ts';
import { KNOWN_TYPES, spelledKinds, spellKnown } from './known-types.ts';
import {
  BINSTRING,
  BINUNICODE,
  EMPTY_DICT,
  EMPTY_LIST,
  GLOBAL,
  NONE,
  SHORT_BINSTRING,
  STOP,
} from './opcodes.ts';
import { Output } from './output.ts';
import { isBytes, isMap, isPlainObject } from './realms.ts';
import { PLAIN, type ScalarKind } from './scalar-kinds.ts';
import {
  PersistentRef,
  PyExtension,
  PyFloat,
  PyGlobal,
  PyObject,
  PyRawText,
  PyString2,
  PyTuple,
} from './values.ts';

/** An ordinary reference: the oid of what is referred to, and its class; undefined where that needs arguments. */
export interface StoredReference {
  readonly oid: bigint;
  /** A PyGlobal, or a tuple (module, name). */
  readonly cls: unknown;
}

/** What an encoder asks of the Pickler's options. */
export interface EncoderHooks {
  readonly persistentId: ((value: object) => unknown) | undefined;
  readonly reference: ((value: object) => StoredReference | undefined) | undefined;
  readonly maxDepth: number;
  readonly types: TypeTable | undefined;
  /** The codes of globals in the extension registry. */
  readonly extensions: ReadonlyMap<PyGlobal, number> | undefined;
}

export abstract class ValueEncoder implements Encoder {
  readonly out: Output = new Output();
  abstract readonly memo: EncoderMemo;
  readonly frames: FrameStack = new FrameStack();
  /** Whether a float was written where the kinds do not tell that there was one. */
  metNewFloat = false;
  protected readonly hooks: EncoderHooks;
  #kinds: Kinds | undefined;

  constructor(hooks: EncoderHooks) {
    this.hooks = hooks;
  }

  /** Writes one pickle. */
  run(value: unknown, kinds: Kinds | undefined): void {
    const { out, frames } = this;
    const { maxDepth } = this.hooks;
    this.#kinds = kinds;
    this.writeHeader();
    this.begin(value, kinds?.root, kinds?.scalar ?? PLAIN, false);
    while (frames.depth > 0) {
      if (frames.depth > maxDepth) throw tooDeep(maxDepth);
      const frame = frames.top;
      switch (frame.kind) {
        case 'list':
        case 'items':
          continueList(this, frame);
          break;
        case 'dict':
        case 'pairs':
          continueDict(this, frame);
          break;
        case 'tuple':
          continueTuple(this, frame);
          break;
        case 'object':
          continueObject(this, frame);
          break;
        case 'arguments':
          continueArguments(this, frame);
          break;
        case 'pid':
          continuePid(this);
          break;
      }
    }
    out.reserve(1);
    out.byte(STOP);
    this.#kinds = undefined;
  }

  /** Forgets what was written. */
  clear(): void {
    this.memo.clear();
  }

  /** After an error: forgets everything. */
  reset(): void {
    this.frames.clear();
    this.clear();
    this.#kinds = undefined;
  }

  kindsOf(container: object, pathKinds: ContainerKinds | undefined): ContainerKinds | undefined {
    return this.#kinds === undefined ? undefined : (this.#kinds.of(container) ?? pathKinds);
  }

  abstract begin(
    value: unknown,
    pathKinds: ContainerKinds | undefined,
    kind: ScalarKind,
    inPid: boolean,
  ): boolean;

  abstract endTuple(value: object, count: number): void;

  protected abstract writeHeader(): void;
  protected abstract bytes(value: Uint8Array, kind: ScalarKind, inPid: boolean): boolean;
  protected abstract tuple(
    value: PyTuple,
    pathKinds: ContainerKinds | undefined,
    inPid: boolean,
  ): boolean;
  /** The bytes of an ordinary reference, where they can be written at once. */
  protected abstract writeReference(oid: bigint, cls: unknown): boolean;

  /** Anything but text, numbers and booleans. */
  protected other(
    value: unknown,
    pathKinds: ContainerKinds | undefined,
    kind: ScalarKind,
    inPid: boolean,
  ): boolean {
    if (typeof value !== 'object') throw unwritable(value);
    if (value !== null) return this.object(value, pathKinds, kind, inPid);
    this.out.byte(NONE);
    return true;
  }

  protected object(
    value: object,
    pathKinds: ContainerKinds | undefined,
    kind: ScalarKind,
    inPid: boolean,
  ): boolean {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Uint8Array.prototype) return this.bytes(value as Uint8Array, kind, inPid);
    if (
      prototype !== PyTuple.prototype &&
      prototype !== Array.prototype &&
      prototype !== PyDict.prototype &&
      prototype !== PyGlobal.prototype
    ) {
      if (prototype === PyFloat.prototype) return writePyFloat(this.out, value as PyFloat);
      if (prototype === PersistentRef.prototype) return this.#pid((value as PersistentRef).pid);
      const { reference, persistentId } = this.hooks;
      const target = reference?.(value);
      if (target !== undefined) return this.#reference(target);
      const pid = persistentId?.(value);
      if (pid !== undefined) return this.#pid(pid);
    }
    const known = this.known(value);
    if (known !== undefined) {
      writeGet(this, known);
      return true;
    }
    if (Array.isArray(value) && !this.#isOwnArray(prototype)) {
      return value instanceof PyTuple
        ? this.tuple(value, pathKinds, inPid)
        : this.list(value, pathKinds, inPid);
    }
    if (prototype === PyGlobal.prototype) return this.global(value as PyGlobal);
    if (
      prototype === PyDict.prototype ||
      prototype === Object.prototype ||
      prototype === null ||
      prototype === Map.prototype
    ) {
      if (prototype !== PyDict.prototype && isKeyNext(this.frames)) throw unhashableKey(value);
      return this.dict(value, pathKinds);
    }
    return this.#rare(value, pathKinds, kind, inPid);
  }

  /** The memo number of a value that has been written. */
  protected known(value: object): number | undefined {
    return this.memo.object(value);
  }

  /** Whether it is of a subclass of Array that stands for a Python type. */
  #isOwnArray(prototype: object): boolean {
    if (prototype === Array.prototype || prototype === PyTuple.prototype) return false;
    const { types } = this.hooks;
    return (types?.ofPrototype(prototype) ?? KNOWN_TYPES.ofPrototype(prototype)) !== undefined;
  }

  protected spelled(value: object): PyObject | undefined {
    const type = this.hooks.types?.ofPrototype(Object.getPrototypeOf(value));
    return type === undefined ? spellKnown(value) : spelled(type, value);
  }

  #rare(
    value: object,
    pathKinds: ContainerKinds | undefined,
    kind: ScalarKind,
    inPid: boolean,
  ): boolean {
    const { out, memo, frames } = this;
    if (value instanceof PyObject) {
      frames.push('object', value, [value], this.kindsOf(value, pathKinds));
      return false;
    }
    const described = this.spelled(value);
    if (described !== undefined) {
      const kinds = this.kindsOf(value, pathKinds);
      frames.push('object', value, [described], kinds && spelledKinds(value, kinds));
      return false;
    }
    if (value instanceof PyDict || isMap(value)) return this.dict(value, pathKinds);
    if (isBytes(value)) return this.bytes(value, kind, inPid);
    if (value instanceof PyExtension) {
      writeExtension(out, value.code);
      return true;
    }
    if (value instanceof PyString2) {
      const { bytes } = value;
      out.reserve(16);
      out.indexed(SHORT_BINSTRING, BINSTRING, bytes.length);
      out.raw(bytes);
    } else if (value instanceof PyRawText) {
      out.reserve(16);
      out.op32(BINUNICODE, value.utf8.length);
      out.raw(value.utf8);
    } else if (isPlainObject(value)) return this.dict(value, pathKinds);
    else throw unwritable(value);
    if (this.hasPut(value)) writePut(this, memo.addObject(value));
    return true;
  }

  /** Whether text that has an object of its own gets a place in the memo. */
  protected hasPut(_text: PyString2 | PyRawText): boolean {
    return true;
  }

  protected global(value: PyGlobal): boolean {
    const code = this.hooks.extensions?.get(value);
    if (code !== undefined) {
      this.out.reserve(8);
      writeExtension(this.out, code);
    } else {
      writeNames(this, GLOBAL, value);
      writePut(this, this.memo.addObject(value));
    }
    return true;
  }

  protected list(value: unknown[], pathKinds: ContainerKinds | undefined, inPid: boolean): boolean {
    const { out, memo, frames } = this;
    out.byte(EMPTY_LIST);
    writePut(this, memo.addObject(value));
    if (value.length === 0) return true;
    frames.push('list', value, value, this.kindsOf(value, pathKinds), inPid);
    return false;
  }

  protected dict(value: object, pathKinds: ContainerKinds | undefined): boolean {
    const { out, memo, frames } = this;
    const pairs = pairsOf(value);
    out.byte(EMPTY_DICT);
    writePut(this, memo.addObject(value));
    if (pairs.length === 0) return true;
    frames.push('dict', value, pairs, this.kindsOf(value, pathKinds));
    return false;
  }

  #reference({ oid, cls }: StoredReference): boolean {
    if (this.writeReference(oid, cls)) return true;
    return this.#pid(cls === undefined ? oid : pidOf(oid, cls));
  }

  #pid(pid: unknown): boolean {
    this.frames.push('pid', this, [], undefined);
    this.out.reserve(16);
    if (Array.isArray(pid)) {
      const known = this.known(pid);
      if (known !== undefined) writeGet(this, known);
      else if (pid instanceof PyTuple) this.tuple(pid, undefined, true);
      else this.list(pid, undefined, true);
    } else if (pid instanceof Uint8Array) this.bytes(pid, PLAIN, true);
    else this.begin(pid, undefined, PLAIN, true);
    return false;
  }

  /** Where the encoder stands in the value, as a path for error messages. */
  path(): string {
    const parts: string[] = [];
    for (let depth = 0; depth < this.frames.depth && depth < 20; depth++) {
      const { kind, items, index } = this.frames.at(depth);
      if (kind === 'dict' || kind === 'pairs') {
        parts.push(index % 2 === 0 ? `[${describeKey(items[index - 2])}]` : '.key');
      } else if (kind === 'object') parts.push(OBJECT_STEPS[index - 1] ?? '');
      else if (kind !== 'pid') parts.push(`[${index - 1}]`);
    }
    return parts.join('');
  }
}

/** The tuple of an oid and a class. */
function pidOf(oid: bigint, cls: unknown): PyTuple {
  const pid = new PyTuple(2);
  pid[0] = oid;
  pid[1] = cls;
  return pid;
}

const OBJECT_STEPS = ['.callable', '.args', '', '.listItems', '.dictItems', '.state'];

function describeKey(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key.slice(0, 60)) : String(key);
}

/** Whether what is being written now is a key of a dict. */
function isKeyNext({ depth, top }: FrameStack): boolean {
  return depth > 0 && (top.kind === 'dict' || top.kind === 'pairs') && (top.index & 1) === 1;
}

/** The error for a value that no pickle can hold. */
function unwritable(value: unknown): PickleError {
  const what =
    typeof value === 'object' && value !== null
      ? `an object of class ${Object.getPrototypeOf(value)?.constructor?.name ?? '?'}`
      : typeof value === 'undefined'
        ? 'undefined'
        : `a ${typeof value}`;
  return new PickleError(`${what} cannot be written to a pickle`, {}, 'PICKLE_VALUE');
}

function tooDeep(limit: number): PickleError {
  return new PickleError(`values are nested more than ${limit} deep`, {}, 'PICKLE_LIMIT');
}

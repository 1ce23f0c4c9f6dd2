// Values to bytes: protocol 3, byte for byte as zodbpickle's C pickler writes it. An explicit stack of frames takes the place
// of recursion, so that depth costs memory only.

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
import {
  writeBigInt,
  writeBytes,
  writeExtension,
  writeFloat,
  writeInt,
  writeOid,
  writePyFloat,
  writeText,
} from './encode-scalars.ts';
import { EncoderMemo } from './encoder-memo.ts';
import { PickleError, type PickleErrorCode } from './errors.ts';
import { type Encoder, FrameStack } from './frames.ts';
import { type ContainerKinds, isPlainInt, type Kinds } from './kinds.ts';
import { spelled, type TypeTable } from './known-type.ts';
import { KNOWN_TYPES, spelledKinds, spellKnown } from './known-types.ts';
import {
  BINSTRING,
  BINUNICODE,
  EMPTY_DICT,
  EMPTY_LIST,
  EMPTY_TUPLE,
  GLOBAL,
  MARK,
  NEWFALSE,
  NEWTRUE,
  NONE,
  PROTO,
  SHORT_BINSTRING,
  STOP,
} from './opcodes.ts';
import { Output } from './output.ts';
import { type PickledType, typeTable } from './register-type.ts';
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

/** How to encode; all of it may be left out. */
export interface PicklerOptions {
  /**
   * The persistent id of an object: an oid (8 bytes, or a bigint), a PyTuple such as (oid, class) or an Array; undefined: the
   * object is written by value. Asked before anything else, for every object but the value types of this module, plain
   * arrays and Uint8Arrays.
   */
  readonly persistentId?: ((value: object) => unknown) | undefined;
  /** The object whose record this is, for error messages. */
  readonly oid?: bigint | undefined;
  /** How deep values may be nested; default 100 000. */
  readonly maxDepth?: number | undefined;
  /** Types of one's own that hold for this alone, before those of `registerType`. */
  readonly types?: Iterable<PickledType> | undefined;
}

/** Writes pickles one after the other on one memo, until `clearMemo`, as the two pickles of a database record are. */
export class Pickler {
  /** As in the options; may be changed between pickles. */
  oid: bigint | undefined;

  readonly #encoder: ValueEncoder;

  constructor(options: PicklerOptions = {}) {
    this.oid = options.oid;
    this.#encoder = new ValueEncoder(options);
  }

  /**
   * Appends one pickle. `kinds` (of the pickle that was decoded) says which whole numbers are floats.
   * @throws PickleError `PICKLE_VALUE` for a value that no pickle can hold, such as undefined or a function, and
   * `PICKLE_LIMIT` beyond the depth; then the memo is cleared, and nothing of this pickle is written.
   */
  dump(value: unknown, kinds?: Kinds): void {
    const { out } = this.#encoder;
    const start = out.position;
    try {
      this.#encoder.run(value, kinds);
    } catch (error) {
      out.position = start;
      const path = this.#encoder.path();
      this.#encoder.reset();
      throw placed(error, path, this.oid);
    }
  }

  /** What was written since the last `take`: bytes of their own. */
  take(): Uint8Array {
    return this.#encoder.out.take();
  }

  /**
   * What was written since the last `take`, in pieces: long byte strings as the arrays that were dumped, not copies, the
   * rest as memory that the next dump uses again.
   */
  takePieces(): readonly Uint8Array[] {
    return this.#encoder.out.takePieces();
  }

  /** Forgets what was written, so that nothing refers to it. */
  clearMemo(): void {
    this.#encoder.memo.clear();
  }
}

class ValueEncoder implements Encoder {
  readonly out: Output = new Output();
  readonly memo: EncoderMemo = new EncoderMemo();
  readonly frames: FrameStack = new FrameStack();
  readonly #persistentId: ((value: object) => unknown) | undefined;
  readonly #maxDepth: number;
  readonly #types: TypeTable | undefined;
  #kinds: Kinds | undefined;

  constructor(options: PicklerOptions) {
    this.#persistentId = options.persistentId;
    this.#maxDepth = options.maxDepth ?? 100_000;
    this.#types = typeTable(options.types);
  }

  run(value: unknown, kinds: Kinds | undefined): void {
    const { out, frames } = this;
    this.#kinds = kinds;
    out.reserve(2);
    out.byte(PROTO);
    out.byte(3);
    this.begin(value, kinds?.root, false, false);
    while (frames.depth > 0) {
      if (frames.depth > this.#maxDepth) throw tooDeep(this.#maxDepth);
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

  reset(): void {
    this.frames.clear();
    this.memo.clear();
    this.#kinds = undefined;
  }

  kindsOf(container: object, pathKinds: ContainerKinds | undefined): ContainerKinds | undefined {
    return this.#kinds === undefined ? undefined : (this.#kinds.of(container) ?? pathKinds);
  }

  begin(
    value: unknown,
    pathKinds: ContainerKinds | undefined,
    isFloat: boolean,
    inPid: boolean,
  ): boolean {
    const { out } = this;
    out.reserve(16);
    switch (typeof value) {
      case 'string':
        writeText(this, value);
        return true;
      case 'number':
        if (isFloat || !isPlainInt(value)) writeFloat(out, value);
        else writeInt(out, value);
        return true;
      case 'boolean':
        out.byte(value ? NEWTRUE : NEWFALSE);
        return true;
      case 'bigint':
        if (inPid) writeOid(this, value);
        else writeBigInt(out, value);
        return true;
      case 'object':
        if (value === null) {
          out.byte(NONE);
          return true;
        }
        return this.#object(value, pathKinds, inPid);
      default:
        throw unwritable(value);
    }
  }

  #object(value: object, pathKinds: ContainerKinds | undefined, inPid: boolean): boolean {
    const { memo } = this;
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Uint8Array.prototype) return writeBytes(this, value as Uint8Array, inPid);
    if (
      prototype !== PyTuple.prototype &&
      prototype !== Array.prototype &&
      prototype !== PyDict.prototype &&
      prototype !== PyGlobal.prototype
    ) {
      if (prototype === PyFloat.prototype) return writePyFloat(this.out, value as PyFloat);
      if (prototype === PersistentRef.prototype) return this.#pid((value as PersistentRef).pid);
      const pid = this.#persistentId?.(value);
      if (pid !== undefined) return this.#pid(pid);
    }
    const known = memo.object(value);
    if (known !== undefined) {
      writeGet(this, known);
      return true;
    }
    if (Array.isArray(value) && !this.#isOwnArray(prototype)) {
      return value instanceof PyTuple
        ? this.#tuple(value, pathKinds, inPid)
        : this.#list(value, pathKinds, inPid);
    }
    if (prototype === PyGlobal.prototype) {
      writeNames(this, GLOBAL, value as PyGlobal);
      writePut(this, memo.addObject(value));
      return true;
    }
    if (
      prototype === PyDict.prototype ||
      prototype === Object.prototype ||
      prototype === null ||
      prototype === Map.prototype
    ) {
      return this.#dict(value, pathKinds);
    }
    return this.#rare(value, pathKinds, inPid);
  }

  /** Whether it is of a subclass of Array that stands for a Python type. */
  #isOwnArray(prototype: object): boolean {
    if (prototype === Array.prototype || prototype === PyTuple.prototype) return false;
    return (
      (this.#types?.ofPrototype(prototype) ?? KNOWN_TYPES.ofPrototype(prototype)) !== undefined
    );
  }

  #spelled(value: object): PyObject | undefined {
    const type = this.#types?.ofPrototype(Object.getPrototypeOf(value));
    return type === undefined ? spellKnown(value) : spelled(type, value);
  }

  #rare(value: object, pathKinds: ContainerKinds | undefined, inPid: boolean): boolean {
    const { out, memo, frames } = this;
    if (value instanceof PyObject) {
      frames.push('object', value, [value], this.kindsOf(value, pathKinds));
      return false;
    }
    const described = this.#spelled(value);
    if (described !== undefined) {
      const kinds = this.kindsOf(value, pathKinds);
      frames.push('object', value, [described], kinds && spelledKinds(value, kinds));
      return false;
    }
    if (value instanceof PyDict || value instanceof Map) return this.#dict(value, pathKinds);
    if (value instanceof Uint8Array) return writeBytes(this, value, inPid);
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
    } else throw unwritable(value);
    writePut(this, memo.addObject(value));
    return true;
  }

  #list(value: unknown[], pathKinds: ContainerKinds | undefined, inPid: boolean): boolean {
    const { out, memo, frames } = this;
    out.byte(EMPTY_LIST);
    writePut(this, memo.addObject(value));
    if (value.length === 0) return true;
    frames.push('list', value, value, this.kindsOf(value, pathKinds), inPid);
    return false;
  }

  #tuple(value: PyTuple, pathKinds: ContainerKinds | undefined, inPid: boolean): boolean {
    const { out, frames } = this;
    if (value.length === 0) {
      out.byte(EMPTY_TUPLE);
      return true;
    }
    if (value.length > 3) out.byte(MARK);
    frames.push('tuple', value, value, this.kindsOf(value, pathKinds), inPid);
    return false;
  }

  #dict(value: object, pathKinds: ContainerKinds | undefined): boolean {
    const { out, memo, frames } = this;
    const pairs = pairsOf(value);
    out.byte(EMPTY_DICT);
    writePut(this, memo.addObject(value));
    if (pairs.length === 0) return true;
    frames.push('dict', value, pairs, this.kindsOf(value, pathKinds));
    return false;
  }

  #pid(pid: unknown): boolean {
    this.frames.push('pid', this, [], undefined);
    if (typeof pid === 'bigint') writeOid(this, pid);
    else if (Array.isArray(pid)) {
      if (pid instanceof PyTuple) this.#tuple(pid, undefined, true);
      else this.#list(pid, undefined, true);
    } else if (pid instanceof Uint8Array) writeBytes(this, pid, true);
    else this.begin(pid, undefined, false, true);
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

const OBJECT_STEPS = ['.callable', '.args', '', '.listItems', '.dictItems', '.state'];

function describeKey(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key.slice(0, 60)) : String(key);
}

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

function placed(error: unknown, path: string, oid: bigint | undefined): unknown {
  if (!(error instanceof PickleError)) return error;
  const where = path === '' ? '' : ` (at value${path})`;
  return new PickleError(error.message + where, { oid }, error.code as PickleErrorCode);
}

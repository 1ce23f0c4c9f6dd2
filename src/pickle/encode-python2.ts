// Python 2's dialects: protocols 1 and 2 as cPickle writes them, 3 as zodbpickle does there. Where Python 2 looked at how many
// references a value has before it gave it a place in the memo, the place in the record says it here (python2-memo.ts); a tuple
// without one that is met again makes the record be written again, with one.

import { type ContainerKinds, isPlainInt } from './container-kinds.ts';
import { writeGet, writePut, writeTupleAgain } from './encode-containers.ts';
import {
  isLonger,
  writeBoolean,
  writeNumber,
  writePython2Bytes,
  writePython2Oid,
  writeString,
  writeWhole,
} from './encode-python2-scalars.ts';
import { EncoderMemo } from './encoder-memo.ts';
import type { Kinds, Python2Writer } from './kinds.ts';
import { EMPTY_TUPLE, MARK, PROTO, TUPLE, TUPLE1 } from './opcodes.ts';
import type { OutputMark } from './output.ts';
import { isMadeForPickle } from './python2-memo.ts';
import { python2Global } from './python2-names.ts';
import { FLOAT, type ScalarKind } from './scalar-kinds.ts';
import { ValueEncoder } from './value-encoder.ts';
import {
  PyByteArray,
  type PyGlobal,
  PyObject,
  PyRawText,
  PyString2,
  type PyTuple,
  pyGlobal,
  tuple,
} from './values.ts';

const NEW: Python2Writer = { protocol: 2, putsAll: false, strings: undefined };

export class Python2Encoder extends ValueEncoder {
  readonly memo: EncoderMemo = new EncoderMemo();
  /** How the next pickle is written; undefined: as its kinds say. */
  writer: Python2Writer | undefined;

  #writer: Python2Writer = NEW;
  /** Whether the value was read from a pickle of Python 2. */
  #isPython2 = false;
  /** The pickles since the memo was cleared, to write them again. */
  #dumped: [value: unknown, kinds: Kinds | undefined][] = [];
  /** Where the first of them begins; undefined when what was written has been taken. */
  #start: OutputMark | undefined;
  /** Tuples that were written without a place in the memo. */
  readonly #withoutPut = new Set<object>();
  /** Those of them that were met again. */
  readonly #shared = new Set<object>();
  #metShared = false;

  override run(value: unknown, kinds: Kinds | undefined): void {
    this.#writer = this.writer ?? kinds?.python2 ?? NEW;
    if (this.#dumped.length === 0) {
      this.#start = this.out.mark();
      this.memo.startAt(this.#writer.putsAll ? 0 : 1);
    }
    this.#dumped.push([value, kinds]);
    this.#runOne(value, kinds);
    while (this.#metShared) {
      this.#metShared = false;
      const dumped = this.#dumped;
      if (this.#start === undefined) return;
      this.out.rewind(this.#start);
      this.memo.clear();
      this.memo.startAt(1);
      this.#withoutPut.clear();
      this.#dumped = [];
      for (const one of dumped) {
        this.#dumped.push(one);
        this.#runOne(...one);
      }
    }
  }

  #runOne(value: unknown, kinds: Kinds | undefined): void {
    this.#isPython2 = kinds?.python2 !== undefined;
    super.run(value, kinds);
  }

  /** What was written has been taken. */
  taken(): void {
    this.#start = undefined;
  }

  override clear(): void {
    super.clear();
    this.#dumped = [];
    this.#start = undefined;
    this.#withoutPut.clear();
    this.#shared.clear();
    this.#metShared = false;
  }

  protected writeHeader(): void {
    const { out } = this;
    if (this.#writer.protocol === 1) return;
    out.reserve(2);
    out.byte(PROTO);
    out.byte(this.#writer.protocol);
  }

  begin(
    value: unknown,
    pathKinds: ContainerKinds | undefined,
    kind: ScalarKind,
    inPid: boolean,
  ): boolean {
    const { out } = this;
    out.reserve(16);
    switch (typeof value) {
      case 'string':
        writeString(this, value, kind, this.#writer);
        return true;
      case 'number': {
        const isFloat = kind === FLOAT || !isPlainInt(value);
        if (isFloat && kind !== FLOAT) this.metNewFloat = true;
        writeNumber(out, value, isFloat, kind, this.#writer);
        return true;
      }
      case 'boolean':
        writeBoolean(out, value, this.#writer);
        return true;
      case 'bigint':
        if (inPid) writePython2Oid(this, value, this.#writer);
        else writeWhole(out, value, kind, this.#writer);
        return true;
      default:
        return this.other(value, pathKinds, kind, inPid);
    }
  }

  protected override hasPut(text: PyString2 | PyRawText): boolean {
    return text instanceof PyString2 ? text.bytes.length > 1 : isLonger(text.text);
  }

  protected bytes(value: Uint8Array, kind: ScalarKind, inPid: boolean): boolean {
    writePython2Bytes(this, value, kind, inPid, this.#writer);
    return true;
  }

  protected override known(value: object): number | undefined {
    const known = this.memo.object(value);
    if (known === undefined && this.#withoutPut.has(value) && !this.#shared.has(value)) {
      this.#shared.add(value);
      this.#metShared = true;
    }
    return known;
  }

  protected tuple(value: PyTuple, pathKinds: ContainerKinds | undefined, inPid: boolean): boolean {
    const { out } = this;
    out.reserve(16);
    if (value.length === 0) {
      out.byte(EMPTY_TUPLE);
      return true;
    }
    if (this.#hasMark(value.length)) out.byte(MARK);
    this.frames.push('tuple', value, value, this.kindsOf(value, pathKinds), inPid);
    return false;
  }

  #hasMark(count: number): boolean {
    return count > 3 || this.#writer.protocol === 1;
  }

  endTuple(value: object, count: number): void {
    const { out, memo } = this;
    const hasMark = this.#hasMark(count);
    const known = memo.object(value);
    if (known !== undefined) {
      writeTupleAgain(this, known, count, hasMark);
      return;
    }
    out.reserve(8);
    out.byte(hasMark ? TUPLE : TUPLE1 + count - 1);
    if (
      this.#writer.putsAll ||
      this.#shared.has(value) ||
      !isMadeForPickle(this.frames, this.#dumped.length === 1)
    ) {
      writePut(this, memo.addObject(value));
    } else this.#withoutPut.add(value);
  }

  // cPickle's last batch of a list is as that of an object's items.
  protected override list(
    value: unknown[],
    pathKinds: ContainerKinds | undefined,
    inPid: boolean,
  ): boolean {
    if (super.list(value, pathKinds, inPid)) return true;
    this.frames.top.kind = 'items';
    return false;
  }

  /** What was read from Python 2 keeps its names. */
  protected override global(value: PyGlobal): boolean {
    const named = this.#isPython2 ? value : python2Global(value);
    if (named === value) return super.global(value);
    const known = this.memo.object(named);
    if (known === undefined) return super.global(named);
    writeGet(this, known);
    return true;
  }

  protected override spelled(value: object): PyObject | undefined {
    if (value instanceof PyByteArray) return bytearray(value);
    const object = super.spelled(value);
    if (object === undefined || object.callable instanceof PyObject) return object;
    object.callable = python2Global(object.callable as PyGlobal);
    return object;
  }

  protected writeReference(): boolean {
    return false;
  }
}

const BYTEARRAY: PyGlobal = pyGlobal('__builtin__', 'bytearray');

/** Of text that is `unicode`, also where it is ASCII. */
function bytearray({ bytes }: PyByteArray): PyObject {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  const unicode = new PyRawText(new TextEncoder().encode(text), text);
  return new PyObject('reduce', BYTEARRAY, tuple<unknown>(unicode, 'latin-1'));
}

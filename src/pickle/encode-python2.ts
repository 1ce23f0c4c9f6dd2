// Python 2's dialects: protocols 1 and 2 as cPickle writes them, 3 as zodbpickle does there. Where Python 2 looked at how many
// references a value has before it gave it a place in the memo, the place in the record says it here (python2-memo.ts); a tuple
// without one that is met again makes the record be written again, with one.

import { type ContainerKinds, isPlainInt } from './container-kinds.ts';
import { writeGet, writePut, writeTupleAgain } from './encode-containers.ts';
import { writeBigInt, writeFloat, writeInt, writeUnicode } from './encode-scalars.ts';
import { EncoderMemo } from './encoder-memo.ts';
import { integerBytes } from './integer.ts';
import type { Kinds, Python2Writer } from './kinds.ts';
import {
  BINBYTES,
  BINSTRING,
  EMPTY_TUPLE,
  INT,
  LONG,
  LONG1,
  LONG4,
  MARK,
  NEWFALSE,
  NEWTRUE,
  PROTO,
  SHORT_BINBYTES,
  SHORT_BINSTRING,
  TUPLE,
  TUPLE1,
} from './opcodes.ts';
import type { OutputMark } from './output.ts';
import { isMadeForPickle } from './python2-memo.ts';
import { python2Global } from './python2-names.ts';
import { oidOf } from './reference.ts';
import type { ScalarKind } from './scalar-kinds.ts';
import * as kinds2 from './scalar-kinds.ts';
import { latin1Bytes } from './text.ts';
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

const NOT_ASCII = /[^\0-\x7f]/;

export class Python2Encoder extends ValueEncoder {
  readonly memo: EncoderMemo = new EncoderMemo();
  /** How the next pickle is written; undefined: as its kinds say. */
  writer: Python2Writer | undefined;

  #writer: Python2Writer = NEW;
  /** Whether the value was read from a pickle of Python 2. */
  #isPython2 = false;
  /** The pickles since the memo was cleared, to write them again; undefined when they can no longer be. */
  #dumped: [value: unknown, kinds: Kinds | undefined][] = [];
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
        this.#text(value, kind);
        return true;
      case 'number':
        if (kind === kinds2.FLOAT || !isPlainInt(value)) {
          if (kind !== kinds2.FLOAT) this.metNewFloat = true;
          writeFloat(out, value);
        } else if (kind === kinds2.LONG) this.#long(BigInt(value));
        else if ((value | 0) === value) writeInt(out, value);
        else this.#line(INT, String(value));
        return true;
      case 'boolean':
        if (this.#writer.protocol === 1) this.#line(INT, value ? '01' : '00');
        else out.byte(value ? NEWTRUE : NEWFALSE);
        return true;
      case 'bigint':
        if (inPid) this.#oid(value);
        else if (kind === kinds2.LONG || BigInt.asIntN(64, value) !== value) this.#long(value);
        else if (BigInt.asIntN(32, value) === value) writeBigInt(out, value);
        else this.#line(INT, String(value));
        return true;
      default:
        return this.other(value, pathKinds, kind, inPid);
    }
  }

  #line(code: number, digits: string): void {
    const { out } = this;
    out.reserve(digits.length + 18);
    out.byte(code);
    for (let i = 0; i < digits.length; i++) out.byte(digits.charCodeAt(i));
    out.byte(0x0a);
  }

  #long(value: bigint): void {
    const { out } = this;
    if (this.#writer.protocol === 1) {
      this.#line(LONG, `${value}L`);
      return;
    }
    const bytes = integerBytes(value);
    out.indexed(LONG1, LONG4, bytes.length);
    out.raw(bytes);
  }

  #text(value: string, kind: ScalarKind): void {
    if (kind !== kinds2.UNICODE && !NOT_ASCII.test(value)) this.#str(value, value);
    else {
      const bytes = kind === kinds2.STR ? this.#bytesOf(value) : undefined;
      if (bytes === undefined) this.#unicode(value);
      else this.#str(value, bytes);
    }
  }

  /** The bytes of what was a `str` beyond ASCII; undefined where text took its place that has none. */
  #bytesOf(text: string): Uint8Array | undefined {
    switch (this.#writer.strings) {
      case 'latin1':
        return latin1Bytes(text);
      case 'utf8':
        return new TextEncoder().encode(text);
      default:
        return undefined;
    }
  }

  #unicode(value: string): void {
    const { out, memo } = this;
    const hasPut = isLonger(value);
    const known = hasPut ? memo.text(value) : undefined;
    if (known !== undefined) {
      writeGet(this, known);
      return;
    }
    writeUnicode(out, value);
    if (hasPut) writePut(this, memo.addText(value));
  }

  protected override hasPut(text: PyString2 | PyRawText): boolean {
    return text instanceof PyString2 ? text.bytes.length > 1 : isLonger(text.text);
  }

  /** A `str` of ASCII text, or of these bytes, which is known in the memo as `text`. */
  #str(text: string, bytes: string | Uint8Array): void {
    const { out, memo } = this;
    const { length } = bytes;
    const hasPut = length > 1 || (length === 0 && this.#writer.putsAll);
    // apart from the unicode of the same text
    const known = hasPut ? memo.text(`\0${text}`) : undefined;
    if (known !== undefined) {
      writeGet(this, known);
      return;
    }
    out.indexed(SHORT_BINSTRING, BINSTRING, length);
    if (typeof bytes === 'string') {
      out.reserve(length + 16);
      for (let i = 0; i < length; i++) out.byte(bytes.charCodeAt(i));
    } else out.raw(bytes);
    if (hasPut) writePut(this, memo.addText(`\0${text}`));
  }

  protected bytes(value: Uint8Array, kind: ScalarKind, inPid: boolean): boolean {
    const { out, memo } = this;
    if (inPid && value.length === 8) {
      this.#oid(oidOf(value) as bigint);
      return true;
    }
    if (kind === kinds2.BINARY && this.#writer.protocol === 3) {
      out.indexed(SHORT_BINBYTES, BINBYTES, value.length);
      out.raw(value);
      return true;
    }
    const known = memo.object(value);
    if (known !== undefined) {
      writeGet(this, known);
      return true;
    }
    out.indexed(SHORT_BINSTRING, BINSTRING, value.length);
    out.raw(value);
    if (value.length > 1) writePut(this, memo.addObject(value));
    return true;
  }

  #oid(oid: bigint): void {
    const { out } = this;
    const isBinary = this.#writer.protocol === 3;
    out.reserve(32);
    const start = out.position;
    out.view.setBigUint64(start + 2, oid);
    if (!isBinary) {
      const number = this.memo.findOrAddOid(
        out.view.getInt32(start + 2),
        out.view.getInt32(start + 6),
      );
      if (number >= 0) {
        writeGet(this, number);
        return;
      }
      out.position = start + 10;
      writePut(this, ~number);
    } else out.position = start + 10;
    out.bytes[start] = isBinary ? SHORT_BINBYTES : SHORT_BINSTRING;
    out.bytes[start + 1] = 8;
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

/** Whether text has more than one character, as Python counts them: shorter text has no place in the memo. */
function isLonger(text: string): boolean {
  const { length } = text;
  return length > 2 || (length === 2 && (text.codePointAt(0) as number) < 0x10000);
}

const BYTEARRAY: PyGlobal = pyGlobal('__builtin__', 'bytearray');

/** Of text that is `unicode`, also where it is ASCII. */
function bytearray({ bytes }: PyByteArray): PyObject {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  const unicode = new PyRawText(new TextEncoder().encode(text), text);
  return new PyObject('reduce', BYTEARRAY, tuple<unknown>(unicode, 'latin-1'));
}

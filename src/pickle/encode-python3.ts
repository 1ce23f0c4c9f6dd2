// Python 3's dialect: protocol 3, byte for byte as zodbpickle's C pickler writes it. The values inside a container that hold
// nothing else are written in one loop, without a frame.

import { type ContainerKinds, isPlainInt } from './container-kinds.ts';
import { BATCH, pairsOf, writeGet, writePut, writeTupleEnd } from './encode-containers.ts';
import {
  writeBigInt,
  writeBytes,
  writeFloat,
  writeInt,
  writeOid,
  writeText,
} from './encode-scalars.ts';
import { EncoderMemo } from './encoder-memo.ts';
import {
  APPEND,
  APPENDS,
  BINPERSID,
  EMPTY_DICT,
  EMPTY_LIST,
  EMPTY_TUPLE,
  MARK,
  NEWFALSE,
  NEWTRUE,
  NONE,
  PROTO,
  SETITEM,
  SETITEMS,
  TUPLE2,
} from './opcodes.ts';
import { FLOAT, itemKind, keyKind, PLAIN, type ScalarKind, valueKind } from './scalar-kinds.ts';
import { ValueEncoder } from './value-encoder.ts';
import { PyGlobal, type PyTuple } from './values.ts';

export class Python3Encoder extends ValueEncoder {
  readonly memo: EncoderMemo = new EncoderMemo();

  protected writeHeader(): void {
    const { out } = this;
    out.reserve(2);
    out.byte(PROTO);
    out.byte(3);
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
        writeText(this, value);
        return true;
      case 'number':
        this.#number(value, kind);
        return true;
      case 'boolean':
        out.byte(value ? NEWTRUE : NEWFALSE);
        return true;
      case 'bigint':
        if (inPid) writeOid(this, value);
        else writeBigInt(out, value);
        return true;
      default:
        return this.other(value, pathKinds, kind, inPid);
    }
  }

  #number(value: number, kind: ScalarKind): void {
    const { out } = this;
    if (kind === FLOAT) writeFloat(out, value);
    else if (isPlainInt(value)) writeInt(out, value);
    else {
      this.metNewFloat = true;
      writeFloat(out, value);
    }
  }

  protected bytes(value: Uint8Array, _kind: ScalarKind, inPid: boolean): boolean {
    return writeBytes(this, value, inPid);
  }

  /** Writes a value that holds no other and has no identity; false, and nothing is written, for any other. */
  #simple(value: unknown, kind: ScalarKind): boolean {
    if (typeof value === 'string') {
      writeText(this, value);
      return true;
    }
    if (typeof value === 'number') {
      this.out.reserve(16);
      this.#number(value, kind);
      return true;
    }
    if (value === null || typeof value === 'boolean') {
      this.out.reserve(16);
      this.out.byte(value === null ? NONE : value ? NEWTRUE : NEWFALSE);
      return true;
    }
    return false;
  }

  /** Writes the items at the beginning that hold no others; returns how many. */
  #leadingItems(items: readonly unknown[], kinds: ContainerKinds | undefined): number {
    const count = items.length;
    if (kinds === undefined) {
      for (let i = 0; i < count; i++) if (!this.#simple(items[i], PLAIN)) return i;
    } else {
      for (let i = 0; i < count; i++) {
        const item = items[i];
        if (!this.#simple(item, typeof item === 'number' ? itemKind(kinds, item, i) : PLAIN)) {
          return i;
        }
      }
    }
    return count;
  }

  #leadingPairs(items: readonly unknown[], kinds: ContainerKinds | undefined): number {
    const count = items.length;
    for (let i = 0; i < count; i++) {
      const item = items[i];
      let kind: ScalarKind = PLAIN;
      if (kinds !== undefined && typeof item === 'number') {
        kind = (i & 1) === 0 ? keyKind(kinds, item) : valueKind(kinds, item, items[i - 1]);
      }
      if (!this.#simple(item, kind)) return i;
    }
    return count;
  }

  protected tuple(value: PyTuple, pathKinds: ContainerKinds | undefined, inPid: boolean): boolean {
    const { out } = this;
    const count = value.length;
    if (count === 0) {
      out.byte(EMPTY_TUPLE);
      return true;
    }
    if (count > 3) out.byte(MARK);
    const kinds = this.kindsOf(value, pathKinds);
    const written = inPid ? 0 : this.#leadingItems(value, kinds);
    if (written === count) {
      this.endTuple(value, count);
      return true;
    }
    this.frames.push('tuple', value, value, kinds, inPid).index = written;
    return false;
  }

  endTuple(value: object, count: number): void {
    writeTupleEnd(this, value, count);
  }

  protected override list(
    value: unknown[],
    pathKinds: ContainerKinds | undefined,
    inPid: boolean,
  ): boolean {
    const { out } = this;
    const count = value.length;
    if (count === 0 || count > BATCH || inPid) return super.list(value, pathKinds, inPid);
    out.reserve(16);
    out.byte(EMPTY_LIST);
    writePut(this, this.memo.addObject(value));
    if (count > 1) out.byte(MARK);
    const kinds = this.kindsOf(value, pathKinds);
    const written = this.#leadingItems(value, kinds);
    if (written === count) {
      out.reserve(1);
      out.byte(count === 1 ? APPEND : APPENDS);
      return true;
    }
    // at its first item a frame writes the mark itself
    if (written === 0 && count > 1) out.position -= 1;
    this.frames.push('list', value, value, kinds, inPid).index = written;
    return false;
  }

  protected override dict(value: object, pathKinds: ContainerKinds | undefined): boolean {
    const { out } = this;
    const pairs = pairsOf(value);
    const count = pairs.length / 2;
    out.reserve(16);
    out.byte(EMPTY_DICT);
    writePut(this, this.memo.addObject(value));
    if (count === 0) return true;
    const kinds = this.kindsOf(value, pathKinds);
    let written = 0;
    if (count < BATCH) {
      if (count > 1) out.byte(MARK);
      written = this.#leadingPairs(pairs, kinds);
      if (written === pairs.length) {
        out.reserve(1);
        out.byte(count === 1 ? SETITEM : SETITEMS);
        return true;
      }
      if (written === 0 && count > 1) out.position -= 1;
    }
    this.frames.push('dict', value, pairs, kinds).index = written;
    return false;
  }

  protected writeReference(oid: bigint, cls: unknown): boolean {
    const { out, memo } = this;
    if (cls !== undefined) {
      if (!(cls instanceof PyGlobal)) return false;
      writeOid(this, oid);
      const known = memo.object(cls);
      if (known === undefined) this.global(cls);
      else writeGet(this, known);
      out.reserve(16);
      out.byte(TUPLE2);
      writePut(this, memo.next());
    } else writeOid(this, oid);
    out.byte(BINPERSID);
    return true;
  }
}

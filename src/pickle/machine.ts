// The machine that a pickle is a program for: a stack, marks and a memo. The loop keeps its state in local variables and makes
// values in place; everything rare stands in files of its own.

import { appendRawItems, PyDict } from './dict.ts';
import { PickleError } from './errors.ts';
import { globalEnd, lineEnd, namedGlobal, readGlobal } from './globals.ts';
import { readInteger } from './integer.ts';
import { isPlainInt } from './kinds.ts';
import * as cost from './limits.ts';
import { LATER, Memo } from './memo.ts';
import {
  addTo,
  appendItems,
  collect,
  construct,
  itemsOf,
  reduce,
  setState,
  tupleFrom,
} from './objects.ts';
import * as op from './opcodes.ts';
import { parseIndex } from './operands.ts';
import type { UnpicklerOptions } from './options.ts';
import { loaded, matchedClass, matchReference, oidOf } from './reference.ts';
import * as scalar from './scalars.ts';
import { truncated, underflow } from './scalars.ts';
import { PySet } from './sets.ts';
import { decodeString2, type StringsPolicy } from './strings2.ts';
import { SHORT, shortText, utf8Text } from './text.ts';
import { PersistentRef, PyFloat, PyTuple } from './values.ts';

export class PickleMachine {
  /** Offset after the last STOP. */
  position = 0;
  /** Whether a float was met since this was set to false. Whole ones are PyFloat in the values. */
  foundFloat = false;
  readonly memo: Memo = new Memo();
  readonly #persistentLoad: ((pid: unknown) => unknown) | undefined;
  readonly #loadReference: ((oid: bigint, cls: unknown) => unknown) | undefined;
  readonly #strings: StringsPolicy;
  readonly #buffers: Iterator<Uint8Array> | undefined;
  readonly #maxMemory: number | undefined;
  readonly #scalarOptions: scalar.ScalarOptions;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(options: UnpicklerOptions) {
    this.#persistentLoad = options.persistentLoad;
    this.#loadReference = options.loadReference;
    this.#strings = options.strings ?? 'auto';
    this.#buffers = options.buffers?.[Symbol.iterator]();
    this.#maxMemory = options.limits?.memory;
    this.#scalarOptions = {
      strings: this.#strings,
      maxDigits: options.limits?.digits ?? cost.DEFAULT_DIGITS,
      maxInteger: options.limits?.integer ?? cost.DEFAULT_INTEGER,
    };
  }

  /** Runs the pickle at `offset` up to its STOP and returns its value. On an error, `position` is the opcode's offset. */
  run(bytes: Uint8Array, offset: number): unknown {
    if (this.#view.buffer !== bytes.buffer) this.#view = new DataView(bytes.buffer);
    const stack = this.#stack;
    const marks = this.#marks;
    const { memo } = this;
    const { dense } = memo;
    const view = this.#view;
    const strings = this.#strings;
    const fastReferences = this.#loadReference !== undefined;
    const base = bytes.byteOffset;
    const end = bytes.length;
    const shortEnd = view.byteLength - base - SHORT;
    let memory = this.#maxMemory ?? cost.defaultMemory(end);
    let height = 0;
    let markCount = 0;
    // the height at the topmost mark: no pop goes below it
    let floor = 0;
    let pos = offset;
    let at = pos;
    let length = 0;
    try {
      for (;;) {
        at = pos;
        if (pos >= end) throw truncated();
        if (memory < 0) throw cost.beyondMemory();
        const code = bytes[pos++] as number;
        switch (code) {
          case op.BINPUT:
          case op.LONG_BINPUT:
            if (code === op.BINPUT) {
              if (pos >= end) throw truncated();
              length = bytes[pos++] as number;
            } else {
              if (pos + 4 > end) throw truncated();
              length = view.getUint32(base + pos, true);
              pos += 4;
            }
            if (height <= floor) throw underflow();
            if (length === dense.length && memo.sparse === undefined) dense.push(stack[height - 1]);
            else memo.put(length, stack[height - 1]);
            break;
          case op.BINGET:
          case op.LONG_BINGET: {
            if (code === op.BINGET) {
              if (pos >= end) throw truncated();
              length = bytes[pos++] as number;
            } else {
              if (pos + 4 > end) throw truncated();
              length = view.getUint32(base + pos, true);
              pos += 4;
            }
            const value = length < dense.length ? dense[length] : undefined;
            stack[height++] = value === undefined || value === LATER ? memo.get(length) : value;
            break;
          }
          case op.BINUNICODE:
            if (pos + 4 > end) throw truncated();
            length = view.getUint32(base + pos, true);
            pos += 4;
            if (length > end - pos) throw truncated();
            memory -= cost.COST_SMALL + length;
            stack[height++] =
              length <= SHORT && length > 0 && pos <= shortEnd
                ? shortText(bytes, view, base, pos, length)
                : utf8Text(bytes, pos, pos + length);
            pos += length;
            break;
          case op.SHORT_BINBYTES:
            if (pos >= end) throw truncated();
            length = bytes[pos++] as number;
            if (length > end - pos) throw truncated();
            if (length === 8 && fastReferences && memo.sparse === undefined) {
              const after = matchReference(bytes, view, base, pos, dense.length);
              if (after >= 0 && matchedClass < dense.length) {
                const cls = memo.get(matchedClass);
                const oid = view.getBigUint64(base + pos);
                memo.putReference(oid, cls);
                memory -= cost.COST_SMALL;
                pos = after;
                stack[height++] = loaded(this.#loadReference?.(oid, cls));
                break;
              }
            }
            memory -= cost.COST_BYTES;
            stack[height++] = scalar.copyBytes(bytes, pos, length);
            pos += length;
            break;
          case op.BININT1:
            if (pos >= end) throw truncated();
            stack[height++] = bytes[pos++];
            break;
          case op.BININT2:
            if (pos + 2 > end) throw truncated();
            stack[height++] = (bytes[pos] as number) | ((bytes[pos + 1] as number) << 8);
            pos += 2;
            break;
          case op.BININT:
            if (pos + 4 > end) throw truncated();
            stack[height++] = view.getInt32(base + pos, true);
            pos += 4;
            break;
          case op.BINFLOAT: {
            if (pos + 8 > end) throw truncated();
            memory -= cost.COST_SMALL;
            this.foundFloat = true;
            const value = view.getFloat64(base + pos);
            if (Number.isNaN(value))
              stack[height++] = scalar.notANumber(view.getBigUint64(base + pos));
            else stack[height++] = isPlainInt(value) ? new PyFloat(value) : value;
            pos += 8;
            break;
          }
          case op.NONE:
            stack[height++] = null;
            break;
          case op.NEWTRUE:
          case op.NEWFALSE:
            stack[height++] = code === op.NEWTRUE;
            break;
          case op.MARK:
            marks[markCount++] = height;
            floor = height;
            break;
          case op.TUPLE1:
          case op.TUPLE2:
          case op.TUPLE3: {
            length = code - op.TUPLE1 + 1;
            height -= length;
            if (height < floor) throw underflow();
            const made = new PyTuple(length);
            made[0] = stack[height];
            if (length > 1) made[1] = stack[height + 1];
            if (length > 2) made[2] = stack[height + 2];
            memory -= cost.COST_TUPLE;
            stack[height++] = made;
            break;
          }
          case op.EMPTY_TUPLE:
          case op.EMPTY_SET:
            memory -= code === op.EMPTY_TUPLE ? cost.COST_SMALL : cost.COST_DICT;
            stack[height++] = code === op.EMPTY_TUPLE ? new PyTuple() : new PySet();
            break;
          case op.EMPTY_LIST:
            memory -= cost.COST_LIST;
            stack[height++] = [];
            break;
          case op.EMPTY_DICT:
            memory -= cost.COST_DICT;
            stack[height++] = new PyDict();
            break;
          case op.APPEND:
            height -= 1;
            if (height <= floor) throw underflow();
            memory -= cost.COST_FIRST_ITEMS;
            appendItems(stack[height - 1], stack, height, height + 1);
            break;
          case op.SETITEM:
            height -= 2;
            if (height <= floor) throw underflow();
            memory -= cost.COST_FIRST_ITEMS;
            appendRawItems(itemsOf(stack[height - 1]), stack, height, height + 2);
            break;
          case op.GLOBAL:
            stack[height++] = readGlobal(bytes, pos);
            memory -= cost.COST_SMALL + globalEnd - pos;
            pos = globalEnd;
            break;
          case op.REDUCE:
          case op.NEWOBJ:
            height -= 1;
            if (height <= floor) throw underflow();
            memory -= cost.COST_OBJECT;
            stack[height - 1] =
              code === op.REDUCE
                ? reduce(stack[height - 1], stack[height])
                : construct('newobj', stack[height - 1], stack[height]);
            break;
          case op.NEWOBJ_EX: {
            height -= 2;
            if (height <= floor) throw underflow();
            memory -= cost.COST_OBJECT;
            const [cls, args, kwargs] = stack.slice(height - 1, height + 2);
            stack[height - 1] = construct('newobj_ex', cls, args, kwargs);
            break;
          }
          case op.BUILD:
            height -= 1;
            if (height <= floor) throw underflow();
            setState(stack[height - 1], stack[height]);
            break;
          case op.BINPERSID:
            if (height <= floor) throw underflow();
            memory -= cost.COST_SMALL;
            stack[height - 1] = this.#reference(stack[height - 1]);
            break;
          case op.STOP:
            if (height <= floor) throw underflow();
            this.position = pos;
            return stack[height - 1];

          case op.TUPLE:
          case op.LIST:
          case op.DICT:
          case op.APPENDS:
          case op.SETITEMS:
          case op.ADDITEMS:
          case op.FROZENSET:
          case op.OBJ:
          case op.INST:
          case op.POP_MARK: {
            if (markCount === 0) throw new PickleError('there is no mark');
            const start = floor;
            markCount -= 1;
            floor = markCount > 0 ? (marks[markCount - 1] as number) : 0;
            memory -= cost.COST_FIRST_ITEMS + 12 * (height - start);
            if (code === op.APPENDS || code === op.SETITEMS || code === op.ADDITEMS) {
              if (start <= floor) throw underflow();
              addTo(stack[start - 1], code, stack, start, height);
              height = start;
            } else if (code === op.POP_MARK) height = start;
            else if (code === op.INST) {
              const cls = readGlobal(bytes, pos);
              pos = globalEnd;
              stack[start] = construct('inst', cls, tupleFrom(stack, start, height));
              height = start + 1;
            } else {
              stack[start] = collect(code, stack, start, height);
              height = start + 1;
            }
            break;
          }
          case op.SHORT_BINSTRING:
          case op.LONG1:
            if (pos >= end) throw truncated();
            length = bytes[pos++] as number;
            if (length > end - pos) throw truncated();
            memory -= cost.COST_BYTES;
            stack[height++] =
              code === op.SHORT_BINSTRING
                ? decodeString2(bytes, pos, pos + length, strings)
                : readInteger(bytes, pos, length);
            pos += length;
            break;
          case op.BINSTRING:
          case op.BINBYTES:
          case op.LONG4:
          case op.SHORT_BINUNICODE:
          case op.BINUNICODE8:
          case op.BINBYTES8:
          case op.BYTEARRAY8:
          case op.EXT1:
          case op.EXT2:
          case op.EXT4:
          case op.INT:
          case op.LONG:
          case op.FLOAT:
          case op.STRING:
          case op.UNICODE:
            if (code === op.FLOAT) this.foundFloat = true;
            stack[height++] = scalar.readScalar(code, bytes, view, base, pos, this.#scalarOptions);
            memory -= cost.COST_BYTES + scalar.scalarEnd - pos;
            pos = scalar.scalarEnd;
            break;
          case op.PERSID:
          case op.GET:
          case op.PUT: {
            const after = lineEnd(bytes, pos, end) + 1;
            memory -= cost.COST_BYTES + after - pos;
            if (code === op.GET) stack[height++] = memo.get(parseIndex(bytes, pos, after - 1));
            else if (code === op.PERSID) {
              stack[height++] = this.#reference(bytes.slice(pos, after - 1));
            } else {
              if (height <= floor) throw underflow();
              memo.put(parseIndex(bytes, pos, after - 1), stack[height - 1]);
            }
            pos = after;
            break;
          }
          case op.FRAME:
            pos += 8;
            if (pos > end || scalar.longLength(view, base + pos - 8) > end - pos) throw truncated();
            break;
          case op.MEMOIZE:
            if (height <= floor) throw underflow();
            memo.put(memo.count, stack[height - 1]);
            break;
          case op.STACK_GLOBAL:
            height -= 1;
            if (height <= floor) throw underflow();
            memory -= cost.COST_SMALL;
            stack[height - 1] = namedGlobal(stack[height - 1], stack[height]);
            break;
          case op.PROTO:
            if (pos >= end) throw truncated();
            length = bytes[pos++] as number;
            if (length > 5) throw new PickleError(`protocol ${length} is not known`);
            break;
          case op.POP:
            if (markCount > 0 && floor === height) {
              markCount -= 1;
              floor = markCount > 0 ? (marks[markCount - 1] as number) : 0;
            } else if (height > floor) height -= 1;
            else throw underflow();
            break;
          case op.DUP:
            if (height <= floor) throw underflow();
            height += 1;
            stack[height - 1] = stack[height - 2];
            break;
          case op.NEXT_BUFFER:
            stack[height++] = scalar.nextBuffer(this.#buffers);
            break;
          case op.READONLY_BUFFER:
            if (height <= floor) throw underflow();
            scalar.checkBuffer(stack[height - 1]);
            break;
          default:
            throw new PickleError('there is no such opcode');
        }
      }
    } catch (error) {
      this.position = at;
      throw error;
    } finally {
      if (stack.length > 1024) stack.length = 0;
      else stack.fill(undefined);
    }
  }

  #reference(pid: unknown): unknown {
    if (this.#loadReference !== undefined && pid instanceof PyTuple && pid.length === 2) {
      const oid = oidOf(pid[0]);
      if (oid !== undefined) return loaded(this.#loadReference(oid, pid[1]));
    }
    return this.#persistentLoad === undefined
      ? new PersistentRef(pid)
      : loaded(this.#persistentLoad(pid));
  }
}

// The machine that a pickle is a program for: a stack, marks and a memo. The loop keeps its state in local variables and makes
// values in place; everything rare stands in files of its own.

import { isContainer } from './container-kinds.ts';
import { appendRawItems, PyDict } from './dict.ts';
import { PickleError } from './errors.ts';
import { globalEnd, lineEnd, namedGlobal, readGlobal } from './globals.ts';
import { readInteger } from './integer.ts';
import * as cost from './limits.ts';
import { Memo, UnmadeReference } from './memo.ts';
import * as make from './objects.ts';
import { ADDITEMS, APPENDS, INST, SETITEMS } from './opcodes.ts';
import { parseIndex } from './operands.ts';
import type { UnpicklerOptions } from './options.ts';
import type { SettledContainers } from './python2-kinds.ts';
import { python2Integer } from './python2-scalars.ts';
import { madeReference, readReference, readReference2, referenceEnd } from './reference.ts';
import * as scalar from './scalars.ts';
import { truncated, underflow } from './scalars.ts';
import { PySet } from './sets.ts';
import { decodeShortString2, decodeString2 } from './strings2.ts';
import { SHORT, shortText, viewedText } from './text.ts';
import { matchUuid, UUID_CLASS, uuidEnd } from './uuid.ts';
import { PyTuple } from './values.ts';

export class PickleMachine {
  /** Offset after the last STOP. */
  position = 0;
  /** Whether a float was met since this was set to false. Whole ones are PyFloat in the values. */
  foundFloat = false;
  /** The containers that stand in the value more than once, as far as the pickle goes. */
  again: Set<object> | undefined;
  readonly memo: Memo = new Memo();
  /** Containers of Python 2's scalars that a hook has seen already. */
  readonly settled: SettledContainers = new Map();
  readonly #options: UnpicklerOptions;
  readonly #scalarOptions: scalar.ScalarOptions;
  readonly #buffers: Iterator<Uint8Array> | undefined;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(options: UnpicklerOptions) {
    this.#options = options;
    this.#scalarOptions = scalar.scalarOptions(options);
    this.#buffers = options.buffers?.[Symbol.iterator]();
  }

  /** Runs the pickle at `offset` up to its STOP and returns its value. On an error, `position` is the opcode's offset. */
  run(bytes: Uint8Array, offset: number): unknown {
    if (this.#view.buffer !== bytes.buffer) this.#view = new DataView(bytes.buffer);
    const stack = this.#stack;
    const marks = this.#marks;
    const { memo } = this;
    const { dense } = memo;
    const view = this.#view;
    const { strings, maxName } = this.#scalarOptions;
    const { loadReference: load } = this.#options;
    const base = bytes.byteOffset;
    const end = bytes.length;
    const shortEnd = view.byteLength - base - SHORT;
    let memory = this.#options.limits?.memory ?? cost.defaultMemory(end);
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
        // numbers, not names: V8 makes a jump table of literals only
        switch (code) {
          case 0x71: // BINPUT
          case 0x72: // LONG_BINPUT
            if (code === 0x71) {
              if (pos >= end) throw truncated();
              length = bytes[pos++] as number;
            } else {
              if (pos + 4 > end) throw truncated();
              length = view.getUint32(base + pos, true);
              pos += 4;
            }
            if (height <= floor) throw underflow();
            if (length === memo.length && memo.sparse === undefined)
              dense[memo.length++] = stack[height - 1];
            else memo.put(length, stack[height - 1]);
            break;
          case 0x68: // BINGET
          case 0x6a /* LONG_BINGET */:
            {
              if (code === 0x68) {
                if (pos >= end) throw truncated();
                length = bytes[pos++] as number;
              } else {
                if (pos + 4 > end) throw truncated();
                length = view.getUint32(base + pos, true);
                pos += 4;
              }
              let value = length < memo.length ? dense[length] : undefined;
              if (typeof value !== 'string') {
                if (value === undefined || value instanceof UnmadeReference)
                  value = memo.get(length);
                this.#noticeAgain(value);
              }
              stack[height++] = value;
              break;
            }
          case 0x58: // BINUNICODE
            if (pos + 4 > end) throw truncated();
            length = view.getUint32(base + pos, true);
            pos += 4;
            if (length > end - pos) throw truncated();
            memory -= cost.COST_SMALL + length;
            stack[height++] =
              length <= SHORT && length > 0 && pos <= shortEnd
                ? shortText(bytes, view, base, pos, length, false)
                : viewedText(bytes, view, base, pos, length);
            pos += length;
            break;
          case 0x43: // SHORT_BINBYTES
            if (pos >= end) throw truncated();
            length = bytes[pos++] as number;
            if (length > end - pos) throw truncated();
            if (length === 8 && load !== undefined) {
              const made = readReference(bytes, view, base, pos, memo, load);
              if (made !== undefined) {
                memory -= cost.COST_SMALL;
                pos = referenceEnd;
                stack[height++] = made;
                break;
              }
            }
            memory -= cost.COST_BYTES;
            stack[height++] = scalar.copyBytes(bytes, pos, length);
            pos += length;
            break;
          case 0x4b: // BININT1
            if (pos >= end) throw truncated();
            stack[height++] = bytes[pos++];
            break;
          case 0x4d: // BININT2
            if (pos + 2 > end) throw truncated();
            stack[height++] = (bytes[pos] as number) | ((bytes[pos + 1] as number) << 8);
            pos += 2;
            break;
          case 0x4a: // BININT
            if (pos + 4 > end) throw truncated();
            stack[height++] = view.getInt32(base + pos, true);
            pos += 4;
            break;
          case 0x47: // BINFLOAT
            if (pos + 8 > end) throw truncated();
            memory -= cost.COST_SMALL;
            this.foundFloat = true;
            stack[height++] = scalar.readFloat(view, base + pos);
            pos += 8;
            break;
          case 0x4e: // NONE
            stack[height++] = null;
            break;
          case 0x88: // NEWTRUE
          case 0x89: // NEWFALSE
            stack[height++] = code === 0x88;
            break;
          case 0x28: // MARK
            marks[markCount++] = height;
            floor = height;
            break;
          case 0x85: // TUPLE1
            if (height <= floor) throw underflow();
            memory -= cost.COST_TUPLE;
            stack[height - 1] = make.single(stack, height - 1);
            break;
          case 0x86: // TUPLE2
            height -= 1;
            if (height <= floor) throw underflow();
            memory -= cost.COST_TUPLE;
            stack[height - 1] = make.pair(stack, height - 1);
            break;
          case 0x87: // TUPLE3
            height -= 2;
            if (height <= floor) throw underflow();
            memory -= cost.COST_TUPLE;
            stack[height - 1] = make.triple(stack, height - 1);
            break;
          case 0x29: // EMPTY_TUPLE
          case 0x8f: // EMPTY_SET
            memory -= code === 0x29 ? cost.COST_SMALL : cost.COST_DICT;
            stack[height++] = code === 0x29 ? new PyTuple() : new PySet();
            break;
          case 0x5d: // EMPTY_LIST
            memory -= cost.COST_LIST;
            stack[height++] = [];
            break;
          case 0x7d: // EMPTY_DICT
            memory -= cost.COST_DICT;
            stack[height++] = new PyDict();
            break;
          case 0x61: // APPEND
            height -= 1;
            if (height <= floor) throw underflow();
            memory -= cost.COST_FIRST_ITEMS;
            make.appendItems(stack[height - 1], stack, height, height + 1);
            break;
          case 0x73: // SETITEM
            height -= 2;
            if (height <= floor) throw underflow();
            memory -= cost.COST_FIRST_ITEMS;
            appendRawItems(make.itemsOf(stack[height - 1]), stack, height, height + 2);
            break;
          case 0x63: // GLOBAL
            stack[height++] = readGlobal(bytes, pos, maxName);
            memory -= cost.COST_SMALL + globalEnd - pos;
            pos = globalEnd;
            break;
          case 0x52: // REDUCE
          case 0x81: // NEWOBJ
          case 0x92: // NEWOBJ_EX
            height -= code === 0x92 ? 2 : 1;
            if (height <= floor) throw underflow();
            memory -= cost.COST_OBJECT;
            if (code === 0x81 && stack[height - 1] === UUID_CLASS && memo.sparse === undefined) {
              const uuid = matchUuid(bytes, pos, memo);
              if (uuid !== undefined) {
                pos = uuidEnd;
                stack[height - 1] = uuid;
                break;
              }
            }
            stack[height - 1] = make.call(code, stack, height - 1);
            break;
          case 0x62: // BUILD
            height -= 1;
            if (height <= floor) throw underflow();
            make.setState(stack[height - 1], stack[height]);
            break;
          case 0x51: // BINPERSID
            if (height <= floor) throw underflow();
            memory -= cost.COST_SMALL;
            stack[height - 1] = madeReference(stack[height - 1], this.#options, this.settled);
            break;
          case 0x2e: // STOP
            if (height <= floor) throw underflow();
            this.position = pos;
            return stack[height - 1];

          case 0x74: // TUPLE
          case 0x6c: // LIST
          case 0x64: // DICT
          case 0x65: // APPENDS
          case 0x75: // SETITEMS
          case 0x90: // ADDITEMS
          case 0x91: // FROZENSET
          case 0x6f: // OBJ
          case 0x69: // INST
          case 0x31 /* POP_MARK */:
            {
              if (markCount === 0) throw new PickleError('there is no mark');
              const start = floor;
              markCount -= 1;
              floor = markCount > 0 ? (marks[markCount - 1] as number) : 0;
              memory -= cost.COST_FIRST_ITEMS + 12 * (height - start);
              if (code === APPENDS || code === SETITEMS || code === ADDITEMS) {
                if (start <= floor) throw underflow();
                make.addTo(stack[start - 1], code, stack, start, height);
                height = start;
              } else if (code === 0x31) height = start;
              else {
                if (code === INST) {
                  const cls = readGlobal(bytes, pos, maxName);
                  pos = globalEnd;
                  stack[start] = make.construct('inst', cls, make.tupleFrom(stack, start, height));
                } else stack[start] = make.collect(code, stack, start, height);
                height = start + 1;
              }
              break;
            }
          case 0x55: // SHORT_BINSTRING
            if (pos >= end) throw truncated();
            length = bytes[pos++] as number;
            if (length > end - pos) throw truncated();
            if (length === 8 && load !== undefined) {
              const isMarked = markCount > 0 && floor === height;
              const made = readReference2(bytes, view, base, pos, memo, isMarked, strings, load);
              if (made !== undefined) {
                if (isMarked) {
                  markCount -= 1;
                  floor = markCount > 0 ? (marks[markCount - 1] as number) : 0;
                }
                memory -= cost.COST_SMALL;
                pos = referenceEnd;
                stack[height++] = made;
                break;
              }
            }
            memory -= cost.COST_BYTES;
            stack[height++] =
              strings === 'auto' && length <= SHORT && length > 0 && pos <= shortEnd
                ? decodeShortString2(bytes, view, base, pos, length)
                : decodeString2(bytes, pos, pos + length, strings);
            pos += length;
            break;
          case 0x8a: // LONG1
            if (pos >= end) throw truncated();
            length = bytes[pos++] as number;
            if (length > end - pos) throw truncated();
            memory -= cost.COST_BYTES;
            stack[height++] = python2Integer(readInteger(bytes, pos, length));
            pos += length;
            break;
          case 0x50: // PERSID
          case 0x67: // GET
          case 0x70 /* PUT */:
            {
              const after = lineEnd(bytes, pos, end) + 1;
              memory -= cost.COST_BYTES + after - pos;
              if (code === 0x67) {
                const value = memo.get(parseIndex(bytes, pos, after - 1));
                this.#noticeAgain(value);
                stack[height++] = value;
              } else if (code === 0x50) {
                const id = bytes.slice(pos, after - 1);
                stack[height++] = madeReference(id, this.#options, this.settled);
              } else {
                if (height <= floor) throw underflow();
                memo.put(parseIndex(bytes, pos, after - 1), stack[height - 1]);
              }
              pos = after;
              break;
            }
          case 0x95: // FRAME
            pos += 8;
            if (pos > end || scalar.longLength(view, base + pos - 8) > end - pos) throw truncated();
            break;
          case 0x94: // MEMOIZE
            if (height <= floor) throw underflow();
            memo.put(memo.count, stack[height - 1]);
            break;
          case 0x93: // STACK_GLOBAL
            height -= 1;
            if (height <= floor) throw underflow();
            memory -= cost.COST_SMALL;
            stack[height - 1] = namedGlobal(stack[height - 1], stack[height], maxName);
            break;
          case 0x80: // PROTO
            if (pos >= end) throw truncated();
            length = bytes[pos++] as number;
            if (length > 5) throw new PickleError(`protocol ${length} is not known`);
            break;
          case 0x30: // POP
            if (markCount > 0 && floor === height) {
              markCount -= 1;
              floor = markCount > 0 ? (marks[markCount - 1] as number) : 0;
            } else if (height > floor) height -= 1;
            else throw underflow();
            break;
          case 0x32: // DUP
            if (height <= floor) throw underflow();
            height += 1;
            stack[height - 1] = stack[height - 2];
            this.#noticeAgain(stack[height - 1]);
            break;
          case 0x97: // NEXT_BUFFER
            stack[height++] = scalar.nextBuffer(this.#buffers);
            break;
          case 0x98: // READONLY_BUFFER
            if (height <= floor) throw underflow();
            scalar.checkBuffer(stack[height - 1]);
            break;
          default: // rarer scalars
            if (code === 0x46) this.foundFloat = true;
            stack[height++] = scalar.readScalar(code, bytes, view, base, pos, this.#scalarOptions);
            memory -= cost.COST_BYTES + scalar.scalarEnd - pos;
            pos = scalar.scalarEnd;
        }
      }
    } catch (error) {
      this.position = at;
      throw error;
    } finally {
      // values are never undefined: what was used is a run from the bottom
      if (stack.length > 1024) stack.length = 0;
      else for (let i = 0; i < stack.length && stack[i] !== undefined; i++) stack[i] = undefined;
    }
  }

  #noticeAgain(value: unknown): void {
    if (!isContainer(value)) return;
    this.again ??= new Set();
    this.again.add(value);
  }
}

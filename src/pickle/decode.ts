// Bytes to values: one pickle after the other on one memo. The loop keeps its state in local variables and creates values in
// place; everything rare stands in files of its own.

import { appendRawItems, PyDict } from './dict.ts';
import { PickleError, type PickleErrorCode } from './errors.ts';
import { globalEnd, lineEnd, namedGlobal, readGlobal } from './globals.ts';
import { readInteger } from './integer.ts';
import { type ContainerKinds, isPlainInt, type Kinds, settleFloats } from './kinds.ts';
import * as cost from './limits.ts';
import { LATER, Memo } from './memo.ts';
import {
  addItems,
  appendItems,
  collect,
  construct,
  itemsOf,
  reduce,
  setState,
  tupleFrom,
} from './objects.ts';
import * as op from './opcodes.ts';
import { parseIndex, parseLine } from './operands.ts';
import type { PickleLimits, UnpicklerOptions } from './options.ts';
import { matchedClass, matchReference, oidOf } from './reference.ts';
import { PySet } from './sets.ts';
import { decodeString2, type StringsPolicy } from './strings2.ts';
import { SHORT, shortText, utf8Text } from './text.ts';
import { PersistentRef, PyByteArray, PyExtension, PyFloat, PyTuple } from './values.ts';

/**
 * Decodes pickles one at a time; the memo goes on from one to the next until `clearMemo`, as it does for the two pickles
 * of a database record. Runs nothing that a pickle says.
 */
export class Unpickler {
  /** Offset after the STOP of the last pickle. */
  position = 0;
  /** Where floats stood in the last pickle; undefined if nowhere, and always with `exact`. */
  kinds: Kinds | undefined;
  /** As in the options; may be changed between pickles. */
  exact: boolean;
  /** As in the options; may be changed between pickles. */
  oid: bigint | undefined;

  readonly #persistentLoad: ((pid: unknown) => unknown) | undefined;
  readonly #loadReference: ((oid: bigint, cls: unknown) => unknown) | undefined;
  readonly #strings: StringsPolicy;
  readonly #buffers: Iterator<Uint8Array> | undefined;
  readonly #limits: PickleLimits;
  readonly #memo: Memo = new Memo();
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  #view: DataView = new DataView(new ArrayBuffer(0));
  #running = false;
  #foundFloat = false;
  #containerKinds: WeakMap<object, ContainerKinds> | undefined;

  constructor(options: UnpicklerOptions = {}) {
    this.exact = options.exact ?? false;
    this.oid = options.oid;
    this.#persistentLoad = options.persistentLoad;
    this.#loadReference = options.loadReference;
    this.#strings = options.strings ?? 'auto';
    this.#buffers = options.buffers?.[Symbol.iterator]();
    this.#limits = options.limits ?? {};
  }

  /**
   * Decodes the pickle that starts at `offset`; `position` is then the offset after it. Byte strings are copies.
   * @throws PickleError `PICKLE_EMPTY` if the bytes end at `offset`, `PICKLE_TRUNCATED` if they end before STOP,
   * `PICKLE_LIMIT` beyond a limit, else `PICKLE`. An error of a hook is passed on.
   */
  load(bytes: Uint8Array, offset = 0): unknown {
    if (offset >= bytes.length) {
      throw new PickleError('there is no pickle here', { offset, oid: this.oid }, 'PICKLE_EMPTY');
    }
    if (this.#running) throw new PickleError('a hook calls load of the same Unpickler', { offset });
    if (this.#view.buffer !== bytes.buffer) this.#view = new DataView(bytes.buffer);
    this.#foundFloat = false;
    this.kinds = undefined;
    this.#running = true;
    let value: unknown;
    try {
      value = this.#run(bytes, offset);
    } finally {
      this.#running = false;
      if (this.#stack.length > 1024) this.#stack.length = 0;
      else this.#stack.fill(undefined);
    }
    if (this.#foundFloat && !this.exact) {
      this.#containerKinds ??= new WeakMap();
      this.kinds = settleFloats(value, this.#containerKinds);
    }
    return value;
  }

  /** Forgets what GET opcodes may fetch. */
  clearMemo(): void {
    this.#memo.clear();
    this.#containerKinds = undefined;
  }

  #run(bytes: Uint8Array, offset: number): unknown {
    const stack = this.#stack;
    const marks = this.#marks;
    const memo = this.#memo;
    const { dense } = memo;
    const view = this.#view;
    const strings = this.#strings;
    const fastReferences = this.#loadReference !== undefined;
    const base = bytes.byteOffset;
    const end = bytes.length;
    const shortEnd = view.byteLength - base - SHORT;
    let memory = this.#limits.memory ?? cost.defaultMemory(end);
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
            stack[height++] = copyBytes(bytes, pos, length);
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
            this.#foundFloat = true;
            const value = view.getFloat64(base + pos);
            stack[height++] = Number.isNaN(value)
              ? notANumber(view.getBigUint64(base + pos))
              : isPlainInt(value)
                ? new PyFloat(value)
                : value;
            pos += 8;
            break;
          }
          case op.NONE:
            stack[height++] = null;
            break;
          case op.NEWTRUE:
            stack[height++] = true;
            break;
          case op.NEWFALSE:
            stack[height++] = false;
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
            memory -= cost.COST_SMALL;
            stack[height++] = new PyTuple();
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
            height -= 1;
            if (height <= floor) throw underflow();
            memory -= cost.COST_OBJECT;
            stack[height - 1] = reduce(stack[height - 1], stack[height]);
            break;
          case op.NEWOBJ:
            height -= 1;
            if (height <= floor) throw underflow();
            memory -= cost.COST_OBJECT;
            stack[height - 1] = construct('newobj', stack[height - 1], stack[height]);
            break;
          case op.NEWOBJ_EX:
            height -= 2;
            if (height <= floor) throw underflow();
            memory -= cost.COST_OBJECT;
            stack[height - 1] = construct(
              'newobj_ex',
              stack[height - 1],
              stack[height],
              stack[height + 1],
            );
            break;
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
              const target = stack[start - 1];
              if (code === op.APPENDS) appendItems(target, stack, start, height);
              else if (code === op.SETITEMS) appendRawItems(itemsOf(target), stack, start, height);
              else addItems(target, stack, start, height);
              height = start;
            } else if (code === op.POP_MARK) {
              height = start;
            } else if (code === op.INST) {
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
            if (pos >= end) throw truncated();
            length = bytes[pos++] as number;
            if (length > end - pos) throw truncated();
            memory -= cost.COST_BYTES;
            stack[height++] = decodeString2(bytes, pos, pos + length, strings);
            pos += length;
            break;
          case op.BINSTRING:
          case op.BINBYTES:
          case op.LONG4:
            if (pos + 4 > end) throw truncated();
            length =
              code === op.BINBYTES
                ? view.getUint32(base + pos, true)
                : view.getInt32(base + pos, true);
            pos += 4;
            if (length < 0) throw new PickleError('a length is negative');
            if (length > end - pos) throw truncated();
            memory -= cost.COST_BYTES + length;
            if (code === op.BINBYTES) stack[height++] = copyBytes(bytes, pos, length);
            else if (code === op.BINSTRING) {
              stack[height++] = decodeString2(bytes, pos, pos + length, strings);
            } else {
              if (length > (this.#limits.integer ?? cost.DEFAULT_INTEGER)) throw tooLargeInteger();
              stack[height++] = readInteger(bytes, pos, length);
            }
            pos += length;
            break;
          case op.LONG1:
            if (pos >= end) throw truncated();
            length = bytes[pos++] as number;
            if (length > end - pos) throw truncated();
            memory -= cost.COST_SMALL + length;
            stack[height++] = readInteger(bytes, pos, length);
            pos += length;
            break;
          case op.INT:
          case op.LONG:
          case op.FLOAT:
          case op.STRING:
          case op.UNICODE:
          case op.PERSID:
          case op.GET:
          case op.PUT: {
            const after = lineEnd(bytes, pos, end) + 1;
            memory -= cost.COST_BYTES + after - pos;
            if (code === op.GET) stack[height++] = memo.get(parseIndex(bytes, pos, after - 1));
            else if (code === op.PUT) {
              if (height <= floor) throw underflow();
              memo.put(parseIndex(bytes, pos, after - 1), stack[height - 1]);
            } else if (code === op.PERSID) {
              stack[height++] = this.#reference(bytes.slice(pos, after - 1));
            } else {
              const digits = this.#limits.digits ?? cost.DEFAULT_DIGITS;
              const value = parseLine(code, bytes, pos, after - 1, strings, digits);
              if (code === op.FLOAT) this.#foundFloat = true;
              stack[height++] =
                code === op.FLOAT && isPlainInt(value as number)
                  ? new PyFloat(value as number)
                  : value;
            }
            pos = after;
            break;
          }
          case op.SHORT_BINUNICODE:
            if (pos >= end) throw truncated();
            length = bytes[pos++] as number;
            if (length > end - pos) throw truncated();
            memory -= cost.COST_SMALL + length;
            stack[height++] = utf8Text(bytes, pos, pos + length);
            pos += length;
            break;
          case op.BINUNICODE8:
          case op.BINBYTES8:
          case op.BYTEARRAY8:
          case op.FRAME:
            if (pos + 8 > end) throw truncated();
            length = view.getUint32(base + pos, true);
            if (view.getUint32(base + pos + 4, true) !== 0) length = Number.POSITIVE_INFINITY;
            pos += 8;
            if (length > end - pos) throw truncated();
            if (code === op.FRAME) break;
            memory -= cost.COST_BYTES + length;
            if (code === op.BINUNICODE8) stack[height++] = utf8Text(bytes, pos, pos + length);
            else {
              const copy = copyBytes(bytes, pos, length);
              stack[height++] = code === op.BINBYTES8 ? copy : new PyByteArray(copy);
            }
            pos += length;
            break;
          case op.EMPTY_SET:
            memory -= cost.COST_DICT + cost.COST_OBJECT;
            stack[height++] = new PySet();
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
            stack[height] = stack[height - 1];
            height += 1;
            break;
          case op.EXT1:
          case op.EXT2:
          case op.EXT4:
            length = code === op.EXT1 ? 1 : code === op.EXT2 ? 2 : 4;
            if (pos + length > end) throw truncated();
            memory -= cost.COST_SMALL;
            stack[height++] = extension(view, base + pos, length);
            pos += length;
            break;
          case op.NEXT_BUFFER:
            stack[height++] = nextBuffer(this.#buffers);
            break;
          case op.READONLY_BUFFER:
            if (height <= floor) throw underflow();
            if (!isBuffer(stack[height - 1])) throw new PickleError('the value is not a buffer');
            break;
          default:
            throw new PickleError('there is no such opcode');
        }
      }
    } catch (error) {
      throw placed(error, at, bytes[at], this.oid);
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

function loaded(value: unknown): unknown {
  if (value === undefined) throw new PickleError('the hook for references returned undefined');
  return value;
}

// Python has one object for each bytes of length 0, and an empty typed array costs as much as one of 64 bytes.
const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

function copyBytes(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (length === 0) return EMPTY_BYTES;
  const copy = new Uint8Array(length);
  if (length > 32) copy.set(bytes.subarray(start, start + length));
  else for (let i = 0; i < length; i++) copy[i] = bytes[start + i] as number;
  return copy;
}

function notANumber(bits: bigint): unknown {
  return bits === 0x7ff8_0000_0000_0000n ? Number.NaN : new PyFloat(Number.NaN, bits);
}

function extension(view: DataView, at: number, size: number): PyExtension {
  const code =
    size === 1
      ? view.getUint8(at)
      : size === 2
        ? view.getUint16(at, true)
        : view.getInt32(at, true);
  if (code <= 0) throw new PickleError(`extension code ${code} is not positive`);
  return new PyExtension(code);
}

function isBuffer(value: unknown): boolean {
  return value instanceof Uint8Array || value instanceof PyByteArray;
}

function nextBuffer(buffers: Iterator<Uint8Array> | undefined): unknown {
  const next = buffers?.next();
  if (next === undefined || next.done === true) throw new PickleError('no buffer is left');
  return next.value;
}

function truncated(): PickleError {
  return new PickleError('the pickle ends before STOP', {}, 'PICKLE_TRUNCATED');
}

function underflow(): PickleError {
  return new PickleError('there is too little on the stack');
}

function tooLargeInteger(): PickleError {
  return new PickleError('an integer has more bytes than the limit allows', {}, 'PICKLE_LIMIT');
}

function placed(
  error: unknown,
  offset: number,
  code: number | undefined,
  oid: bigint | undefined,
): unknown {
  if (!(error instanceof PickleError) || error.offset !== undefined) return error;
  const opcode = op.opcodeName(code);
  return new PickleError(error.message, { offset, opcode, oid }, error.code as PickleErrorCode);
}

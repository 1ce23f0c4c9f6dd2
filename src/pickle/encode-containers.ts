// How the encoder goes on with a value that holds others. Each function writes until the next value needs a frame of its own
// (then it returns, and is called again when that is done) or until the end, where it pops its frame.

import { PyDict, rawItems } from './dict.ts';
import { PickleError } from './errors.ts';
import type { Encoder, Frame } from './frames.ts';
import { checkKey } from './key.ts';
import {
  APPEND,
  APPENDS,
  BINGET,
  BINPERSID,
  BINPUT,
  BUILD,
  INST,
  LONG_BINGET,
  LONG_BINPUT,
  MARK,
  NEWOBJ,
  OBJ,
  POP,
  POP_MARK,
  REDUCE,
  SETITEM,
  SETITEMS,
  TUPLE,
  TUPLE1,
} from './opcodes.ts';
import { isMap } from './realms.ts';
import { itemKind, keyKind, PLAIN, valueKind } from './scalar-kinds.ts';
import { utf8Bound, writeUtf8 } from './text.ts';
import { PyGlobal, type PyObject, PyTuple, pyGlobal, tuple } from './values.ts';

/** How many items one APPENDS, or pairs one SETITEMS, takes. */
export const BATCH = 1000;

const NEWOBJ_EX: PyGlobal = pyGlobal('copyreg', '__newobj_ex__');

/** PUT, and GET by memo number. */
export function writePut(encoder: Encoder, index: number): void {
  encoder.out.indexed(BINPUT, LONG_BINPUT, index);
}

export function writeGet(encoder: Encoder, index: number): void {
  encoder.out.indexed(BINGET, LONG_BINGET, index);
}

/** A list, or the list items of an object: they differ where the last batch has one item. */
export function continueList(encoder: Encoder, frame: Frame): void {
  const { items, kinds, inPid } = frame;
  const { out } = encoder;
  const count = items.length;
  const isSingle = frame.kind === 'list' ? count === 1 : (count - 1) % BATCH === 0;
  const lastBatch = count - 1 - ((count - 1) % BATCH);
  for (let i = frame.index; i < count; i++) {
    if (i % BATCH === 0) {
      out.reserve(2);
      if (i > 0) out.byte(APPENDS);
      if (!isSingle || i < lastBatch) out.byte(MARK);
    }
    frame.index = i + 1;
    const item = items[i];
    const done =
      kinds === undefined
        ? encoder.begin(item, undefined, PLAIN, inPid)
        : encoder.begin(item, kinds.child(i, item), itemKind(kinds, item, i), inPid);
    if (!done) return;
  }
  out.reserve(1);
  out.byte(isSingle ? APPEND : APPENDS);
  encoder.frames.pop();
}

/** A dict, or the dict items of an object: only a dict has an empty batch after the last full one. */
export function continueDict(encoder: Encoder, frame: Frame): void {
  const { items, kinds, inPid } = frame;
  const { out } = encoder;
  const count = items.length / 2;
  const isSingle = frame.kind === 'dict' ? count === 1 : (count - 1) % BATCH === 0;
  const lastBatch = count - 1 - ((count - 1) % BATCH);
  for (let i = frame.index; i < items.length; i++) {
    const item = items[i];
    const isKey = (i & 1) === 0;
    if (isKey && (i >> 1) % BATCH === 0) {
      out.reserve(2);
      if (i > 0) out.byte(SETITEMS);
      if (!isSingle || i >> 1 < lastBatch) out.byte(MARK);
    }
    frame.index = i + 1;
    let done: boolean;
    if (kinds === undefined) done = encoder.begin(item, undefined, PLAIN, inPid);
    else if (isKey) {
      done = encoder.begin(item, kinds.keyChild(item), keyKind(kinds, item), inPid);
    } else {
      const key = items[i - 1];
      done = encoder.begin(item, kinds.child(key, item), valueKind(kinds, item, key), inPid);
    }
    if (!done) return;
  }
  out.reserve(3);
  out.byte(isSingle ? SETITEM : SETITEMS);
  if (frame.kind === 'dict' && count % BATCH === 0) {
    out.byte(MARK);
    out.byte(SETITEMS);
  }
  encoder.frames.pop();
}

/** A tuple of at least one item, after its MARK if it has more than three. */
export function continueTuple(encoder: Encoder, frame: Frame): void {
  const { items, kinds, inPid } = frame;
  const count = items.length;
  for (let i = frame.index; i < count; i++) {
    frame.index = i + 1;
    const item = items[i];
    const done =
      kinds === undefined
        ? encoder.begin(item, undefined, PLAIN, inPid)
        : encoder.begin(item, kinds.child(i, item), itemKind(kinds, item, i), inPid);
    if (!done) return;
  }
  encoder.endTuple(frame.value, count);
  encoder.frames.pop();
}

/** What follows the items of a tuple: its opcode and PUT, or what takes their place if an item led back to it and wrote it. */
export function writeTupleEnd(encoder: Encoder, value: object, count: number): void {
  const { out, memo } = encoder;
  out.reserve(8);
  const known = memo.object(value);
  if (known === undefined) {
    out.byte(count > 3 ? TUPLE : TUPLE1 + count - 1);
    writePut(encoder, memo.addObject(value));
  } else writeTupleAgain(encoder, known, count, count > 3);
}

/** Drops the items of a tuple that was written as a part of itself, and gets it. */
export function writeTupleAgain(
  encoder: Encoder,
  number: number,
  count: number,
  hasMark: boolean,
): void {
  const { out } = encoder;
  out.reserve(8);
  if (hasMark) out.byte(POP_MARK);
  else for (let i = 0; i < count; i++) out.byte(POP);
  writeGet(encoder, number);
}

/** The arguments of an old-style instance, which stand above a mark. */
export function continueArguments(encoder: Encoder, frame: Frame): void {
  const { items, kinds } = frame;
  for (let i = frame.index; i < items.length; i++) {
    frame.index = i + 1;
    const item = items[i];
    const kind = kinds === undefined ? PLAIN : itemKind(kinds, item, i);
    if (!encoder.begin(item, kinds?.child(i, item), kind, false)) return;
  }
  encoder.frames.pop();
}

/** A persistent reference, after its id. */
export function continuePid(encoder: Encoder): void {
  encoder.out.reserve(1);
  encoder.out.byte(BINPERSID);
  encoder.frames.pop();
}

/**
 * An object, in steps: what is called, the arguments, the opcode, list items, dict items, state, BUILD. The frame's only item
 * is the PyObject; its value is what the memo knows, which is another object where a known type is being spelled.
 */
export function continueObject(encoder: Encoder, frame: Frame): void {
  const object = frame.items[0] as PyObject;
  const { out, frames } = encoder;
  const { kinds } = frame;
  for (;;) {
    switch (frame.index++) {
      case 0:
        if (!beginCallable(encoder, object)) return;
        break;
      case 1:
        if (!beginArgs(encoder, frame, object)) return;
        break;
      case 2:
        writeCall(encoder, frame, object);
        break;
      case 3:
        if (object.listItems === undefined || object.listItems.length === 0) break;
        frames.push(
          'items',
          object,
          object.listItems,
          encoder.kindsOf(object.listItems, kinds?.child('listItems', object.listItems)),
        );
        return;
      case 4: {
        const { dictItems } = object;
        if (typeof dictItems !== 'object' || dictItems === null) break;
        const pairs = pairsOf(dictItems);
        if (pairs.length === 0) break;
        frames.push(
          'pairs',
          object,
          pairs,
          encoder.kindsOf(dictItems, kinds?.child('dictItems', dictItems)),
        );
        return;
      }
      case 5: {
        if (!object.hasState) {
          frames.pop();
          return;
        }
        const { state } = object;
        const kind = kinds === undefined ? PLAIN : valueKind(kinds, state, 'state');
        if (!encoder.begin(state, kinds?.child('state', state), kind, false)) return;
        break;
      }
      default:
        out.reserve(1);
        out.byte(BUILD);
        frames.pop();
        return;
    }
  }
}

function beginCallable(encoder: Encoder, object: PyObject): boolean {
  if (object.form === 'inst' || object.form === 'obj') {
    encoder.out.reserve(1);
    encoder.out.byte(MARK);
    if (isInst(object)) return true;
  }
  const callable = object.form === 'newobj_ex' ? NEWOBJ_EX : object.callable;
  return encoder.begin(callable, undefined, PLAIN, false);
}

function isInst(object: PyObject): boolean {
  return object.form === 'inst' && object.callable instanceof PyGlobal;
}

function beginArgs(encoder: Encoder, frame: Frame, object: PyObject): boolean {
  const { args, form } = object;
  if (!(args instanceof PyTuple)) {
    throw new PickleError('the arguments of an object are not a tuple', {}, 'PICKLE_VALUE');
  }
  const argsKinds = frame.kinds?.child('args', args);
  switch (form) {
    case 'basicnew':
      return encoder.begin(null, undefined, PLAIN, false);
    case 'newobj_ex': {
      const all = tuple<unknown>(object.callable, args, object.kwargs ?? new PyDict());
      return encoder.begin(all, undefined, PLAIN, false);
    }
    case 'inst':
    case 'obj':
      if (args.length === 0) return true;
      encoder.frames.push('arguments', args, args, encoder.kindsOf(args, argsKinds));
      return false;
    default:
      return encoder.begin(args, argsKinds, PLAIN, false);
  }
}

function writeCall(encoder: Encoder, frame: Frame, object: PyObject): void {
  const { out, memo } = encoder;
  out.reserve(8);
  if (isInst(object)) writeNames(encoder, INST, object.callable as PyGlobal);
  else if (object.form === 'inst' || object.form === 'obj') out.byte(OBJ);
  else out.byte(object.form === 'newobj' ? NEWOBJ : REDUCE);
  out.reserve(8);
  const known = memo.object(frame.value);
  if (known === undefined) writePut(encoder, memo.addObject(frame.value));
  else {
    // an argument led back to this object and wrote it: the one just made is not needed
    out.byte(POP);
    writeGet(encoder, known);
  }
}

/** GLOBAL or INST with its two lines. */
export function writeNames({ out }: Encoder, code: number, { module, name }: PyGlobal): void {
  out.reserve(utf8Bound(module) + utf8Bound(name) + 8);
  out.byte(code);
  out.position = writeUtf8(out.bytes, module, out.position);
  out.byte(0x0a);
  out.position = writeUtf8(out.bytes, name, out.position);
  out.byte(0x0a);
}

/** The keys and values, in turn, of whatever is taken for a dict. */
export function pairsOf(value: unknown): readonly unknown[] {
  if (value instanceof PyDict) return rawItems(value);
  if (isMap(value)) {
    for (const key of value.keys()) checkKey(key);
    return Array.from(value).flat(1);
  }
  return Object.entries(value as object).flat(1);
}

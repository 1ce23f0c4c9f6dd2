// The loop that finds where the oids of references stand in a record, without making values: a stack and a memo of small
// numbers remember only where an oid stands.

import { PickleError, type PickleErrorCode } from './errors.ts';
import {
  ADDITEMS,
  APPENDS,
  BINGET,
  BINPERSID,
  BINPUT,
  INST,
  LONG_BINGET,
  LONG_BINPUT,
  NEWOBJ_EX,
  POP_MARK,
  SETITEMS,
  TUPLE,
  TUPLE1,
  TUPLE2,
} from './opcodes.ts';

// What the scan knows of a value: 0 nothing; 4 * offset + OID: it is the 8 bytes at that offset; 4 * offset + PAIR: it is a
// tuple that begins with them. Offsets beyond the range of an Int32Array are left to the decoder.
const OID = 1;
const PAIR = 2;
const MAX_MEMO = 1 << 20;

let stack: Int32Array = new Int32Array(1024);
let memo: Int32Array = new Int32Array(1024);
let marks: Int32Array = new Int32Array(256);
// Where the oids stand that the scan has found.
let found: Int32Array = new Int32Array(256);
let foundEnd = 0;
// Where the record begins that is scanned.
let origin = 0;

/** Where the oids stand that the last scan has found: the first so many entries. */
export function foundOffsets(): Int32Array {
  return found;
}

/**
 * Scans the record from `start` to `end`, and gives the number of oids found. -1 where only the decoder can tell: text
 * opcodes of ids, odd memo numbers. Offsets of errors are those within the record.
 * @throws PickleError
 */
export function scan(record: Uint8Array, start: number, end: number): number {
  foundEnd = 0;
  return scanAll(record, start, end) ? foundEnd : -1;
}

function scanAll(record: Uint8Array, start: number, end: number): boolean {
  origin = start;
  // operands may reach beyond the end, which is looked at only after the loop: what is read there counts for nothing
  let items = stack;
  let limit = items.length - 2;
  let pos = start;
  let at = start;
  let height = 0;
  let floor = 0;
  let memoEnd = 0;
  let stop = start;
  let marked = 0;
  let after = 0;
  while (pos < end) {
    at = pos;
    const code = record[pos++] as number;
    if (height > limit) {
      stack = doubled(items);
      items = stack;
      limit = items.length - 2;
    }
    // numbers, not names: V8 makes a jump table of literals only
    switch (code) {
      case 0x71: // BINPUT
      case 0x72 /* LONG_BINPUT */:
        {
          const index = code === BINPUT ? (record[pos] as number) : u32(record, pos);
          pos += code === BINPUT ? 1 : 4;
          if (height <= floor) throw tooLittle(at);
          if (pos > end) throw truncated(at);
          if (index > MAX_MEMO) return false;
          if (index >= memoEnd) memoEnd = reserve(memoEnd, index);
          memo[index] = items[height - 1] as number;
          break;
        }
      case 0x68: // BINGET
      case 0x6a /* LONG_BINGET */:
        {
          const index = code === BINGET ? (record[pos] as number) : u32(record, pos);
          pos += code === BINGET ? 1 : 4;
          if (pos > end) throw truncated(at);
          if (index >= memoEnd) throw failure(`the memo has no entry ${index}`, at);
          items[height++] = memo[index] as number;
          break;
        }
      case 0x58: // BINUNICODE
      case 0x8b: // LONG4
        pos += 4 + u32(record, pos);
        items[height++] = 0;
        break;
      case 0x4b: // BININT1
      case 0x82: // EXT1
        pos += 1;
        items[height++] = 0;
        break;
      case 0x4a: // BININT
      case 0x84: // EXT4
        pos += 4;
        items[height++] = 0;
        break;
      case 0x47: // BINFLOAT
        pos += 8;
        items[height++] = 0;
        break;
      case 0x4e: // NONE
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
      case 0x7d: // EMPTY_DICT
      case 0x8f: // EMPTY_SET
        items[height++] = 0;
        break;
      case 0x4d: // BININT2
      case 0x83: // EXT2
        pos += 2;
        items[height++] = 0;
        break;
      case 0x43: // SHORT_BINBYTES
      case 0x55 /* SHORT_BINSTRING */:
        {
          const length = record[pos] as number;
          pos += 1 + length;
          if (length !== 8) items[height++] = 0;
          else {
            const oid = 4 * (at + 2) + OID;
            after = reference(record, pos, memoEnd);
            if (after < 0) items[height++] = oid;
            else {
              pos = after;
              // the oid's and the tuple's entries
              if (putIndexes[0] >= 0) {
                memoEnd = reserve(memoEnd, putIndexes[0]);
                memo[putIndexes[0]] = oid;
              }
              if (putIndexes[1] >= 0) {
                memoEnd = reserve(memoEnd, putIndexes[1]);
                memo[putIndexes[1]] = oid - OID + PAIR;
              }
              addFound(at + 2);
              items[height++] = 0;
            }
          }
          break;
        }
      case 0x28: // MARK
        if (marked === marks.length) marks = doubled(marks);
        marks[marked++] = height;
        floor = height;
        break;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        height -= code - TUPLE1 + 1;
        if (height < floor) throw tooLittle(at);
        items[height] = pairOf(items[height] as number);
        height += 1;
        break;
      case 0x74: // TUPLE
      case 0x65: // APPENDS
      case 0x75: // SETITEMS
      case 0x6c: // LIST
      case 0x64: // DICT
      case 0x91: // FROZENSET
      case 0x6f: // OBJ
      case 0x69: // INST
      case 0x90: // ADDITEMS
      case 0x31 /* POP_MARK */:
        {
          if (marked === 0) throw failure('there is no mark', at);
          const bottom = marks[--marked] as number;
          floor = marked > 0 ? (marks[marked - 1] as number) : 0;
          const pushed = code === TUPLE && height > bottom ? pairOf(items[bottom] as number) : 0;
          if (code === INST) pos = lineAfter(record, lineAfter(record, pos, at), at);
          height = bottom;
          if (code === APPENDS || code === SETITEMS || code === ADDITEMS) {
            if (height <= floor) throw tooLittle(at);
          } else if (code !== POP_MARK) items[height++] = pushed;
          break;
        }
      case 0x61: // APPEND
      case 0x62: // BUILD
        // these leave the object that they change on the stack
        height -= 1;
        if (height <= floor) throw tooLittle(at);
        break;
      case 0x73: // SETITEM
        height -= 2;
        if (height <= floor) throw tooLittle(at);
        break;
      case 0x51 /* BINPERSID */:
        {
          if (height <= floor) throw tooLittle(at);
          const pid = items[height - 1] as number;
          if (pid !== 0) addFound(pid >> 2);
          items[height - 1] = 0;
          break;
        }
      case 0x63: // GLOBAL
        pos = lineAfter(record, lineAfter(record, pos, at), at);
        items[height++] = 0;
        break;
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ
      case 0x93: // STACK_GLOBAL
      case 0x92: // NEWOBJ_EX
        height -= code === NEWOBJ_EX ? 3 : 2;
        if (height < floor) throw tooLittle(at);
        items[height++] = 0;
        break;
      case 0x42: // BINBYTES
      case 0x54 /* BINSTRING */:
        {
          const length = u32(record, pos);
          items[height++] = length === 8 ? 4 * (pos + 4) + OID : 0;
          pos += 4 + length;
          break;
        }
      case 0x8a: // LONG1
      case 0x8c: // SHORT_BINUNICODE
        pos += 1 + (record[pos] as number);
        items[height++] = 0;
        break;
      case 0x49: // INT
      case 0x4c: // LONG
      case 0x46: // FLOAT
      case 0x56: // UNICODE
        pos = lineAfter(record, pos, at);
        items[height++] = 0;
        break;
      case 0x32: // DUP
        if (height <= floor) throw tooLittle(at);
        items[height] = items[height - 1] as number;
        height += 1;
        break;
      case 0x30: // POP
        if (marked > 0 && floor === height) {
          marked -= 1;
          floor = marked > 0 ? (marks[marked - 1] as number) : 0;
        } else if (height > floor) height -= 1;
        else throw tooLittle(at);
        break;
      case 0x80: // PROTO
        pos += 1;
        break;
      case 0x2e: // STOP
        if (height <= floor) throw tooLittle(at);
        height = 0;
        floor = 0;
        marked = 0;
        stop = pos;
        break;
      default:
        // text forms of ids and memo numbers, protocols 4 and 5, and what is no opcode
        return false;
    }
  }
  if (!(pos <= end)) throw truncated(at);
  if (stop !== end || end === start) throw truncated(end);
  return true;
}

/** The memo indexes that the last `reference` met, -1 for none: of the oid, and of the pid tuple. */
const putIndexes: [oid: number, pid: number] = [-1, -1];

/**
 * The position after a reference whose oid ends at `start`: an optional PUT, the class by GET, TUPLE2, an optional PUT, BINPERSID.
 * -1 if it is anything else, or is not worth a case of its own.
 */
function reference(record: Uint8Array, start: number, memoEnd: number): number {
  let at = start;
  let index = -1;
  let put = record[at];
  if (put === BINPUT) {
    index = record[at + 1] as number;
    at += 2;
  } else if (put === LONG_BINPUT) {
    index = u32(record, at + 1);
    at += 5;
  }
  putIndexes[0] = index;
  const get = record[at];
  if (get === BINGET) {
    // an entry that was made just now is no class
    if ((record[at + 1] as number) >= memoEnd) return -1;
    at += 2;
  } else if (get === LONG_BINGET) {
    if (u32(record, at + 1) >= memoEnd) return -1;
    at += 5;
  } else return -1;
  if (record[at++] !== TUPLE2) return -1;
  put = record[at];
  let second = -1;
  if (put === BINPUT) {
    second = record[at + 1] as number;
    at += 2;
  } else if (put === LONG_BINPUT) {
    second = u32(record, at + 1);
    at += 5;
  }
  putIndexes[1] = second;
  return record[at] === BINPERSID && index <= MAX_MEMO && second <= MAX_MEMO ? at + 1 : -1;
}

/** Makes room in the memo for an index; the entries between are nothing. Returns where it ends now. */
function reserve(memoEnd: number, index: number): number {
  if (index < memoEnd) return memoEnd;
  while (index >= memo.length) memo = doubled(memo);
  if (index > memoEnd) memo.fill(0, memoEnd, index);
  return index + 1;
}

function addFound(at: number): void {
  if (foundEnd === found.length) found = doubled(found);
  found[foundEnd++] = at;
}

function tooLittle(at: number): PickleError {
  return failure('there is too little on the stack', at);
}

function pairOf(first: number): number {
  return (first & 3) === OID ? first - OID + PAIR : 0;
}

function u32(record: Uint8Array, at: number): number {
  return (
    ((record[at] as number) |
      ((record[at + 1] as number) << 8) |
      ((record[at + 2] as number) << 16)) +
    (record[at + 3] as number) * 0x1000000
  );
}

function lineAfter(record: Uint8Array, start: number, at: number): number {
  const end = record.indexOf(0x0a, start);
  if (end < 0) throw truncated(at);
  return end + 1;
}

function doubled(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function truncated(offset: number): PickleError {
  return failure('the pickle ends before STOP', offset, 'PICKLE_TRUNCATED');
}

function failure(message: string, offset: number, code: PickleErrorCode = 'PICKLE'): PickleError {
  return new PickleError(message, { offset: offset - origin }, code);
}

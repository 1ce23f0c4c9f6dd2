// uuid.UUID: an object whose state is one int of 128 bits.

import { PyDict } from './dict.ts';
import { PickleError } from './errors.ts';
import { narrowed, readInteger } from './integer.ts';
import { defineKey } from './key.ts';
import { isInt, type KnownType } from './known-type.ts';
import type { Memo } from './memo.ts';
import { BINGET, BINPUT, BINUNICODE, BUILD, EMPTY_DICT, LONG1, SETITEM } from './opcodes.ts';
import { type PyGlobal, PyObject, PyTuple, pyGlobal } from './values.ts';

/** The class, as pickles name it. */
export const UUID_CLASS: PyGlobal = pyGlobal('uuid', 'UUID');

/** The key of the state: BINUNICODE of 3 bytes. */
const KEY = [BINUNICODE, 3, 0, 0, 0, 0x69, 0x6e, 0x74];
const MAX = (1n << 128n) - 1n;

/** A UUID. */
export class UUID {
  readonly int: bigint;

  /** @throws PickleError (`PICKLE_VALUE`) unless it is an int of 128 bits, or text of 32 hex digits with or without hyphens. */
  constructor(value: bigint | string) {
    const digits = typeof value === 'string' ? value.replaceAll('-', '') : undefined;
    const int =
      digits === undefined
        ? (value as bigint)
        : BigInt(/^[0-9a-fA-F]{32}$/.test(digits) ? `0x${digits}` : -1);
    if (int < 0n || int > MAX) {
      throw new PickleError(`${value} is not a UUID`, {}, 'PICKLE_VALUE');
    }
    this.int = int;
  }

  toString(): string {
    return this.int
      .toString(16)
      .padStart(32, '0')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The position after the object that the last successful `matchUuid` found. */
export let uuidEnd = 0;

/**
 * The UUID whose NEWOBJ ends at `start`, if what follows is its state {'int': n} exactly as Python writes it, with the next
 * memo numbers, so that nothing else can have seen the object without its state. Puts the memo entries.
 */
export function matchUuid(bytes: Uint8Array, start: number, memo: Memo): UUID | undefined {
  const next = memo.length;
  let at = afterPut(bytes, start, next);
  if (at < 0 || bytes[at] !== EMPTY_DICT) return;
  at = afterPut(bytes, at + 1, next + 1);
  if (at < 0) return;
  const isNew = KEY.every((byte, i) => bytes[at + i] === byte);
  if (isNew) at = afterPut(bytes, at + KEY.length, next + 2);
  else if (bytes[at] === BINGET && memo.dense[bytes[at + 1] as number] === 'int') at += 2;
  else return;
  const length = bytes[at + 1] as number;
  if (at < 0 || bytes[at] !== LONG1 || length > 17) return;
  const end = at + 2 + length;
  if (bytes[end] !== SETITEM || bytes[end + 1] !== BUILD) return;
  const int = readInteger(bytes, at + 2, length);
  // a smaller int would be written by another opcode
  if (typeof int !== 'bigint' || int < 0n || int > MAX) return;
  const uuid = new UUID(int);
  memo.append(uuid);
  memo.append(PyDict.fromItems(['int', int]));
  if (isNew) memo.append('int');
  uuidEnd = end + 2;
  return uuid;
}

function afterPut(bytes: Uint8Array, at: number, index: number): number {
  return bytes[at] === BINPUT && bytes[at + 1] === index ? at + 2 : -1;
}

export const UUID_TYPE: KnownType = {
  callable: UUID_CLASS,
  prototype: UUID.prototype,
  fromPickle({ form, args, state, listItems, dictItems }: PyObject) {
    if (
      form !== 'newobj' ||
      args.length !== 0 ||
      listItems !== undefined ||
      dictItems !== undefined
    )
      return undefined;
    const int = state instanceof PyDict && state.size === 1 ? state.get('int') : undefined;
    return isInt(int) && int >= 0 && int <= MAX ? new UUID(BigInt(int)) : undefined;
  },
  toPickle({ int }: UUID) {
    const state = new PyDict<string, unknown>([['int', narrowed(int)]]);
    return new PyObject('newobj', UUID_CLASS, new PyTuple(), { state });
  },
};

defineKey(UUID.prototype, ({ int }) => `uuid ${int};`);

// The records of blocks, read without objects: what the thread that loads blocks needs. Classes of wendelin.core's
// module wendelin.bigfile.file_zodb: ZBlk0 (one byte string), ZBlk1 (a tree of chunks, ZData), ZBlk (ZBlk0's old name).

import { PyByteArray, PyObject, PyString2, PyTuple, Unpickler } from '../pickle/index.ts';
import { CorruptedDataError } from '../zodb/errors.ts';
import type { Oid } from '../zodb/ids.ts';
import { classNameOf, readClassDescription, readReference } from '../zodb/record.ts';

/** A reference found in a raw record. */
export interface RawReference {
  readonly oid: Oid;
  /** The name of the class beside it, without module; empty where the reference has none. */
  readonly cls: string;
}

/** A record as class name and state, references as RawReference. */
export interface RawRecord {
  readonly cls: string;
  readonly state: unknown;
}

class Raw implements RawReference {
  readonly oid: Oid;
  readonly cls: string;
  constructor(oid: Oid, cls: string) {
    this.oid = oid;
    this.cls = cls;
  }
}

const unpickler = new Unpickler({
  strings: 'bytes',
  loadReference: (oid, cls) => new Raw(oid as Oid, classNameOf(cls)?.name ?? ''),
  persistentLoad: (pid) => {
    const { oid, cls } = readReference(pid);
    return new Raw(oid, classNameOf(cls)?.name ?? '');
  },
});

/** Decodes a record without making objects. @throws PickleError, CorruptedDataError */
export function readRawRecord(record: Uint8Array): RawRecord {
  const { cls } = readClassDescription(unpickler, record);
  const state = unpickler.load(record, unpickler.position);
  unpickler.clearMemo();
  return { cls: classNameOf(cls)?.name ?? '', state };
}

export function isRawReference(value: unknown): value is RawReference {
  return value instanceof Raw;
}

/**
 * The bytes in the state of a block or chunk, in any of the spellings that Python 2 and 3 wrote.
 * @throws CorruptedDataError for anything else
 */
export function blockBytes(state: unknown, oid?: Oid): Uint8Array {
  if (state instanceof Uint8Array) return state;
  if (state instanceof PyByteArray || state instanceof PyString2) return state.bytes;
  if (typeof state === 'string') return latin1(state);
  if (state instanceof PyObject && classNameOf(state.callable)?.module === '_codecs') {
    // Bytes that Python 3 wrote at a protocol below 3: _codecs.encode(text, 'latin1').
    const [text] = state.args as unknown[];
    if (typeof text === 'string') return latin1(text);
  }
  throw new CorruptedDataError('the state of a block is no byte string', { oid });
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Where the block's bytes stand in a record of a ZBlk0. */
export interface BlockExtent {
  readonly offset: number;
  readonly length: number;
}

const [PROTO, GLOBAL, PUT, LONG_PUT, STOP] = [0x80, 0x63, 0x71, 0x72, 0x2e];
const NEWLINE = 0x0a;
const [LONG_BYTES, LONG_STRING, SHORT_BYTES, SHORT_STRING] = [0x42, 0x54, 0x43, 0x55];
const CLASS_NAMES = ['wendelin.bigfile.file_zodb\nZBlk0', 'wendelin.bigfile.file_zodb\nZBlk'].map(
  (text) => Uint8Array.from(text, (character) => character.charCodeAt(0)),
);

/**
 * Finds the bytes of a ZBlk0 from the first bytes of its record, so that they can be read straight to where they belong;
 * `undefined` where the record is not spelled the ordinary way (then it is decoded in full).
 */
export function findBlockBytes(head: Uint8Array): BlockExtent | undefined {
  let at = skipProto(head, 0);
  if (head[at] !== GLOBAL) return undefined;
  const name = CLASS_NAMES.find(
    (bytes) =>
      head[at + 1 + bytes.length] === NEWLINE &&
      bytes.every((byte, i) => head[at + 1 + i] === byte),
  );
  if (name === undefined) return undefined;
  at = skipPut(head, at + name.length + 2);
  if (head[at] !== STOP) return undefined;
  at = skipProto(head, at + 1);
  const opcode = head[at];
  if (opcode === SHORT_BYTES || opcode === SHORT_STRING) {
    return at + 1 < head.length ? { offset: at + 2, length: head[at + 1] as number } : undefined;
  }
  if ((opcode !== LONG_BYTES && opcode !== LONG_STRING) || at + 5 > head.length) return undefined;
  const length = new DataView(head.buffer, head.byteOffset).getUint32(at + 1, true);
  return { offset: at + 5, length };
}

function skipProto(bytes: Uint8Array, at: number): number {
  return bytes[at] === PROTO ? at + 2 : at;
}

function skipPut(bytes: Uint8Array, at: number): number {
  return bytes[at] === PUT ? at + 2 : bytes[at] === LONG_PUT ? at + 5 : at;
}

/** One node of a tree as its raw state has it. */
export type RawNode =
  | { readonly kind: 'empty' }
  | { readonly kind: 'bucket'; readonly items: PyTuple; readonly next: RawReference | undefined }
  | {
      readonly kind: 'tree';
      readonly keys: readonly bigint[];
      readonly children: readonly RawReference[];
    };

/** Reads the state of a tree or bucket with integer keys. @throws CorruptedDataError */
export function readRawNode(record: RawRecord, oid: Oid): RawNode {
  const { state } = record;
  const malformed = (what: string): never => {
    throw new CorruptedDataError(`a ${record.cls} of a block table is malformed: ${what}`, { oid });
  };
  if (record.cls.endsWith('Bucket')) return readBucket(state, malformed);
  if (state === null) return { kind: 'empty' };
  if (!(state instanceof PyTuple)) return malformed('its state is no tuple');
  const [first] = state as unknown[];
  if (!(first instanceof PyTuple)) return malformed('its children are no tuple');
  if (state.length === 1) return readBucket(first[0], malformed);
  const children: RawReference[] = [];
  const keys: bigint[] = [];
  for (const [i, item] of (first as unknown[]).entries()) {
    if (i % 2 === 1) keys.push(integer(item, malformed));
    else if (isRawReference(item)) children.push(item);
    else malformed('a child is no reference');
  }
  return { kind: 'tree', keys, children };
}

function readBucket(state: unknown, malformed: (what: string) => never): RawNode {
  if (!(state instanceof PyTuple)) return malformed('its state is no tuple');
  const [items, next] = state as unknown[];
  if (!(items instanceof PyTuple) || items.length % 2 !== 0)
    return malformed('its items are no pairs');
  return { kind: 'bucket', items, next: isRawReference(next) ? next : undefined };
}

function integer(value: unknown, malformed: (what: string) => never): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return malformed('a key is no integer');
}

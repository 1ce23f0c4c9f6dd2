// Persistent references: the usual form recognised as a unit in the bytes, and the oid in the other forms.

import { PickleError } from './errors.ts';
import type { Memo } from './memo.ts';
import { BINGET, BINPERSID, BINPUT, LONG_BINGET, LONG_BINPUT, TUPLE, TUPLE2 } from './opcodes.ts';
import type { UnpicklerOptions } from './options.ts';
import { type SettledContainers, settlePython2 } from './python2-kinds.ts';
import { isMarkedId, notePython2 } from './python2-scalars.ts';
import type { StringsPolicy } from './strings2.ts';
import { PersistentRef, PyGlobal, PyString2, PyTuple } from './values.ts';

/** The position after the reference that `readReference` or `readReference2` read last. */
export let referenceEnd = 0;

type LoadReference = NonNullable<UnpicklerOptions['loadReference']>;

/** The memo index of the class that the last `afterClass` met. */
let classIndex = 0;

/**
 * Reads a reference whose oid of 8 bytes is at `start`, if what follows is PUT, the class by GET, TUPLE2, PUT, BINPERSID, with the two
 * next memo numbers. Returns what the hook made of it, or undefined if it is something else.
 */
export function readReference(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  start: number,
  memo: Memo,
  loadReference: LoadReference,
): unknown {
  const next = memo.length;
  let at = afterPut(bytes, view, base, start + 8, next);
  if (at < 0 || memo.sparse !== undefined) return undefined;
  at = afterClass(bytes, view, base, at);
  if (at < 0 || bytes[at] !== TUPLE2 || classIndex >= next) return undefined;
  at = afterPut(bytes, view, base, at + 1, next + 1);
  if (at < 0 || bytes[at] !== BINPERSID) return undefined;
  const oid = view.getBigUint64(base + start);
  const cls = memo.get(classIndex);
  memo.putReference(oid, cls);
  const made = loaded(loadReference(oid, cls));
  referenceEnd = at + 1;
  return made;
}

/**
 * The same as Python 2 writes it: PUTs may be missing, and the tuple may be one of a mark, which stands before the oid.
 * `strings` is what becomes of the oid, a `str`, if it is fetched.
 */
export function readReference2(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  start: number,
  memo: Memo,
  isMarked: boolean,
  strings: StringsPolicy,
  loadReference: LoadReference,
): unknown {
  const next = memo.length;
  const afterOid = afterPut(bytes, view, base, start + 8, next);
  let at = afterClass(bytes, view, base, afterOid < 0 ? start + 8 : afterOid);
  if (at < 0 || bytes[at] !== (isMarked ? TUPLE : TUPLE2)) return undefined;
  if (classIndex >= next || memo.sparse !== undefined) return undefined;
  at += 1;
  const afterPid = afterPut(bytes, view, base, at, afterOid < 0 ? next : next + 1);
  if (afterPid >= 0) at = afterPid;
  const cls = memo.dense[classIndex];
  if (bytes[at] !== BINPERSID || !(cls instanceof PyGlobal)) return undefined;
  const oid = view.getBigUint64(base + start);
  memo.putReference2(oid, cls, strings, (afterOid < 0 ? 0 : 1) + (afterPid < 0 ? 0 : 2));
  notePython2();
  const made = loaded(loadReference(oid, cls));
  referenceEnd = at + 1;
  return made;
}

function afterClass(bytes: Uint8Array, view: DataView, base: number, at: number): number {
  if (at + 5 > bytes.length) return -1;
  const get = bytes[at];
  if (get === BINGET) {
    classIndex = bytes[at + 1] as number;
    return at + 2;
  }
  if (get !== LONG_BINGET) return -1;
  classIndex = view.getUint32(base + at + 1, true);
  return at + 5;
}

function afterPut(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  at: number,
  index: number,
): number {
  if (at + 5 > bytes.length) return -1;
  const put = bytes[at];
  if (put === BINPUT) return bytes[at + 1] === index ? at + 2 : -1;
  return put === LONG_BINPUT && view.getUint32(base + at + 1, true) === index ? at + 5 : -1;
}

/** An oid, in any of the ways in which 8 bytes may have been decoded; undefined if it is not one. */
export function oidOf(value: unknown): bigint | undefined {
  if (value instanceof PyString2) return oidOf(value.bytes);
  if ((typeof value !== 'string' && !(value instanceof Uint8Array)) || value.length !== 8) return;
  let high = 0;
  let low = 0;
  for (let i = 0; i < 8; i++) {
    const byte = typeof value === 'string' ? value.charCodeAt(i) : (value[i] as number);
    if (byte > 0xff) return;
    if (i < 4) high = high * 256 + byte;
    else low = low * 256 + byte;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

/** What a hook made of a reference. */
export function loaded(value: unknown): unknown {
  if (value === undefined) throw new PickleError('the hook for references returned undefined');
  return value;
}

/** What a persistent id becomes: what a hook makes of it, or a PersistentRef. */
export function madeReference(
  id: unknown,
  { loadReference, persistentLoad }: UnpicklerOptions,
  settled: SettledContainers,
): unknown {
  const pid = isMarkedId(id) ? settlePython2(id, settled) : id;
  if (loadReference !== undefined && pid instanceof PyTuple && pid.length === 2) {
    const oid = oidOf(pid[0]);
    if (oid !== undefined) return loaded(loadReference(oid, pid[1]));
  }
  return persistentLoad === undefined ? new PersistentRef(pid) : loaded(persistentLoad(pid));
}

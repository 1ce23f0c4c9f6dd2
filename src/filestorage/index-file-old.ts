// Index files of earlier ZODBs: one pickled dictionary with `pos` and `index`, where the index is a dictionary from oids to
// positions, or a pickled ZODB.fsIndex.fsIndex. That holds in `_data` a list of the pairs that index-file.ts reads, or
// before that a BTree from oid prefixes to BTrees from oid endings to positions. Its strings are text, `str` of Python 2 or bytes.

import { PyDict, PyObject, PyTuple, Unpickler } from '../pickle/index.ts';
import { readU32, readU64 } from '../zodb/bytes.ts';
import { FormatError } from '../zodb/errors.ts';
import type { Oid } from '../zodb/ids.ts';
import { readU16 } from './format.ts';
import { IndexMap } from './index-map.ts';

/** Calls `put` with the pairs of a current index file. */
export type PutPairs = (index: IndexMap, prefix: Uint8Array, entries: Uint8Array) => void;

/** Reads an index file of an old form. @throws FormatError, PickleError */
export function readOldIndexFile(bytes: Uint8Array, putPairs: PutPairs): IndexMap {
  const file = new Unpickler({ strings: 'latin1' }).load(bytes);
  if (!(file instanceof PyDict)) fail();
  const index = new IndexMap();
  index.end = positionOf(file.get('pos'));
  const entries = file.get('index');
  if (entries instanceof PyDict) {
    for (const [oid, position] of entries)
      index.set(readU64(bytesOf(oid, 8)) as Oid, positionOf(position));
    return index;
  }
  const state = entries instanceof PyObject ? entries.state : undefined;
  const data = state instanceof PyDict ? state.get('_data') : fail();
  if (Array.isArray(data) && !(data instanceof PyTuple)) {
    for (const pair of data) {
      if (!(pair instanceof PyTuple)) fail();
      putPairs(index, bytesOf(pair[0], 6), bytesOf(pair[1]));
    }
  } else {
    for (const [prefix, bucket] of treeItems(data)) putBucket(index, bytesOf(prefix, 6), bucket);
  }
  return index;
}

function putBucket(index: IndexMap, prefix: Uint8Array, bucket: unknown): void {
  const oid = new Uint8Array(8);
  oid.set(prefix);
  for (const [suffix, position] of treeItems(bucket)) {
    oid.set(bytesOf(suffix, 2), 6);
    const at = bytesOf(position, 6);
    index.set(readU64(oid) as Oid, readU16(at, 0) * 0x1_0000_0000 + readU32(at, 2));
  }
}

// The items of a pickled BTree or bucket.
function* treeItems(tree: unknown): Generator<readonly [key: unknown, value: unknown]> {
  let state: unknown = tree instanceof PyObject ? tree.state : tree;
  // A tree of several buckets names its first; one of a single bucket holds that bucket's state.
  if (
    isTuple(state) &&
    state[1] instanceof PyObject &&
    isTuple(state[0]) &&
    state[0][0] instanceof PyObject
  )
    state = state[1].state;
  else if (isTuple(state) && isTuple(state[0]) && isTuple(state[0][0])) state = state[0][0];
  const seen = new Set<unknown>();
  while (isTuple(state)) {
    if (seen.has(state)) fail();
    seen.add(state);
    const items = state[0];
    if (!isTuple(items) || items.length % 2 !== 0) fail();
    for (let i = 0; i < items.length; i += 2) yield [items[i], items[i + 1]];
    state = state[1] instanceof PyObject ? state[1].state : undefined;
  }
  if (state !== undefined && state !== null) fail();
}

function isTuple(value: unknown): value is readonly unknown[] {
  return value instanceof PyTuple;
}

function positionOf(value: unknown): number {
  const position = Number(value);
  if (typeof value !== 'number' && typeof value !== 'bigint') fail();
  return Number.isSafeInteger(position) && position >= 0 ? position : fail();
}

function bytesOf(value: unknown, length?: number): Uint8Array {
  const bytes =
    typeof value === 'string'
      ? Uint8Array.from(value, (character) => character.charCodeAt(0))
      : value;
  if (!(bytes instanceof Uint8Array)) fail();
  return length === undefined || bytes.length === length ? bytes : fail();
}

function fail(): never {
  throw new FormatError('not an index file');
}

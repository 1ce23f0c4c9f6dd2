// The Node side of bench/pickle.ts: pickle-task.ts FOLDER. Each line read is a task ["decode", kind, passes]; each line printed
// is the seconds it took and a check value.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type Kinds,
  Pickler,
  type PyGlobal,
  scanReferences,
  tuple,
  Unpickler,
} from '../src/pickle/index.ts';

const folder = process.argv[2] as string;

/** What a reference becomes; a connection has a cache of them. */
class Ghost {
  readonly oid: bigint;
  readonly cls: unknown;
  constructor(oid: bigint, cls: unknown) {
    this.oid = oid;
    this.cls = cls;
  }
}

interface Loaded {
  readonly cls: unknown;
  readonly state: unknown;
  readonly kinds: Kinds | undefined;
}

const cache = new Map<bigint, Ghost>();
const unpickler = new Unpickler({
  loadReference: (oid, cls) => {
    let ghost = cache.get(oid);
    if (ghost === undefined) {
      ghost = new Ghost(oid, cls);
      cache.set(oid, ghost);
    }
    return ghost;
  },
});

const oidBytes = new Map<bigint, Uint8Array>();
const pickler = new Pickler({
  persistentId: (value) => {
    if (!(value instanceof Ghost)) return undefined;
    const { oid, cls } = value;
    let bytes = oidBytes.get(oid);
    if (bytes === undefined) {
      bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, oid);
      oidBytes.set(oid, bytes);
    }
    return tuple<unknown>(bytes, cls as PyGlobal);
  },
});

function read(record: Uint8Array): Loaded {
  unpickler.clearMemo();
  const cls = unpickler.load(record, 0);
  const state = unpickler.load(record, unpickler.position);
  return { cls, state, kinds: unpickler.kinds };
}

function decode(records: readonly Uint8Array[]): number {
  for (const record of records) read(record);
  return records.length;
}

function decodeKeeping(records: readonly Uint8Array[]): number {
  return records.map(read).length;
}

function scan(records: readonly Uint8Array[]): number {
  let count = 0;
  for (const record of records) scanReferences(record, () => count++);
  return count;
}

function encode(values: readonly Loaded[]): number {
  let size = 0;
  for (const { cls, state, kinds } of values) {
    pickler.clearMemo();
    oidBytes.clear();
    pickler.dump(cls);
    pickler.dump(state, kinds);
    size += pickler.take().length;
  }
  return size;
}

function measure(task: string, records: readonly Uint8Array[], passes: number): number[] {
  let seconds = 0;
  let check = 0;
  for (let n = 0; n < passes; n++) {
    const values = task === 'encode' ? records.map(read) : [];
    const started = performance.now();
    if (task === 'decode') check = decode(records);
    else if (task === 'decode, results kept') check = decodeKeeping(records);
    else if (task === 'scan') check = scan(records);
    else check = encode(values);
    seconds += (performance.now() - started) / 1000;
  }
  return [seconds, check];
}

function loadRecords(kind: string): Uint8Array[] {
  const file = readFileSync(join(folder, `${kind}.records`));
  const records: Uint8Array[] = [];
  for (let at = 0; at < file.length; ) {
    const size = file.readUInt32BE(at);
    records.push(Uint8Array.from(file.subarray(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return records;
}

const loaded = new Map<string, Uint8Array[]>();
for await (const line of createInterface({ input: process.stdin })) {
  const [task, kind, passes] = JSON.parse(line) as [string, string, number];
  let records = loaded.get(kind);
  if (records === undefined) {
    records = loadRecords(kind);
    loaded.set(kind, records);
  }
  console.log(JSON.stringify(measure(task, records, passes)));
}

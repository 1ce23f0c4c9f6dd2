// The Node side of bench/pickle.ts: pickle-task.mjs FOLDER CODEC. Each line read is a task ["decode", kind, passes]; each line
// printed is the seconds it took, those of processor time, and a check value. CODEC is the compiled module: what users run, which is faster than what tsx makes of the sources.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [, , folder, codec] = process.argv;
const { Pickler, scanReferences, Unpickler } = await import(pathToFileURL(codec).href);

/** What a reference becomes; a connection has a cache of them. */
class Ghost {
  constructor(oid, cls) {
    this.oid = oid;
    this.cls = cls;
  }
}

const cache = new Map();
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

const pickler = new Pickler({
  reference: (value) => (value instanceof Ghost ? value : undefined),
});

function read(record) {
  unpickler.clearMemo();
  const cls = unpickler.load(record, 0);
  const state = unpickler.load(record, unpickler.position);
  return { cls, state, kinds: unpickler.kinds };
}

function decode(records) {
  for (const record of records) read(record);
  return records.length;
}

function decodeKeeping(records) {
  return records.map(read).length;
}

function scan(records) {
  let count = 0;
  for (const record of records) scanReferences(record, () => count++);
  return count;
}

function encode(values) {
  let size = 0;
  for (const { cls, state, kinds } of values) {
    pickler.clearMemo();
    pickler.dump(cls);
    pickler.dump(state, kinds);
    size += pickler.take().length;
  }
  return size;
}

const TASKS = { decode, 'decode, results kept': decodeKeeping, scan, encode };

function measure(task, records, passes) {
  let seconds = 0;
  let cpu = 0;
  let check = 0;
  for (let n = 0; n < passes; n++) {
    const given = task === 'encode' ? records.map(read) : records;
    const started = performance.now();
    const startedCpu = process.cpuUsage();
    check = TASKS[task](given);
    seconds += (performance.now() - started) / 1000;
    // all threads: V8 compiles and collects garbage in others
    const { user, system } = process.cpuUsage(startedCpu);
    cpu += (user + system) / 1e6;
  }
  return [seconds, cpu, check];
}

function loadRecords(kind) {
  const file = readFileSync(join(folder, `${kind}.records`));
  const records = [];
  for (let at = 0; at < file.length; ) {
    const size = file.readUInt32BE(at);
    records.push(Uint8Array.from(file.subarray(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return records;
}

const loaded = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const [task, kind, passes] = JSON.parse(line);
  let records = loaded.get(kind);
  if (records === undefined) {
    records = loadRecords(kind);
    loaded.set(kind, records);
  }
  console.log(JSON.stringify(measure(task, records, passes)));
}

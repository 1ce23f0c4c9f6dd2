// The Node side of bench/storage.ts: storage-task.mjs FOLDER PACKAGE. Reads and prints what storage-task.py does. PACKAGE is the
// folder of the compiled package.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [, , folder, compiled] = process.argv;
const { FileStorage } = await import(pathToFileURL(join(compiled, 'filestorage', 'index.js')).href);
const DATA = Uint8Array.from({ length: 150 }, (_, i) => i);
const LOADS = 100_000;
const path = (kind) => join(folder, `${kind}.fs`);

// A task does what is not measured, and gives what is.

function opening(kind) {
  const storage = new FileStorage(path(kind));
  return [storage, storage.length()];
}

function commits(count, fsync) {
  return () => {
    const storage = new FileStorage(path('commits'), { create: 'new', fsync });
    return () => {
      for (let number = 0; number < count; number++) {
        const transaction = storage.begin({ user: 'user', description: 'commit' });
        transaction.store(BigInt(number), 0n, DATA);
        transaction.vote();
        transaction.finish();
      }
      return [storage, storage.length()];
    };
  };
}

const tasks = {
  'open, with index': (kind) => () => opening(kind),

  'open, without index': (kind) => {
    rmSync(`${path(kind)}.index`);
    return () => opening(kind);
  },

  'random load': (kind) => {
    const storage = new FileStorage(path(kind), { readOnly: true });
    const count = storage.length();
    const step = kind === 'sparse' ? 65536 : 1;
    const oids = Array.from({ length: LOADS }, (_, i) => BigInt(((i * 7919) % count) * step));
    return () => {
      let total = 0;
      for (const oid of oids) total += storage.load(oid)?.data.length ?? 0;
      return [storage, total];
    };
  },

  iterate: (kind) => () => {
    const storage = new FileStorage(path(kind), { readOnly: true });
    let total = 0;
    for (const transaction of storage.iterate())
      for (const { data } of transaction.records()) total += data?.length ?? 0;
    return [storage, total];
  },

  'commit, no fsync': commits(5000, false),
  'commit, fsync': commits(200, true),

  'undo log': (kind) => {
    const storage = new FileStorage(path(kind), { readOnly: true });
    return () => [storage, storage.undoLog({ limit: Number.POSITIVE_INFINITY }).length];
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [task = '', kind = ''] = JSON.parse(line);
  const measured = tasks[task](kind);
  const cpu = process.cpuUsage();
  const started = performance.now();
  const [storage, check] = measured();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  storage?.close();
  console.log(JSON.stringify([seconds, (user + system) / 1e6, check]));
}

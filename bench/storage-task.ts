/** The Node side of bench/storage.ts: storage-task.ts FOLDER. Reads and prints what storage-task.py does. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FileStorage } from '../src/filestorage/index.ts';
import { type Oid, ZERO_TID } from '../src/zodb/ids.ts';

const folder = process.argv[2] ?? '';
const DATA = Uint8Array.from({ length: 150 }, (_, i) => i);
const LOADS = 100_000;
const path = (kind: string): string => join(folder, `${kind}.fs`);

/** A task does what is not measured, and gives what is. */
type Task = (kind: string) => () => [FileStorage | undefined, number];

function opening(kind: string): [FileStorage, number] {
  const storage = new FileStorage(path(kind));
  return [storage, storage.length()];
}

function commits(count: number, fsync: boolean): Task {
  return () => {
    const storage = new FileStorage(path('commits'), { create: 'new', fsync });
    return () => {
      for (let number = 0; number < count; number++) {
        const transaction = storage.begin({ user: 'user', description: 'commit' });
        transaction.store(BigInt(number) as Oid, ZERO_TID, DATA);
        transaction.vote();
        transaction.finish();
      }
      return [storage, storage.length()];
    };
  };
}

const tasks: Record<string, Task> = {
  'open, with index': (kind) => () => opening(kind),

  'open, without index': (kind) => {
    rmSync(`${path(kind)}.index`);
    return () => opening(kind);
  },

  'random load': (kind) => {
    const storage = new FileStorage(path(kind), { readOnly: true });
    const count = storage.length();
    const step = kind === 'sparse' ? 65536 : 1;
    const oids = Array.from(
      { length: LOADS },
      (_, i) => BigInt(((i * 7919) % count) * step) as Oid,
    );
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
  const [task = '', kind = ''] = JSON.parse(line) as string[];
  const measured = (tasks[task] as Task)(kind);
  const cpu = process.cpuUsage();
  const started = performance.now();
  const [storage, check] = measured();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  storage?.close();
  console.log(JSON.stringify([seconds, (user + system) / 1e6, check]));
}

// Makes and opens large files, in a process of its own so that its memory can be measured. Prints the peak of resident memory
// in bytes, and what it found.
//
//     size-child.mjs STORAGE commit FILE MIB      one transaction of that many MiB, in records of 64 KiB
//     size-child.mjs STORAGE open FILE            opens for reading, walks over a part, loads here and there
//     size-child.mjs STORAGE index FILE           opens for writing and closes: has the index file made
//
// STORAGE is the URL of the module of FileStorage.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [module, way, file, size] = process.argv.slice(2);
const { FileStorage } = await import(module);
const LOADS = 2000;

const ways = {
  commit() {
    const storage = new FileStorage(file, { fsync: false });
    const data = new Uint8Array(64 * 1024);
    const count = Number(size) * 16;
    const transaction = storage.begin({});
    for (let i = 0; i < count; i++) {
      data.fill(i);
      transaction.store(BigInt(i), 0n, data);
    }
    transaction.vote();
    transaction.finish();
    const last = storage.load(BigInt(count - 1));
    storage.close();
    return [count, last.data[0] === ((count - 1) & 255)];
  },
  open() {
    const storage = new FileStorage(file, { readOnly: true });
    const count = storage.length();
    const hash = createHash('sha1');
    for (let i = 0; i < LOADS; i++)
      hash.update(storage.load(BigInt(Math.floor((i * count) / LOADS))).data);
    let next = storage.recordNext();
    for (let i = 0; i < LOADS; i++) next = storage.recordNext(next.next);
    storage.close();
    return [count, hash.digest('hex')];
  },
  index() {
    const storage = new FileStorage(file);
    const count = storage.length();
    storage.close();
    return [count];
  },
};

const found = ways[way]();
console.log([peakMemory(), ...found].join(' '));

// What getrusage says begins with the memory of the process that started this one.
function peakMemory() {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

// Walks again and again over a database much larger than the cache, then opens and closes connections; prints how much heap
// is in use, after a collection, at the end of each part and in the middle of it.
//
//     leak-child.ts FILE OBJECTS WALKS CONNECTIONS     needs --expose-gc

import { open, TransactionManager } from '../../src/main.ts';

const [file, objects, walks, connections] = process.argv.slice(2) as [string, ...string[]];
const CACHE = 1000;
const db = open(file, { readOnly: true, cacheSize: CACHE });

function heapMegabytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** The most objects that were loaded at every 10 000th step. */
function walk(rounds: number): number {
  using connection = db.open({ transactionManager: new TransactionManager() });
  let most = 0;
  for (let step = 1; step <= rounds * Number(objects); step++) {
    connection.get(BigInt(step % Number(objects)))._p_activate();
    if (step % 10_000 === 0) most = Math.max(most, connection.cache.loadedCount);
  }
  return most;
}

function reopen(count: number): void {
  for (let i = 0; i < count; i++) {
    using first = db.open({ transactionManager: new TransactionManager() });
    using second = db.open({ transactionManager: new TransactionManager() });
    first.get(1n)._p_activate();
    second.get(2n)._p_activate();
  }
}

function halves(run: (count: number) => void, count: number): [number, number] {
  run(count / 2);
  const middle = heapMegabytes();
  run(count / 2);
  return [middle, heapMegabytes()];
}

let most = 0;
const walked = halves((rounds) => {
  most = Math.max(most, walk(rounds));
}, Number(walks));
const opened = halves((count) => reopen(count / 2), Number(connections));
console.log(JSON.stringify({ limit: CACHE, most, walked, opened }));
db.close();

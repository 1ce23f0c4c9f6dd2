// The Node side of bench/btrees.ts: btrees-task.mjs PACKAGE CLOCK. Each line read is a task ["insert", "OO"]; each line printed is
// the seconds it took and a check value. PACKAGE is the folder of the compiled package. The twin of btrees-task.py.

import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const compiled = (name) => import(pathToFileURL(join(process.argv[2], name)).href);
const { open, TransactionManager } = await compiled('main.js');
const btrees = await compiled('btrees/index.js');

const seconds =
  process.argv[3] === 'cpu'
    ? () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      }
    : () => Number(process.hrtime.bigint()) / 1e9;

const COUNT = 100_000;
const numbers = Array.from({ length: COUNT }, (_, n) => n);
let seed = 12345;
for (let i = COUNT - 1; i > 0; i--) {
  seed = (seed * 48271) % 2147483647;
  const j = seed % (i + 1);
  [numbers[i], numbers[j]] = [numbers[j], numbers[i]];
}
const texts = numbers.map((n) => `key ${String(n).padStart(7, '0')}`);
const KEYS = {
  random: { OO: texts, LO: numbers, II: numbers },
  ascending: {
    OO: texts.toSorted(),
    LO: numbers.toSorted((a, b) => a - b),
    II: numbers.toSorted((a, b) => a - b),
  },
};

const db = open('memory:', { cacheSize: 1_000_000 });
const transactionManager = new TransactionManager();
const { root } = db.open({ transactionManager });
const trees = {};
for (const family of ['OO', 'LO', 'II']) {
  trees[family] = new btrees[`${family}BTree`]();
  root.set(family, trees[family]);
}
transactionManager.commit();
for (const family of ['OO', 'LO', 'II']) fill(trees[family], KEYS.random[family]);
transactionManager.commit();

function fill(tree, keys) {
  let n = 0;
  for (const key of keys) tree.set(key, n++);
}

/** A new tree of the connection, with a record of its own. */
function stored(family) {
  const tree = new btrees[`${family}BTree`]();
  root.set('new', tree);
  transactionManager.commit();
  return tree;
}

/** A tree whose nodes are all loaded. */
function loaded(family) {
  const tree = trees[family];
  if (tree.size === 0) throw new Error('an empty tree');
  return tree;
}

const tasks = {
  insert(family) {
    const tree = stored(family);
    return () => {
      fill(tree, KEYS.random[family]);
      return tree.get(KEYS.random[family][77]);
    };
  },
  'insert-ascending'(family) {
    const tree = stored(family);
    return () => {
      fill(tree, KEYS.ascending[family]);
      return tree.get(KEYS.ascending[family][77]);
    };
  },
  replace(family) {
    const tree = loaded(family);
    return () => {
      let n = 1;
      for (const key of KEYS.random[family]) tree.set(key, n++);
      return tree.get(KEYS.random[family][77]);
    };
  },
  lookup(family) {
    const tree = loaded(family);
    return () => {
      let total = 0;
      for (const key of KEYS.random[family]) total += tree.get(key);
      return total;
    };
  },
  scan(family) {
    const tree = loaded(family);
    return () => {
      let total = 0;
      for (let times = 0; times < 10; times++)
        for (const [, value] of tree.entries()) total += value;
      return total;
    };
  },
  ranges(family) {
    const tree = loaded(family);
    const sorted = KEYS.ascending[family];
    return () => {
      let total = 0;
      for (let n = 0; n < 1000; n++) {
        for (const [, value] of tree.entries({ min: sorted[n * 99], max: sorted[n * 99 + 99] }))
          total += value;
      }
      return total;
    };
  },
  delete(family) {
    const tree = loaded(family);
    return () => {
      for (const key of KEYS.random[family]) tree.delete(key);
      return tree.size;
    };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, family] = JSON.parse(line);
  const measured = tasks[name](family);
  const started = seconds();
  const check = measured();
  const taken = seconds() - started;
  transactionManager.abort();
  console.log(JSON.stringify([taken, check]));
}
db.close();

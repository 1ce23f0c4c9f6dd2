// One measured task in a process of its own: task.mjs PACKAGE NAME FILE. The same tasks, under the same names, as task.py.
// PACKAGE is the folder of the compiled package.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , folder, name = '', path = ''] = process.argv;
const compiled = (module) => import(pathToFileURL(join(folder, module)).href);
const { dbopen, open, transaction } = await compiled('main.js');
const { FileStorage } = await compiled('filestorage/index.js');
const { configure, sum, ZBigArray } = await compiled('bigarray/index.js');

const tasks = {
  open(path) {
    return () => {
      const db = open(path);
      const count = db.storage.length();
      db.close();
      return count;
    };
  },

  load(path) {
    const groups = groupsOf(path);
    return () => {
      let total = 0;
      for (const group of groups.values()) {
        for (const item of group.values()) {
          total += item['attribute00'];
        }
      }
      return total;
    };
  },

  'commit-small'(path) {
    const items = itemsOf(groupsOf(path), 1);
    return () => {
      for (const item of items) {
        item['attribute00'] += 1;
        transaction.commit();
      }
      return total(items);
    };
  },

  'commit-large'(path) {
    const items = itemsOf(groupsOf(path, 50_000), 20);
    for (const item of items) item._p_activate();
    return () => {
      for (const item of items) item['attribute00'] += 1;
      transaction.commit();
      return total(items);
    };
  },

  pack(path) {
    const storage = new FileStorage(path);
    return () => storage.pack().sizeAfter;
  },

  scan(path) {
    configure({ budget: 512 << 20 });
    // The loader thread starts with the first view; Python's imports are not measured either.
    const view = dbopen(path).get('A').view();
    return () => sum(view);
  },

  touch(path) {
    configure({ budget: 512 << 20 });
    const { data } = dbopen(path).get('A').view();
    return () => touched(data);
  },

  'touch-holes'(path) {
    configure({ budget: 512 << 20 });
    const root = dbopen(path);
    const array = new ZBigArray([1024 << 18], 'float64');
    root.set('B', array);
    transaction.commit();
    const { data } = array.view();
    return () => touched(data);
  },

  write(path) {
    const root = dbopen(path);
    const array = new ZBigArray([512 << 17], 'float64');
    root.set('B', array);
    transaction.commit();
    const values = Float64Array.from({ length: 1 << 18 }, (_, n) => n + 0.5);
    return () => {
      const { data } = array.view();
      for (let start = 0; start < data.length; start += values.length) data.set(values, start);
      transaction.commit();
      return array.length;
    };
  },
};

/** The sum of one element of each block, in an order that no read-ahead foresees. */
function touched(data) {
  const blocks = data.length >> 18;
  let total = 0;
  for (let n = 0; n < blocks; n++) total += data[((n * 7919) % blocks) << 18];
  return total;
}

function groupsOf(path, cacheSize) {
  const root = dbopen(path, cacheSize === undefined ? {} : { cacheSize });
  return root.get('groups');
}

function itemsOf(groups, count) {
  return [...groups.values()].slice(0, count).flatMap((group) => [...group.values()]);
}

function total(items) {
  return items.reduce((before, item) => before + item['attribute00'], 0);
}

const task = tasks[name];
if (task === undefined) throw new Error(`no task is called ${name}`);
const measured = task(path);
const started = process.hrtime.bigint();
const check = measured();
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
// What getrusage says begins with the memory of the process that started this one.
const status = readFileSync('/proc/self/status', 'utf8');
const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)[1]) / 1024;
console.log(JSON.stringify({ seconds, peak, check }));

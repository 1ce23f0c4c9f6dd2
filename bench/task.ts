/** One measured task in a process of its own: task.ts NAME FILE. The same tasks, under the same names, as task.py. */
import { peakMemory } from '../examples/peak-memory.ts';
import { configure, sum, ZBigArray } from '../src/bigarray/index.ts';
import { FileStorage } from '../src/filestorage/index.ts';
import {
  dbopen,
  type GenericObject,
  open,
  type PersistentMapping,
  transaction,
} from '../src/main.ts';

type Task = () => number;

const tasks: Record<string, (path: string) => Task> = {
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
        for (const item of (group as PersistentMapping).values()) {
          total += (item as GenericObject)['attribute00'];
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
    const view = (dbopen(path).get('A') as ZBigArray<'float64'>).view();
    return () => sum(view);
  },

  touch(path) {
    configure({ budget: 512 << 20 });
    const { data } = (dbopen(path).get('A') as ZBigArray<'float64'>).view();
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
function touched(data: Float64Array): number {
  const blocks = data.length >> 18;
  let total = 0;
  for (let n = 0; n < blocks; n++) total += data[((n * 7919) % blocks) << 18] as number;
  return total;
}

function groupsOf(path: string, cacheSize?: number): PersistentMapping {
  const root = dbopen(path, cacheSize === undefined ? {} : { cacheSize });
  return root.get('groups') as PersistentMapping;
}

function itemsOf(groups: PersistentMapping, count: number): GenericObject[] {
  return [...groups.values()]
    .slice(0, count)
    .flatMap((group) => [...(group as PersistentMapping).values()] as GenericObject[]);
}

function total(items: GenericObject[]): number {
  return items.reduce((before, item) => before + item['attribute00'], 0);
}

const [, , name = '', path = ''] = process.argv;
const task = tasks[name];
if (task === undefined) throw new Error(`no task is called ${name}`);
const measured = task(path);
const started = process.hrtime.bigint();
const check = measured();
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
const peak = peakMemory() / 2 ** 20;
console.log(JSON.stringify({ seconds, peak, check }));

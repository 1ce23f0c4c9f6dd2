// The Node side of bench/objects.ts: objects-task.mjs PACKAGE FOLDER CLOCK. Each line read names a task; each line printed is the
// seconds it took and a check value. PACKAGE is the folder of the compiled package. The twin of objects-task.py.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [, , PACKAGE, FOLDER, CLOCK] = process.argv;
const compiled = (name) => import(pathToFileURL(join(PACKAGE, name)).href);
const { open, Persistent, PersistentMapping, registerClass, TransactionManager } =
  await compiled('main.js');

const seconds =
  CLOCK === 'cpu'
    ? () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      }
    : () => Number(process.hrtime.bigint()) / 1e9;

/** The object of zodbshootout: `attr` is 1, in the class until it is first set. */
class PObject extends Persistent {
  constructor(data) {
    super();
    if (data !== undefined) this.data = data;
  }
}
Object.defineProperty(PObject.prototype, 'attr', { value: 1, writable: true });
class Item extends Persistent {}
registerClass(PObject, 'shootout.PObject');
registerClass(Item, 'shootout.Item');

const COUNT = 3000;
const MANY = 100_000;
const SMALL_COMMITS = 100;
const WORDS = Array.from({ length: COUNT }, (_, n) =>
  Uint8Array.from({ length: 90 }, (_, i) => (n * 31 + i * 7) % 251),
);

const manager = new TransactionManager();

function database(name, options) {
  return open(join(FOLDER, `node-${name}.fs`), { cacheSize: COUNT + 400, ...options });
}

/** Runs `work` with a connection that is opened and closed again, as each of zodbshootout's steps does. */
function connected(db, work) {
  const connection = db.open({ transactionManager: manager });
  const result = work(connection);
  connection.close();
  return result;
}

function fresh(name, options) {
  for (const end of ['', '.index', '.lock', '.tmp'])
    rmSync(join(FOLDER, `node-${name}.fs${end}`), { force: true });
  const db = database(name, options);
  connected(db, ({ root }) => {
    root.set('speedtest', new PersistentMapping());
    manager.commit();
  });
  return db;
}

function add(db) {
  return connected(db, ({ root }) => {
    const mapping = root.get('speedtest');
    for (let n = 0; n < COUNT; n++) mapping.set(n, new PObject(WORDS[n]));
    manager.commit();
    return mapping.size;
  });
}

function update(db) {
  return connected(db, ({ root }) => {
    for (const object of root.get('speedtest').values()) object.attr = 1;
    manager.commit();
    return COUNT;
  });
}

function read(db) {
  return connected(db, ({ root }) => {
    let got = 0;
    for (const object of root.get('speedtest').values()) got += object.attr;
    return got;
  });
}

function minimize(db) {
  connected(db, (connection) => connection.cacheMinimize());
}

/** The database that is read: made once, by add and update. */
let shared;
function reading() {
  if (shared === undefined) {
    shared = fresh('read', { fsync: false });
    add(shared);
    update(shared);
  }
  return shared;
}

function opened(file) {
  return open(join(FOLDER, file), { readOnly: true, cacheSize: 2 * MANY });
}

/** Each gives what is measured, and what is done after it. */
const tasks = {
  add(fsync) {
    const db = fresh('add', { fsync });
    return [() => add(db), () => db.close()];
  },
  update(fsync) {
    const db = fresh('update', { fsync });
    add(db);
    minimize(db);
    return [() => update(db), () => db.close()];
  },
  commits(fsync) {
    const db = fresh('commits', { fsync });
    add(db);
    return [
      () =>
        connected(db, ({ root }) => {
          const mapping = root.get('speedtest');
          for (let n = 0; n < SMALL_COMMITS; n++) {
            mapping.get(n).attr = 1;
            manager.commit();
          }
          return SMALL_COMMITS;
        }),
      () => db.close(),
    ];
  },
  warm() {
    reading().close();
    shared = database('read', { fsync: false });
    return [() => read(shared), () => {}];
  },
  cold() {
    minimize(reading());
    return [() => read(shared), () => {}];
  },
  hot() {
    read(reading());
    minimize(shared);
    return [() => read(shared), () => {}];
  },
  steamin() {
    read(reading());
    return [
      () => {
        let got = 0;
        for (let times = 0; times < 20; times++) got += read(shared);
        return got;
      },
      () => {},
    ];
  },
  'random load'() {
    const db = opened('many.fs');
    const connection = db.open({ transactionManager: manager });
    const first = connection.root.get('first')._p_oid;
    return [
      () => {
        let total = 0;
        for (let n = 0; n < MANY; n++) {
          total += connection.get(first + BigInt((n * 7919) % MANY)).number;
        }
        return total;
      },
      () => db.close(),
    ];
  },
  'first walk'() {
    const db = opened('many.fs');
    const connection = db.open({ transactionManager: manager });
    return [
      () => {
        let total = 0;
        for (const object of connection.root.get('tree').values()) total += object.number;
        return total;
      },
      () => db.close(),
    ];
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, fsync] = JSON.parse(line);
  const [measured, after] = tasks[name](fsync);
  const started = seconds();
  const check = measured();
  const taken = seconds() - started;
  after();
  console.log(JSON.stringify([taken, check]));
}

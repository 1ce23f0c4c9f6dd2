// The Node processes of readers.test.ts.
//
//     readers-child.ts writer FILE SECONDS     transfers, with two packs; prints `ready`, waits for a line, prints a Writing
//     readers-child.ts reader FILE STYLE       reads on until its input says which transfer is the last, prints a Reading

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileStorage } from '../../../src/filestorage/index.ts';
import { open, PersistentList, PersistentMapping } from '../../../src/main.ts';
import type { Connection } from '../../../src/zodb/connection.ts';
import type { DB } from '../../../src/zodb/database.ts';
import { ACCOUNTS, Model, noteLength, OPENING, transfer } from './readers-model.ts';

/** What the writer did. */
export interface Writing {
  readonly last: number;
  /** The last transfer before each pack began, and the first after it ended. */
  readonly packs: readonly (readonly [before: number, after: number])[];
}

/** What a reader saw: the numbers of the transfers, in the order of its snapshots. */
export interface Reading {
  readonly versions: readonly number[];
  /** How often Python opened the file in the moment in which a pack replaced it. */
  readonly retried?: number;
}

/** How a reader reads: all anew, what has changed, in two halves with a pause, or from a file that it has just opened. */
export type Style = 'anew' | 'changes' | 'slowly' | 'reopening';

type Account = PersistentMapping<string, number>;

const [role, file, argument] = process.argv.slice(2) as [string, string, string];
const input = createInterface(process.stdin);
if (role === 'writer') console.log(JSON.stringify(await write(Number(argument))));
else console.log(JSON.stringify(await read(argument as Style)));
input.close();

async function write(seconds: number): Promise<Writing> {
  using db = open(file, { fsync: false, create: 'new' });
  const connection = db.open();
  const { root, transactionManager } = connection;
  const accounts = Array.from(
    { length: ACCOUNTS },
    () =>
      new PersistentMapping([
        ['balance', OPENING],
        ['touched', 0],
      ]) as Account,
  );
  root.set('accounts', new PersistentList(accounts));
  root.set('version', 0);
  note(connection, 0);
  transactionManager.commit();
  console.log('ready');
  await once(input, 'line');

  let version = 0;
  const next = (): void => {
    const { from, to, amount } = transfer(++version);
    for (const [number, by] of [
      [from, -amount],
      [to, amount],
    ] as const) {
      const account = accounts[number] as Account;
      account.set('balance', (account.get('balance') as number) + by);
      account.set('touched', version);
    }
    root.set('version', version);
    note(connection, version);
    transactionManager.commit();
  };
  const until = async (moment: number): Promise<void> => {
    while (performance.now() < moment) {
      next();
      await sleep(version % 4);
    }
  };
  const start = performance.now();
  const third = (seconds * 1000) / 3;
  await until(start + third);
  const first = version;
  db.pack();
  next();
  const packs: [number, number][] = [[first, version]];
  await until(start + 2 * third);
  // The second goes on while transfers do.
  const second = version;
  let packing = true;
  const packed = (db.storage as FileStorage).packAsync().finally(() => {
    packing = false;
  });
  while (packing) await until(performance.now() + 5);
  await packed;
  next();
  packs.push([second, version]);
  await until(start + 3 * third);
  return { last: version, packs };
}

function note({ root }: Connection, version: number): void {
  root.set(
    'note',
    new PersistentMapping<string, unknown>([
      ['version', version],
      ['text', 'x'.repeat(noteLength(version))],
    ]),
  );
}

async function read(style: Style): Promise<Reading> {
  let last = Number.POSITIVE_INFINITY;
  input.once('line', (line) => {
    last = Number(line);
  });
  const versions: number[] = [];
  const model = new Model();
  let db: DB = open(file, { readOnly: true });
  try {
    let connection = db.open();
    console.log('ready');
    while (model.version < last) {
      if (style === 'reopening') {
        db.close();
        db = open(file, { readOnly: true });
        connection = db.open();
      } else connection.sync();
      if (style !== 'changes') connection.cacheMinimize();
      await check(connection, model, style);
      versions.push(model.version);
      await sleep(5);
    }
  } finally {
    db.close();
  }
  return { versions };
}

// All that the connection shows must be of one transfer, which is not before the one that it showed last.
async function check({ root }: Connection, model: Model, style: Style): Promise<void> {
  const version = root.get<number>('version') as number;
  if (version < model.version) throw new Error(`${version} after ${model.version}`);
  model.advanceTo(version);
  const accounts = root.get('accounts') as PersistentList<Account>;
  let sum = 0;
  for (let i = 0; i < ACCOUNTS; i++) {
    if (style === 'slowly' && i === ACCOUNTS / 2) await sleep(200);
    const account = accounts.at(i) as Account;
    const found = [account.get('balance'), account.get('touched')];
    const expected = [model.balances[i], model.touched[i]];
    if (String(found) !== String(expected))
      throw new Error(`as of ${version}, account ${i} has ${found} instead of ${expected}`);
    sum += found[0] as number;
  }
  if (sum !== ACCOUNTS * OPENING) throw new Error(`as of ${version}, there is ${sum}`);
  const left = root.get('note') as PersistentMapping<string, unknown>;
  const found = [left.get('version'), (left.get('text') as string).length];
  if (String(found) !== String([version, noteLength(version)]))
    throw new Error(`as of ${version}, the note is of ${found}`);
}

// The tutorial of README.md, played on a copy of a database that Python's ZODB and wendelin.core wrote.
//
//     npm run demo              the whole tutorial, narrated, on a copy of fixtures/tutorial that is removed at the end
//     npm run demo -- FILE      the same on FILE itself, a copy of that database that you made, and keep

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as bigarray from '../src/bigarray/index.ts';
import { max, mean, min, slice, sum, ZBigArray } from '../src/bigarray/index.ts';
import { dbclose, dbopen, isZodbError, transaction } from '../src/main.ts';
import { counteven } from './counteven/index.ts';
import { peakMemory } from './peak-memory.ts';

const MIB = 1024 * 1024;

/** Prints a step of the narration. */
function say(text: string): void {
  console.log(`\n${text}`);
}

function show(what: string, value: unknown): void {
  console.log(`  ${what.padEnd(44)} ${String(value)}`);
}

function check(what: string, value: unknown, expected: unknown): void {
  show(what, value);
  if (value !== expected) throw new Error(`${what} should be ${String(expected)}`);
}

/** Runs this file again in a process of its own. */
function inAnotherProcess(role: string, file: string): string {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), role, file];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the other process failed:\n${stderr}`);
  return stdout.trim();
}

function tutorial(file: string): void {
  say(`1. Open a database that Python's ZODB and wendelin.core wrote: ${file}`);
  const root = dbopen(file);
  const A = root.get('A') as ZBigArray<'int64'>;
  show("root.get('A')", A.constructor.name);
  check('A.shape', A.shape.join(), '10');

  say('2. A view is a real typed array over memory that loads itself when it is touched.');
  const a = A.view();
  check('a.data instanceof BigInt64Array', a.data instanceof BigInt64Array, true);
  check('a.data', a.data.join(' '), '0 1 2 3 4 5 6 7 8 9');

  say('3. Change it. Nobody tells A; commit stores exactly the blocks that were changed.');
  a.data[7] = 22n;
  transaction.commit();
  a.data.set([100n, 101n, 102n]);
  transaction.abort();
  check('after a commit, and an abort', a.data.join(' '), '0 1 2 3 4 5 6 22 8 9');

  say('4. Compute. counteven is a C addon that knows only typed arrays.');
  check('mean(a)', mean(a), 6);
  check('sum(a)', sum(a), 60n);
  check('min(a), max(a)', `${min(a)}, ${max(a)}`, '0, 22');
  check('counteven(a.data)', counteven(a.data), 6);

  say(
    '5. Append four times 4 Mi elements, each time in a transaction of its own. Nothing is copied.',
  );
  for (let k = 0; k < 4; k++) {
    A.append(BigInt64Array.from({ length: 4 * MIB }, (_, i) => BigInt(i)));
    transaction.commit();
    check('A.shape', A.shape.join(), String(10 + 4 * MIB * (k + 1)));
  }
  const whole = A.view();
  check('mean(whole)', mean(whole), 2097150.2500046194);
  check('counteven(whole.data)', counteven(whole.data), 8388614);
  check(
    'A.view([slice(-3, null)]).data',
    A.view([slice(-3, null)]).data.join(' '),
    '4194301 4194302 4194303',
  );

  say('6. Create an array. Another process opens the file, reading, and sees the data.');
  root.set('B', new ZBigArray([10], 'int64'));
  transaction.commit();
  const B = root.get('B') as ZBigArray<'int64'>;
  B.view().data.fill(5n);
  transaction.commit();
  check('the other process: sum of B', inAnotherProcess('read', file), '50');

  say('7. One process writes at a time; so it is with Python. Then close.');
  console.log(`  ${inAnotherProcess('write', file)}`);
  dbclose(root);

  say('8. Compute in 32 MiB of memory on an array of 128 MiB.');
  const [average, peak] = inAnotherProcess('budget', file).split(' ').map(Number);
  check('mean(whole)', average, 2097150.2500046194);
  show('resident memory at its peak, MiB', Math.round((peak as number) / MIB));
  check('below the budget + 200 MiB', (peak as number) < (32 + 200) * MIB, true);
}

/** What the other processes do. */
const roles: Record<string, (file: string) => void> = {
  read(file) {
    const root = dbopen(file, { readOnly: true });
    console.log(String(sum(root.get('B') as ZBigArray<'int64'>)));
    dbclose(root);
  },

  write(file) {
    try {
      dbclose(dbopen(file));
      throw new Error('two processes have the file open for writing');
    } catch (error) {
      if (!isZodbError(error, 'LOCK')) throw error;
      console.log(`${error.name}: ${error.message}`);
    }
  },

  budget(file) {
    bigarray.configure({ budget: 32 * MIB });
    const root = dbopen(file, { readOnly: true });
    const average = mean(root.get('A') as ZBigArray<'int64'>);
    console.log(`${average} ${peakMemory()}`);
    dbclose(root);
  },
};

const [first, second] = process.argv.slice(2);
const role = first === undefined || second === undefined ? undefined : roles[first];
if (role !== undefined) {
  role(second as string);
} else if (first !== undefined) {
  tutorial(first);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'zodb-tutorial-'));
  const file = join(folder, 'test.fs');
  copyFileSync(fileURLToPath(new URL('../fixtures/tutorial/test.fs', import.meta.url)), file);
  try {
    tutorial(file);
    say('Done. The file is as any other of Python: it would go on with it from here.');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

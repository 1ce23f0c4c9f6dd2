/**
 * Measures the object database against Python's, and prints a Markdown table:
 *
 *     npm run bench:objects -- [--rounds 11] [--only add,update] [--clock cpu]
 *
 * The rows of zodbshootout (3 000 objects), random loads and a first walk of 100 000 objects, and BTrees (the tasks of
 * bench/btrees.ts). One Node and one Python process work in turns; the figures are medians of the rounds. `--clock cpu` counts
 * the processor time of each process, all threads included. Needs the peer "zodb" of test/interop. docs/benchmarks.md says what exactly
 * is compared.
 */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compiled, environment, inFolder, machine, median, python, Side, script } from './turns.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    only: { type: 'string', default: '' },
    clock: { type: 'string', default: 'wall' },
    /** The folder of a compiled package; by default the sources are compiled. */
    package: { type: 'string', default: '' },
  },
});

type Row = readonly [title: string, task: string, argument: boolean | string];

const OBJECTS: readonly Row[] = [
  ['add 3 000 objects', 'add', false],
  ['update 3 000 objects', 'update', false],
  ['cold read of 3 000 objects', 'cold', false],
  ['warm read of 3 000 objects', 'warm', false],
  ['hot read of 3 000 objects', 'hot', false],
  ["20 steamin' reads of 3 000 objects", 'steamin', false],
  ['random load of 100 000 objects', 'random load', false],
  ['first walk of 100 000 objects', 'first walk', false],
  ['100 commits of one object', 'commits', false],
];
const SYNCED: readonly Row[] = [
  ['add 3 000 objects, fsync', 'add', true],
  ['update 3 000 objects, fsync', 'update', true],
  ['100 commits of one object, fsync', 'commits', true],
];
const BTREES: readonly Row[] = ['OO', 'LO', 'II'].flatMap((family): Row[] => [
  [`${family}: 100 000 inserts`, 'insert', family],
  [`${family}: 100 000 look-ups`, 'lookup', family],
  [`${family}: ten scans of 100 000`, 'scan', family],
  [`${family}: 1000 ranges of 100`, 'ranges', family],
]);

function chosen(rows: readonly Row[]): readonly Row[] {
  const wanted = options.only.split(',');
  return rows.filter(([, task]) => options.only === '' || wanted.includes(task));
}

/** The medians of both sides for each row, in seconds. */
async function measured(
  sides: readonly [Side, Side],
  rows: readonly Row[],
): Promise<[row: Row, ours: number, theirs: number][]> {
  const rounds = Number(options.rounds);
  const times = rows.map((): [number[], number[]] => [[], []]);
  // the first rounds warm both sides up, with all rows mixed
  for (let round = -4; round < rounds; round++) {
    for (const [at, row] of rows.entries()) {
      const series = times[at] as [number[], number[]];
      const checks: number[] = [];
      for (const [index, side] of sides.entries()) {
        const [seconds, check] = await side.turn<[seconds: number, check: number]>(row[1], row[2]);
        checks.push(check);
        if (round >= 0) (series[index] as number[]).push(seconds);
      }
      if (checks[0] !== checks[1]) {
        throw new Error(`${row[0]}: Node and Python disagree: ${checks.join(' against ')}`);
      }
    }
  }
  for (const side of sides) side.end();
  return rows.map((row, at) => {
    const [ours, theirs] = times[at] as [number[], number[]];
    return [row, median(ours), median(theirs)];
  });
}

async function main(folder: string): Promise<void> {
  const output = options.package === '' ? compiled(folder) : resolve(options.package);
  const { clock } = options;
  execFileSync(python(), [script('objects-task.py'), folder, 'prepare'], { env: environment });
  const results = await measured(
    [
      new Side(process.execPath, [script('objects-task.mjs'), output, folder, clock]),
      new Side(python(), [script('objects-task.py'), folder, clock]),
    ],
    chosen([...OBJECTS, ...SYNCED]),
  );
  const trees = chosen(BTREES);
  if (trees.length > 0) {
    results.push(
      ...(await measured(
        [
          new Side(process.execPath, [script('btrees-task.mjs'), output, clock]),
          new Side(python(), [script('btrees-task.py'), clock]),
        ],
        trees,
      )),
    );
  }
  console.log(`${machine()}; medians of ${options.rounds} rounds, ${clock} clock\n`);
  console.log('| | Node, ms | Python, ms | ratio |\n|---|---:|---:|---:|');
  const logarithms: number[] = [];
  for (const [row, ours, theirs] of results) {
    const ratio = theirs / ours;
    if (!SYNCED.includes(row)) logarithms.push(Math.log(ratio));
    const cells = [ours, theirs].map((seconds) => (seconds * 1e3).toFixed(2));
    console.log(`| ${row[0]} | ${cells.join(' | ')} | ${ratio.toFixed(2)} |`);
  }
  const mean = Math.exp(logarithms.reduce((sum, each) => sum + each, 0) / logarithms.length);
  console.log(`| geometric mean of those without fsync | | | ${mean.toFixed(2)} |`);
}

await inFolder(main);

/**
 * Measures BTrees against the C extension of Python's package, and prints a Markdown table:
 *
 *     npm run bench:btrees -- [--rounds 11] [--only insert,lookup] [--families OO,LO,II] [--clock wall]
 *
 * One Node and one Python process work in turns on trees of 100 000 keys that belong to a connection, all families in each
 * round; the figures are medians of the rounds. `--clock cpu` counts the processor time of each process, threads of the garbage
 * collector included: of use on a machine that has other things to do. Needs the peer "zodb" of test/interop.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compiled, inFolder, machine, median, python, Side, script } from './turns.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    only: { type: 'string', default: '' },
    families: { type: 'string', default: 'OO,LO,II' },
    clock: { type: 'string', default: 'wall' },
    /** The entry of a compiled package; by default the sources are compiled. */
    package: { type: 'string', default: '' },
  },
});

const TASKS = [
  ['insert', '100 000 inserts in random order'],
  ['insert-ascending', '100 000 inserts in ascending order'],
  ['replace', '100 000 replaced values'],
  ['lookup', '100 000 look-ups'],
  ['scan', 'ten scans of 100 000 entries'],
  ['ranges', '1000 ranges of 100 entries'],
  ['delete', '100 000 deletions'],
] as const;

async function main(folder: string): Promise<void> {
  const output = options.package === '' ? compiled(folder) : resolve(options.package);
  const sides: [Side, Side] = [
    new Side(process.execPath, [script('btrees-task.mjs'), output, options.clock]),
    new Side(python(), [script('btrees-task.py'), options.clock]),
  ];
  const wanted = options.only.split(',');
  const tasks = TASKS.filter(([task]) => options.only === '' || wanted.includes(task));
  const families = options.families.split(',');
  const rounds = Number(options.rounds);
  const times = new Map<string, [ours: number[], theirs: number[]]>();
  for (let round = -4; round < rounds; round++) {
    for (const family of families) {
      for (const [task] of tasks) {
        const key = `${task} ${family}`;
        const series = times.get(key) ?? [[], []];
        times.set(key, series);
        const checks: number[] = [];
        for (const [index, side] of sides.entries()) {
          const [seconds, check] = await side.turn<[seconds: number, check: number]>(task, family);
          checks.push(check);
          // the first rounds warm both sides up
          if (round >= 0) (series[index] as number[]).push(seconds);
        }
        if (checks[0] !== checks[1]) {
          throw new Error(`${key}: Node and Python disagree: ${checks.join(' against ')}`);
        }
      }
    }
  }
  for (const side of sides) side.end();
  console.log(`${machine()}; medians of ${rounds} rounds, ${options.clock} clock\n`);
  console.log('| BTrees | family | Node, ms | Python, ms | ratio |\n|---|---|---:|---:|---:|');
  let product = 1;
  for (const [task, title] of tasks) {
    for (const family of families) {
      const [ours, theirs] = (times.get(`${task} ${family}`) as [number[], number[]]).map(median);
      const ratio = (theirs as number) / (ours as number);
      product *= ratio ** (1 / tasks.length / families.length);
      const cells = [ours, theirs].map((seconds) => ((seconds as number) * 1e3).toFixed(1));
      console.log(`| ${title} | ${family} | ${cells.join(' | ')} | ${ratio.toFixed(2)} |`);
    }
  }
  console.log(`| geometric mean | | | | ${product.toFixed(2)} |`);
}

await inFolder(main);

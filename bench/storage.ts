/**
 * Measures FileStorage in Node and in Python, on the same files, and prints a Markdown table:
 *
 *     npm run bench:storage -- [--rounds 15] [--only 'open, with index'] [--scale 1] [--clock cpu]
 *
 * The files: (dense) 10^6 objects of 150 bytes, 1 000 a transaction; (sparse) 10^5 objects whose oids are multiples of
 * 65536; (small) 10^5 transactions of one object, of which a tenth is undone; --scale makes them smaller. One Node and
 * one Python process work in turns, the first two turns of each are not counted; figures are medians, the ratio is that
 * of pairs, with its quartiles. --clock cpu takes processor time, on machines that do other work, too.
 */
import { parseArgs } from 'node:util';
import { compiled, inFolder, machine, median, python, quantile, Side, script } from './turns.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
    scale: { type: 'string', default: '1' },
    clock: { type: 'string', default: 'wall' },
  },
});

const ROWS = [
  ['open, with index', 'dense'],
  ['open, with index', 'sparse'],
  ['open, without index', 'dense'],
  ['open, without index', 'sparse'],
  ['open, without index', 'small'],
  ['random load', 'dense'],
  ['random load', 'sparse'],
  ['iterate', 'dense'],
  ['iterate', 'small'],
  ['commit, no fsync', 'new'],
  ['commit, fsync', 'new'],
  ['undo log', 'small'],
] as const;
const WARM = 2;

await inFolder(async (folder) => {
  const node = new Side(process.execPath, [script('storage-task.mjs'), folder, compiled(folder)]);
  const zodb = new Side(python(), [script('storage-task.py'), folder]);
  console.log(`${machine()}; medians of ${options.rounds} pairs, ${options.clock} clock\n`);
  console.log('| task | file | Node, ms | Python, ms | ratio | quartiles |');
  console.log('|---|---|---:|---:|---:|---:|');
  const made = new Set(['new']);
  for (const [task, kind] of ROWS) {
    if (options.only !== '' && !options.only.split(';').includes(task)) continue;
    if (!made.has(kind)) await zodb.turn('make', kind, Number(options.scale));
    made.add(kind);
    console.log(await measured(node, zodb, task, kind));
  }
  node.end();
  zodb.end();
});

async function timed(side: Side, task: string, kind: string): Promise<[number, number]> {
  const [wall, cpu, check] = await side.turn<[wall: number, cpu: number, check: number]>(
    task,
    kind,
  );
  return [options.clock === 'cpu' ? cpu : wall, check];
}

async function measured(node: Side, zodb: Side, task: string, kind: string): Promise<string> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = -WARM; round < Number(options.rounds); round++) {
    const [mine, check] = await timed(node, task, kind);
    const [other, expected] = await timed(zodb, task, kind);
    if (check !== expected) throw new Error(`${task}: Node ${check}, Python ${expected}`);
    if (round < 0) continue;
    ours.push(mine);
    theirs.push(other);
  }
  const ratios = ours.map((mine, i) => (theirs[i] as number) / mine);
  const cells = [
    task,
    kind,
    (median(ours) * 1000).toFixed(1),
    (median(theirs) * 1000).toFixed(1),
    median(ratios).toFixed(2),
    `${quantile(ratios, 0.25).toFixed(2)} - ${quantile(ratios, 0.75).toFixed(2)}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

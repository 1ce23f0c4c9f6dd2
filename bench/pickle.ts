/**
 * Measures the pickle codec against zodbpickle's C code as ZODB drives it, and prints a Markdown table for each task:
 *
 *     npm run bench:pickle -- [--rounds 7] [--only 'decode;scan'] [--kinds sets,floats] [--clock cpu]
 *
 * One Node and one Python process work in turns on the same records, 60 ms or more at a time, all kinds in each round; the figures are
 * medians of the rounds. On a machine that does other work too, --clock cpu takes the processor time of all threads. Needs the peers "zodb" and "py27" of test/interop. docs/benchmarks.md says what exactly is compared.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compiled, environment, inFolder, machine, median, python, Side, script } from './turns.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    only: { type: 'string', default: '' },
    kinds: { type: 'string', default: '' },
    clock: { type: 'string', default: 'wall' },
  },
});

const TASKS = ['decode', 'decode, results kept', 'scan', 'encode'];
const KINDS = [
  'catalog rows',
  'string buckets',
  'attribute-rich',
  'small mappings',
  'dict-heavy',
  'reference buckets',
  'BTree nodes',
  'lists of floats',
  'long texts',
  '2 MiB bytes',
  'dates and Decimals',
  'sets',
  'nested small lists',
  'Python 2 records',
];
/** How long one turn should take, seconds. */
const TURN = 0.06;

/** A side whose turns have as many passes as it takes to last a while. */
class PassingSide {
  readonly #side: Side;
  readonly #passes = new Map<string, number>();

  constructor(program: string, args: readonly string[]) {
    this.#side = new Side(program, args);
  }

  /** Seconds for one pass over the records of a kind, and the check value. */
  async turn(task: string, kind: string): Promise<[seconds: number, check: number]> {
    const key = `${task} ${kind}`;
    const passes = this.#passes.get(key) ?? 1;
    const [wall, cpu, check] = await this.#side.turn<[wall: number, cpu: number, check: number]>(
      task,
      kind,
      passes,
    );
    const seconds = options.clock === 'cpu' ? cpu : wall;
    const needed = Math.ceil((TURN / Math.max(seconds, 1e-6)) * passes);
    this.#passes.set(key, Math.max(1, Math.min(needed, 200)));
    return [seconds / passes, check];
  }

  end(): void {
    this.#side.end();
  }
}

function chosen(all: readonly string[], wanted: string): readonly string[] {
  if (wanted === '') return all;
  const parts = wanted.split(',');
  return all.filter((name) => parts.some((part) => name === part || name.includes(part)));
}

async function main(folder: string): Promise<void> {
  for (const [name, version] of [
    ['zodb', 'python3'],
    ['py27', 'python2'],
  ] as const) {
    execFileSync(python(name), [script('pickle-records.py'), folder, version], {
      env: environment,
    });
  }
  const codec = join(compiled(folder), 'pickle', 'index.js');
  const sides = [
    new PassingSide(process.execPath, [script('pickle-task.mjs'), folder, codec]),
    new PassingSide(python(), [script('pickle-task.py'), folder]),
  ];
  const tasks = TASKS.filter(
    (task) => options.only === '' || options.only.split(';').includes(task),
  );
  if (tasks.length === 0) throw new Error(`--only takes of: ${TASKS.join('; ')}`);
  const kinds = chosen(KINDS, options.kinds);
  const times = new Map<string, [number[], number[]]>();
  const rounds = Number(options.rounds);
  // the first rounds warm both sides up, with all kinds mixed
  for (let round = -6; round < rounds; round++) {
    for (const kind of kinds) {
      for (const task of tasks) {
        const checks: number[] = [];
        for (const [index, side] of sides.entries()) {
          const [seconds, check] = await side.turn(task, kind);
          checks.push(check);
          if (round < 0) continue;
          const key = `${task} ${kind}`;
          const series = times.get(key) ?? [[], []];
          times.set(key, series);
          (series[index] as number[]).push(seconds);
        }
        // the encoders may differ in bytes where Python held equal strings twice, or the record was Python 2's
        if (task !== 'encode' && checks[0] !== checks[1])
          throw new Error(
            `${task}, ${kind}: Node and Python disagree: ${checks.join(' against ')}`,
          );
      }
    }
  }
  for (const side of sides) side.end();
  console.log(`${machine()}; medians of ${rounds} rounds, ${options.clock} time\n`);
  for (const task of tasks) {
    console.log(`| ${task} | Node, ms | Python, ms | ratio |\n|---|---:|---:|---:|`);
    let product = 1;
    for (const kind of kinds) {
      const [ours, theirs] = times.get(`${task} ${kind}`) as [number[], number[]];
      const ratio = median(theirs) / median(ours);
      product *= ratio;
      console.log(
        `| ${kind} | ${(median(ours) * 1e3).toFixed(2)} | ${(median(theirs) * 1e3).toFixed(2)} | ${ratio.toFixed(2)} |`,
      );
    }
    console.log(`| geometric mean | | | ${(product ** (1 / kinds.length)).toFixed(2)} |\n`);
  }
}

await inFolder(main);

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
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

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

const here = fileURLToPath(new URL('.', import.meta.url));
const peers = resolve(process.env['ZODB_PEERS'] ?? join(here, '..', '.peers'));
const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONHASHSEED: '0' };

/** A process that does one task at a time. */
class Side {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, args: string[]) {
    this.#child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async turn([, task, argument]: Row): Promise<[seconds: number, check: number]> {
    this.#child.stdin.write(`${JSON.stringify([task, argument])}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the process ended during ${task} ${argument}`);
    return JSON.parse(value) as [number, number];
  }

  end(): void {
    this.#child.stdin.end();
  }
}

function python(): string {
  const path = join(peers, 'zodb', 'bin', 'python');
  if (!existsSync(path)) throw new Error(`no ${path}: run test/interop/install-peers.sh zodb`);
  return path;
}

/** The compiled package: what users run. tsx adds a name to each class, which V8 optimises less well. */
function compiled(folder: string): string {
  if (options.package !== '') return resolve(options.package);
  const project = join(here, '..');
  const compiler = join(project, 'node_modules', 'typescript', 'bin', 'tsc');
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const output = join(folder, 'dist');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', output], {
    cwd: project,
    stdio: 'inherit',
  });
  return output;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;
}

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
        const [seconds, check] = await side.turn(row);
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
  const output = compiled(folder);
  const { clock } = options;
  const script = (name: string): string => join(here, name);
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
  const version = execFileSync(python(), ['--version'], { encoding: 'utf8' }).trim();
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, ${version}; medians of ${options.rounds} rounds, ${clock} clock\n`,
  );
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

const folder = mkdtempSync(join(tmpdir(), 'zodb-bench-'));
try {
  await main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Measures BTrees against the C extension of Python's package, and prints a Markdown table:
 *
 *     npm run bench:btrees -- [--rounds 11] [--only insert,lookup] [--families OO,LO,II] [--clock wall]
 *
 * One Node and one Python process work in turns on trees of 100 000 keys that belong to a connection, all families in each
 * round; the figures are medians of the rounds. `--clock cpu` counts the processor time of each process, threads of the garbage
 * collector included: of use on a machine that has other things to do. Needs the peer "zodb" of test/interop.
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

const here = fileURLToPath(new URL('.', import.meta.url));
const peers = resolve(process.env['ZODB_PEERS'] ?? join(here, '..', '.peers'));

/** A process that does one task at a time. */
class Side {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, args: string[]) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async turn(task: string, family: string): Promise<[seconds: number, check: number]> {
    this.#child.stdin.write(`${JSON.stringify([task, family])}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the process ended during ${task} ${family}`);
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

async function main(folder: string): Promise<void> {
  const sides: [Side, Side] = [
    new Side(process.execPath, [join(here, 'btrees-task.mjs'), compiled(folder), options.clock]),
    new Side(python(), [join(here, 'btrees-task.py'), options.clock]),
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
          const [seconds, check] = await side.turn(task, family);
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
  const version = execFileSync(python(), ['--version'], { encoding: 'utf8' }).trim();
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, ${version}; medians of ${rounds} rounds, ${options.clock} clock\n`,
  );
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

const folder = mkdtempSync(join(tmpdir(), 'zodb-bench-'));
try {
  await main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

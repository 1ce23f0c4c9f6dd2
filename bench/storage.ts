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
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

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

const here = fileURLToPath(new URL('.', import.meta.url));
const peers = resolve(process.env['ZODB_PEERS'] ?? join(here, '..', '.peers'));
const python = join(peers, 'zodb', 'bin', 'python');
if (!existsSync(python)) throw new Error(`no ${python}: run test/interop/install-peers.sh zodb`);

/** A process that does one task at a time. */
class Side {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, args: string[]) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The seconds that a task took, and its check value. */
  async turn(...task: readonly unknown[]): Promise<[seconds: number, check: number]> {
    this.#child.stdin.write(`${JSON.stringify(task)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the process ended during ${task.join(' ')}`);
    const [wall, cpu, check] = JSON.parse(value) as [number, number, number];
    return [options.clock === 'cpu' ? cpu : wall, check];
  }

  end(): void {
    this.#child.stdin.end();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'zodb-bench-'));
const script = join(here, 'storage-task');
const node = new Side(process.execPath, ['--import', 'tsx', `${script}.ts`, folder]);
const zodb = new Side(python, [`${script}.py`, folder]);
try {
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}; medians of ${options.rounds} pairs, ${options.clock} clock\n`,
  );
  console.log('| task | file | Node, ms | Python, ms | ratio | quartiles |');
  console.log('|---|---|---:|---:|---:|---:|');
  const made = new Set(['new']);
  for (const [task, kind] of ROWS) {
    if (options.only !== '' && !options.only.split(';').includes(task)) continue;
    if (!made.has(kind)) await zodb.turn('make', kind, Number(options.scale));
    made.add(kind);
    console.log(await measured(task, kind));
  }
} finally {
  node.end();
  zodb.end();
  rmSync(folder, { recursive: true, force: true });
}

async function measured(task: string, kind: string): Promise<string> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = -WARM; round < Number(options.rounds); round++) {
    const [mine, check] = await node.turn(task, kind);
    const [other, expected] = await zodb.turn(task, kind);
    if (check !== expected) throw new Error(`${task}: Node ${check}, Python ${expected}`);
    if (round < 0) continue;
    ours.push(mine);
    theirs.push(other);
  }
  const ratios = ours.map((mine, i) => (theirs[i] as number) / mine);
  const cells = [
    task,
    kind,
    (quantile(ours, 0.5) * 1000).toFixed(1),
    (quantile(theirs, 0.5) * 1000).toFixed(1),
    quantile(ratios, 0.5).toFixed(2),
    `${quantile(ratios, 0.25).toFixed(2)} - ${quantile(ratios, 0.75).toFixed(2)}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * part)] as number;
}

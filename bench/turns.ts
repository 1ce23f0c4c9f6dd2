// What benchmarks share that let one Node and one Python process work in turns: the two sides, the package that is measured,
// and the line that names the machine.

import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const peers = resolve(process.env['ZODB_PEERS'] ?? join(here, '..', '.peers'));

/** What Python is run with: it writes nothing, and hashes the same in each run. */
export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONHASHSEED: '0',
};

/** A process that does one task at a time: it reads a line of JSON for each, and answers with an array of numbers. */
export class Side {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async turn<T extends readonly number[]>(...task: readonly unknown[]): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(task)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the process ended during ${task.join(' ')}`);
    return JSON.parse(value) as T;
  }

  end(): void {
    this.#child.stdin.end();
  }
}

/** A file of this folder. */
export function script(name: string): string {
  return join(here, name);
}

/** The Python of a peer of test/interop. */
export function python(peer = 'zodb'): string {
  const path = join(peers, peer, 'bin', 'python');
  if (!existsSync(path)) throw new Error(`no ${path}: run test/interop/install-peers.sh ${peer}`);
  return path;
}

/**
 * The compiled package, made in `folder`: what users run. tsx adds a name to each class, which V8 optimises less well.
 */
export function compiled(folder: string): string {
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

/** The value below which a part of the numbers lies; the mean of the two that are next to it. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  return ((sorted[Math.floor(at)] as number) + (sorted[Math.ceil(at)] as number)) / 2;
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** Which machine, and which programs, figures are of. */
export function machine(): string {
  const version = execFileSync(python(), ['--version'], { encoding: 'utf8' }).trim();
  return `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, ${version}`;
}

/** Calls `work` with a folder that goes away afterwards. */
export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'zodb-bench-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

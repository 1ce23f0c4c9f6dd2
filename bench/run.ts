/**
 * Measures the same tasks in Node and in Python, on the same files, in turns, each in a process of its own, and prints
 * the medians as a Markdown table:
 *
 *     npm run bench -- [--repeats 5] [--objects 100000] [--graph 1000000] [--scan 1024] [--only open,scan]
 *
 * --graph is the number of objects that are packed, --scan the size of the scanned array in MiB. Needs the peers "zodb" and "wendelin" of test/interop. A ratio above 1
 * says how many times faster Node is. Files were just written, so both read from the page cache.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compiled } from './turns.ts';

interface Measurement {
  seconds: number;
  /** Peak resident memory of the whole process, MiB. */
  peak: number;
  /** What the task computed: both must agree. */
  check: number;
}

interface Row {
  title: string;
  task: string;
  peer: 'zodb' | 'wendelin';
  /** The database to work on: one that is shared, or a copy of it for each run. */
  file: 'objects' | 'graph' | 'array' | 'empty';
  changes?: boolean;
  /** Whether the index file lies beside the database when it is opened. */
  index?: boolean;
}

const { values: options } = parseArgs({
  options: {
    repeats: { type: 'string', default: '5' },
    objects: { type: 'string', default: '100000' },
    graph: { type: 'string', default: '1000000' },
    scan: { type: 'string', default: '1024' },
    only: { type: 'string', default: '' },
  },
});

const rows: Row[] = [
  { title: 'open, with index', task: 'open', peer: 'zodb', file: 'objects', index: true },
  { title: 'open, without index', task: 'open', peer: 'zodb', file: 'objects', index: false },
  { title: `load ${options.objects} objects`, task: 'load', peer: 'zodb', file: 'objects' },
  {
    title: '1000 commits of 1 object',
    task: 'commit-small',
    peer: 'zodb',
    file: 'objects',
    changes: true,
  },
  {
    title: '1 commit of 20000 objects',
    task: 'commit-large',
    peer: 'zodb',
    file: 'objects',
    changes: true,
  },
  {
    title: `pack ${options.graph} objects of 150 bytes, a tenth changed`,
    task: 'pack',
    peer: 'zodb',
    file: 'graph',
    changes: true,
  },
  { title: `sum of ${options.scan} MiB of ZBlk0`, task: 'scan', peer: 'wendelin', file: 'array' },
  {
    title: `touch ${Number(options.scan) / 2} stored blocks, scattered`,
    task: 'touch',
    peer: 'wendelin',
    file: 'array',
  },
  {
    title: 'touch 1024 holes, scattered',
    task: 'touch-holes',
    peer: 'wendelin',
    file: 'empty',
    changes: true,
  },
  {
    title: 'fill and commit 512 MiB',
    task: 'write',
    peer: 'wendelin',
    file: 'empty',
    changes: true,
  },
];

const here = fileURLToPath(new URL('.', import.meta.url));
const peers = resolve(process.env['ZODB_PEERS'] ?? join(here, '..', '.peers'));
const folder = mkdtempSync(join(tmpdir(), 'zodb-bench-'));
const environment: NodeJS.ProcessEnv = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
// Where an old numpy must be told a processor, it is slower for it: the measured one chooses for itself.
delete environment['OPENBLAS_CORETYPE'];
delete environment['OPENBLAS_L2_SIZE'];

const compiledPackage = wholePackage();

try {
  console.log(`${machine()}; medians of ${options.repeats} runs, Node and Python in turns\n`);
  console.log('| task | Node | Python | ratio | Node, peak MiB | Python, peak MiB |');
  console.log('|---|---:|---:|---:|---:|---:|');
  const wanted = options.only === '' ? undefined : options.only.split(',');
  for (const row of rows) if (wanted?.includes(row.task) ?? true) console.log(measureRow(row));
  if (wanted === undefined) {
    console.log('\nA page fault, step by step:\n');
    execFileSync(process.execPath, ['--import', 'tsx', join(here, 'fault.ts')], {
      stdio: 'inherit',
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The compiled package with all that lies beside it: workers, the addon and the packages it needs. */
function wholePackage(): string {
  const output = compiled(folder);
  const source = join(here, '..', 'src');
  for (const path of readdirSync(source, { recursive: true, encoding: 'utf8' }))
    if (path.endsWith('-worker.mjs')) copyFileSync(join(source, path), join(output, path));
  for (const name of ['native', 'node_modules'])
    symlinkSync(join(here, '..', name), join(folder, name));
  return output;
}

function measureRow(row: Row): string {
  const ours: Measurement[] = [];
  const theirs: Measurement[] = [];
  const source = prepared(row.file);
  for (let n = 0; n < Number(options.repeats); n++) {
    ours.push(
      onFile(row, source, (path) =>
        run(process.execPath, [join(here, 'task.mjs'), compiledPackage, row.task, path]),
      ),
    );
    theirs.push(
      onFile(row, source, (path) => run(python(row.peer), [join(here, 'task.py'), row.task, path])),
    );
  }
  for (const { check } of [...ours, ...theirs]) {
    const expected = theirs[0]?.check ?? Number.NaN;
    if (!(Math.abs(check - expected) <= 1e-9 * Math.abs(expected))) {
      throw new Error(`${row.title}: Node and Python disagree: ${check} against ${expected}`);
    }
  }
  const [node, other] = [ours, theirs].map((runs) =>
    median(runs.map(({ seconds }) => seconds)),
  ) as [number, number];
  const [nodePeak, otherPeak] = [ours, theirs].map((runs) =>
    Math.max(...runs.map(({ peak }) => peak)),
  ) as [number, number];
  const cells = [
    row.title,
    time(node),
    time(other),
    (other / node).toFixed(2),
    nodePeak.toFixed(0),
    otherPeak.toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Gives a task its file: the shared one where it only reads, else a copy that goes away afterwards. */
function onFile(row: Row, source: string, measure: (path: string) => Measurement): Measurement {
  if (row.changes !== true && row.index === undefined) return measure(source);
  const path = join(folder, 'copy.fs');
  copyFileSync(source, path);
  if (row.index !== false) copyFileSync(`${source}.index`, `${path}.index`);
  try {
    return measure(path);
  } finally {
    for (const suffix of ['', '.index', '.lock', '.tmp', '.old'])
      rmSync(path + suffix, { force: true });
  }
}

/** The database of a row, made by Python when it is first asked for. */
function prepared(file: Row['file']): string {
  const path = join(folder, `${file}.fs`);
  if (existsSync(path)) return path;
  const [peer, kind, size] = {
    objects: ['zodb', 'objects', options.objects] as const,
    graph: ['zodb', 'graph', options.graph] as const,
    array: ['wendelin', 'array', options.scan] as const,
    empty: ['wendelin', 'array', '0'] as const,
  }[file];
  execFileSync(python(peer), [join(here, 'prepare.py'), kind, path, size], { env: environment });
  return path;
}

function python(peer: Row['peer']): string {
  const path = join(peers, peer, 'bin', 'python');
  if (!existsSync(path)) throw new Error(`no ${path}: run test/interop/install-peers.sh ${peer}`);
  return path;
}

/**
 * Has 2 GiB of memory used and given back. A virtual machine gets memory from its host when it first touches it, which
 * costs more than everything that is measured here; what was used lately, it has.
 */
function warmMemory(): void {
  execFileSync(process.execPath, [
    '-e',
    'const kept = []; for (let i = 0; i < 4; i++) kept.push(Buffer.alloc(2 ** 29, 1))',
  ]);
}

function run(program: string, args: string[]): Measurement {
  warmMemory();
  const printed = execFileSync(program, args, { env: environment, encoding: 'utf8' });
  return JSON.parse(printed) as Measurement;
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

function time(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

function machine(): string {
  const processors = cpus();
  const version = (peer: Row['peer']): string =>
    execFileSync(python(peer), ['--version'], { encoding: 'utf8' }).trim();
  return `${processors.length} × ${processors[0]?.model}, Node ${process.versions.node}, ${version('zodb')} (ZODB), ${version('wendelin')} (wendelin.core)`;
}

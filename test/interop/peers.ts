/**
 * The real Python programs that compatibility is judged by. A suite asks for one by name; where it is not installed the
 * suite is skipped, and on a CI machine it fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What each judges stands in the head of its list of versions, `peers/<name>.txt`. */
export type PeerName = 'zodb' | 'zodb313' | 'wendelin' | 'zodbtools' | 'py27' | 'zodbtools27';

export interface PeerRunOptions {
  /** What the program reads from its standard input. */
  input?: string | Uint8Array;
  cwd?: string;
}

export interface Peer {
  readonly name: PeerName;
  readonly python: string;
  /** Runs a script of this folder and returns what it printed. Throws with its error output when it fails. */
  run(script: string, args?: readonly string[], options?: PeerRunOptions): string;
  /** As `run`, for a script that prints one JSON value. */
  runJson<T>(script: string, args?: readonly string[], options?: PeerRunOptions): T;
  /** Runs a command that the environment installed, such as `zodb` of zodbtools, and returns its bytes. */
  command(name: string, args?: readonly string[], options?: PeerRunOptions): Buffer;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = resolve(process.env['ZODB_PEERS'] ?? join(here, '..', '..', '.peers'));

/** Call it directly inside `describe`: it adds the hook that skips or fails the suite where the peer is missing. */
export function peer(name: PeerName): Peer {
  const bin = join(folder, name, 'bin');
  const python = join(bin, 'python');
  before(`needs the peer ${name}`, function () {
    if (existsSync(python)) return;
    const missing = `the peer ${name} is not in ${folder}: run test/interop/install-peers.sh ${name}`;
    if (process.env['CI'] === 'true') throw new Error(missing);
    console.warn(`      skipped: ${missing}`);
    this.skip();
  });
  const command = (program: string, args: readonly string[], options: PeerRunOptions): Buffer =>
    run(join(bin, program), args, options);
  const script = (file: string, args: readonly string[], options: PeerRunOptions): string =>
    run(python, [resolve(here, file), ...args], options).toString();
  return {
    name,
    python,
    run: (file, args = [], options = {}) => script(file, args, options),
    runJson: <T>(file: string, args: readonly string[] = [], options: PeerRunOptions = {}) =>
      JSON.parse(script(file, args, options)) as T,
    command: (program, args = [], options = {}) => command(program, args, options),
  };
}

function run(program: string, args: readonly string[], options: PeerRunOptions): Buffer {
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    ...options,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' },
    maxBuffer: 1 << 30,
  });
  if (error) throw error;
  if (status !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${signal ?? status}\n${stderr}`);
  }
  return stdout;
}

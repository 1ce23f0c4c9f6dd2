// Runs a scenario in a process of its own: what goes wrong there ends that process, not the tests.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const prebuilds = fileURLToPath(new URL('../../native/prebuilds/', import.meta.url));

/** The addon's binary for this machine, if it was built. */
export const binary: string | undefined = (existsSync(prebuilds) ? readdirSync(prebuilds) : [])
  .filter((name) => name.startsWith(`${process.platform}-${process.arch}`))
  .map((name) => prebuilds + name)[0];

/** `describe` where there is an addon; elsewhere its tests are shown as pending, but never in CI. */
export const describeNative: Mocha.SuiteFunction | Mocha.PendingSuiteFunction =
  binary !== undefined || process.env['CI'] === 'true' ? describe : describe.skip;

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildOptions {
  readonly backend?: 'mremap' | 'memfd';
  /** Blocks. */
  readonly budget?: number;
  readonly readAhead?: number;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds, after which it is killed. */
  readonly limit?: number;
}

/** Runs test/native/children/<file>.mjs with an argument. */
export function child(
  file: string,
  scenario: string,
  options: ChildOptions = {},
): Promise<Outcome> {
  const script = fileURLToPath(new URL(`./children/${file}.mjs`, import.meta.url));
  const env: NodeJS.ProcessEnv = { ...process.env, ...options.env };
  delete env['NODE_OPTIONS'];
  if (options.backend !== undefined) env['TEST_BACKEND'] = options.backend;
  if (options.budget !== undefined) env['TEST_BUDGET'] = String(options.budget);
  if (options.readAhead !== undefined) env['TEST_READ_AHEAD'] = String(options.readAhead);
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [...(options.flags ?? []), script, scenario], { env });
    let stdout = '';
    let stderr = '';
    process_.stdout.on('data', (data) => {
      stdout += data;
    });
    process_.stderr.on('data', (data) => {
      stderr += data;
    });
    const timer = setTimeout(() => process_.kill('SIGKILL'), options.limit ?? 30_000);
    process_.on('error', reject);
    process_.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** The outcome of a scenario that must succeed; its output, when it does not, is the error. */
export async function succeeds(
  file: string,
  scenario: string,
  options?: ChildOptions,
): Promise<string> {
  const { code, signal, stdout, stderr } = await child(file, scenario, options);
  if (code !== 0)
    throw new Error(`${file} ${scenario} ended with ${signal ?? code}\n${stdout}${stderr}`);
  return stdout;
}

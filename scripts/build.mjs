/**
 * Builds the package into dist: the sources through the compiler, the workers as they are (they are JavaScript, because
 * Node 20 cannot start a worker from a .ts file), and the command made executable.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const source = join(project, 'src');
const output = join(project, 'dist');

rmSync(output, { recursive: true, force: true });
compile();
copyWorkers();
makeExecutable(join(output, 'bin.js'));

function compile() {
  const compiler = join(project, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: project,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

function copyWorkers() {
  for (const path of readdirSync(source, { recursive: true })) {
    if (path.endsWith('-worker.mjs')) copyFileSync(join(source, path), join(output, path));
  }
}

function makeExecutable(file) {
  if (!existsSync(file)) throw new Error(`the build has no ${file}`);
  if (!readFileSync(file, 'utf8').startsWith('#!/usr/bin/env node\n')) {
    throw new Error(`${file} does not start with the line that lets it run as a command`);
  }
  chmodSync(file, 0o755);
}

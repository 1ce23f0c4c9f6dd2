/**
 * Compiles the addon with the C compiler alone: no node-gyp, no Python, no headers but those of the npm package
 * node-api-headers. One binary serves all Node versions of a platform, processor and C library.
 *
 *     node native/build.mjs [--optional]
 *
 * With --optional a machine without a C compiler is no error: arrays then work in explicit mode.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** `linux-x64-glibc`: what a binary is for. */
export function target() {
  if (process.platform !== 'linux') return `${process.platform}-${process.arch}`;
  const { glibcVersionRuntime } = process.report.getReport().header;
  return `linux-${process.arch}-${glibcVersionRuntime ? 'glibc' : 'musl'}`;
}

/**
 * Compiles C sources against Node-API 8 into an addon, unless `out` is newer than all of `sources` and `dependencies`.
 * Returns whether it compiled. Throws an Error with `code` NO_COMPILER, NO_HEADERS or COMPILE.
 */
export function compile({ sources, dependencies = [], out, flags = [] }) {
  const inputs = [...sources, ...dependencies, fileURLToPath(import.meta.url)];
  if (existsSync(out) && inputs.every((path) => statSync(path).mtimeMs <= statSync(out).mtimeMs)) {
    return false;
  }
  const compiler = process.env.CC ?? 'cc';
  mkdirSync(dirname(out), { recursive: true });
  // Built beside and renamed: another process may be compiling, or have the old one loaded.
  const unfinished = `${out}.${process.pid}`;
  const { error, status, stderr } = spawnSync(
    compiler,
    [
      ...['-std=gnu11', '-O2', '-Wall', '-Wextra', '-fPIC', '-shared', '-pthread'],
      ...['-DNAPI_VERSION=8', '-I', headers(), ...flags],
      ...(process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []),
      ...['-o', unfinished, ...sources, ...(process.platform === 'linux' ? ['-ldl'] : [])],
    ],
    { encoding: 'utf8' },
  );
  if (error !== undefined) {
    throw coded(
      'NO_COMPILER',
      `no C compiler: \`${compiler}\` cannot be started (${error.message}). Install one (Debian: apt-get install gcc libc6-dev; Alpine: apk add gcc musl-dev), or name yours in CC.`,
    );
  }
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    throw coded('COMPILE', `${compiler} could not compile ${out}:\n${stderr}`);
  }
  if (stderr !== '') process.stderr.write(stderr);
  renameSync(unfinished, out);
  return true;
}

function headers() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node-api-headers')), 'include');
  } catch (cause) {
    throw coded(
      'NO_HEADERS',
      'the package node-api-headers is not installed: run npm install',
      cause,
    );
  }
}

function coded(code, message, cause) {
  return Object.assign(new Error(message, { cause }), { code });
}

/** Compiles this folder's addon. Returns the binary's path and whether it is new. */
export function buildNative() {
  if (process.platform !== 'linux') {
    throw coded(
      'PLATFORM',
      `page faults are implemented on Linux only, not on ${process.platform}`,
    );
  }
  const files = readdirSync(here).map((name) => join(here, name));
  const out = join(here, 'prebuilds', `${target()}.node`);
  // The handler stays installed when a worker that loaded the addon ends: the code must stay too.
  const built = compile({
    sources: files.filter((name) => name.endsWith('.c')),
    dependencies: files.filter((name) => name.endsWith('.h')),
    out,
    flags: ['-fvisibility=hidden', '-Wl,-z,nodelete'],
  });
  return { out, built };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { out, built } = buildNative();
    if (built) console.log(`compiled ${out}`);
  } catch (error) {
    const optional = process.argv.includes('--optional');
    console.error(`zodb: the native addon was not built: ${error.message}`);
    if (optional) console.error('zodb: arrays will work in explicit mode, without page faults');
    process.exitCode = optional ? 0 : 1;
  }
}

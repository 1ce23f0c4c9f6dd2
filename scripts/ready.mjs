/**
 * Makes a checkout ready to run: installs what package-lock.json names, and compiles the two addons whose sources are
 * newer than their binaries. Says nothing when there is nothing to do. Uses nothing but Node, since it runs before
 * anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const at = (...path) => join(project, ...path);
const strict = process.env.CI === 'true';

if (!installed()) {
  say('installing the packages that package-lock.json names');
  run(...npm(), ['ci', '--no-fund', '--no-audit']) || leave('npm ci failed');
}
addon(
  'native',
  at('native'),
  at('native', 'prebuilds'),
  'arrays then run in explicit mode (no page faults)',
);
addon(
  'counteven',
  at('examples', 'counteven'),
  at('examples', 'counteven', 'build'),
  'the tutorial needs it',
);

/** Whether node_modules holds exactly the versions of package-lock.json; optional packages of other platforms may miss. */
function installed() {
  const inTree = at('node_modules', '.package-lock.json');
  if (!existsSync(inTree)) return false;
  const wanted = packagesOf(at('package-lock.json'));
  const present = packagesOf(inTree);
  return (
    Object.entries(wanted).every(
      ([path, { version, optional }]) =>
        path === '' || (present[path] ? present[path].version === version : optional),
    ) && Object.keys(present).every((path) => path in wanted)
  );
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

/** Compiles one addon through the build.mjs in its folder, if a source is newer than the binary of this platform. */
function addon(name, folder, output, without) {
  const build = join(folder, 'build.mjs');
  if (!existsSync(build)) return;
  const sources = filesIn(folder, /\.(c|h|mjs)$/);
  const binaries = filesIn(output, /\.node$/).filter(
    (file) => name !== 'native' || file.includes(`${process.platform}-${process.arch}`),
  );
  if (binaries.length > 0 && newest(sources) <= newest(binaries)) return;
  const compiler = process.env.CC ?? 'cc';
  if (spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status !== 0) {
    (strict ? leave : say)(`no C compiler (${compiler}) for the addon ${name}: ${without}`);
    return;
  }
  say(`compiling the addon ${name}`);
  if (!run(process.execPath, [], [build]))
    (strict ? leave : say)(`the addon ${name} was not built: ${without}`);
}

function filesIn(folder, pattern) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));
}

function newest(files) {
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

/** npm as the one that started this script, else the one on the PATH (a batch file on Windows, which needs a shell). */
function npm() {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []];
}

function run(command, before, options) {
  const shell = process.platform === 'win32' && command === 'npm';
  return (
    spawnSync(command, [...before, ...options], { cwd: project, stdio: 'inherit', shell })
      .status === 0
  );
}

function say(text) {
  process.stderr.write(`ready: ${text}\n`);
}

function leave(text) {
  say(text);
  process.exit(1);
}

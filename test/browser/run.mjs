/**
 * The tests of the pickle codec in a real browser, against what the build put into dist. Compiles test/pickle, serves it with
 * dist, mocha and chai, opens the page in a headless Chromium ($CHROMIUM, or the system's) and prints what mocha says there.
 * Without a Chromium it says that it is skipped, and on a CI machine it fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const project = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

/** Tests that read files. Those of the databases beside the project find none, by way of records.js, and skip themselves. */
const NEED_FILES = ['docs.test'];

// CI runs as root, which Chromium's sandbox refuses; tests of what hostile input costs measure memory.
const FLAGS = ['--no-sandbox', '--enable-precise-memory-info', '--js-flags=--expose-gc'];

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
};

const browser = findChromium();
if (browser === undefined) {
  const missing = 'there is no Chromium: install the package chromium, or name one in $CHROMIUM';
  if (process.env.CI === 'true') throw new Error(missing);
  console.warn(`  skipped: ${missing}`);
  process.exit(0);
}
if (!existsSync(join(project, 'dist', 'pickle', 'index.js'))) {
  throw new Error('there is no dist: run npm run build');
}

const compiled = mkdtempSync(join(tmpdir(), 'zodb-browser-'));
let failures = 1;
try {
  compile(compiled);
  failures = await run(testFiles(compiled));
} finally {
  rmSync(compiled, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);

function findChromium() {
  const named = process.env.CHROMIUM;
  if (named !== undefined) return named;
  const folders = (process.env.PATH ?? '').split(':');
  return ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

function compile(output) {
  const compiler = join(project, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(
    process.execPath,
    [compiler, '-p', join(here, 'tsconfig.json'), '--outDir', output],
    { stdio: 'inherit' },
  );
  if (status !== 0) throw new Error('the tests do not compile');
}

/** The test files that run in a browser. Any that imports more of Node than node:v8 must be named above. */
function testFiles(output) {
  const folder = join(output, 'test', 'pickle');
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.js') && name !== 'records.js')
    .map((name) => name.slice(0, -3));
  const ofNode = names.filter((name) =>
    /from 'node:(?!v8')/.test(readFileSync(join(folder, `${name}.js`), 'utf8')),
  );
  if (String(ofNode.sort()) !== String(NEED_FILES)) {
    throw new Error(`these import of Node: ${ofNode}; said to: ${NEED_FILES}`);
  }
  console.log(`  left out, because they read files: ${NEED_FILES.join(', ')}`);
  return names.filter((name) => name.endsWith('.test') && !NEED_FILES.includes(name));
}

async function run(names) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const instance = await chromium.launch({ executablePath: browser, args: FLAGS });
  try {
    console.log(`  Chromium ${instance.version()}, ${names.length} files of tests`);
    const page = await instance.newPage();
    page.on('pageerror', (error) => console.error(error));
    page.on('console', (message) => console.log(message.text()));
    await page.goto(`http://127.0.0.1:${server.address().port}/test/browser/page.html`);
    return await page.evaluate(
      (files) => globalThis.runTests(files),
      names.map((name) => `/test/pickle/${name}.js`),
    );
  } finally {
    await instance.close();
    server.close();
  }
}

/** /src is dist, /test/pickle and its neighbours what was compiled, the rest are the project's files. */
function answer(request, response) {
  const path = normalize(new URL(request.url, 'http://localhost').pathname);
  const file = fileOf(path);
  if (file === undefined) {
    response.writeHead(404).end(`no ${path}`);
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
  response.end(readFileSync(file));
}

function fileOf(path) {
  if (path.startsWith('/src/')) return found(join(project, 'dist', path.slice('/src'.length)));
  if (path === '/test/pickle/records.js') return join(here, 'records.js');
  if (path.startsWith('/test/browser/')) return found(join(project, path));
  if (path.startsWith('/test/')) return found(join(compiled, path));
  if (path.startsWith('/node_modules/')) return found(join(project, path));
  return undefined;
}

function found(file) {
  return [file, `${file}.js`].find(
    (candidate) => extname(candidate) !== '' && existsSync(candidate),
  );
}

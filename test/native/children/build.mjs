// The build script, on a copy of the sources.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'zodb-build-'));
const native = join(folder, 'native');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
cpSync(join(project, 'native'), native, {
  recursive: true,
  filter: (path) => !path.includes('prebuilds'),
});
symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));

function build(compiler, ...options) {
  return spawnSync(process.execPath, [join(native, 'build.mjs'), ...options], {
    encoding: 'utf8',
    env: { ...process.env, CC: compiler },
  });
}

const missing = build('/no/such/compiler');
assert.equal(missing.status, 1);
assert.match(missing.stderr, /no C compiler: `\/no\/such\/compiler`.*Install one/);
const optional = build('/no/such/compiler', '--optional');
assert.equal(optional.status, 0);
assert.match(optional.stderr, /no C compiler[\s\S]*explicit mode/);

const first = build('cc');
assert.equal(first.status, 0, first.stderr);
assert.match(first.stdout, /^compiled /);
assert.equal(first.stderr, '', 'no warnings');
const [binary] = readdirSync(join(native, 'prebuilds'));
assert.match(binary, /^linux-\w+-(glibc|musl)\.node$/);
const path = join(native, 'prebuilds', binary);

const before = statSync(path).mtimeMs;
const again = build('cc');
assert.deepEqual([again.status, again.stdout, again.stderr], [0, '', '']);
assert.equal(statSync(path).mtimeMs, before, 'not compiled again');
const later = new Date(Date.now() + 5000);
utimesSync(join(native, 'shim.h'), later, later);
assert.match(build('cc').stdout, /^compiled /, 'a header is newer');

writeFileSync(join(native, 'ring.c'), 'this is not C');
const broken = build('cc');
assert.equal(broken.status, 1);
assert.match(broken.stderr, /could not compile[\s\S]*ring\.c:1/);
assert.deepEqual(readdirSync(join(native, 'prebuilds')), [binary], 'nothing unfinished is left');

/** The package as a stranger gets it: packed, installed into an empty folder, loaded and run there. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const project = fileURLToPath(new URL('../..', import.meta.url));
const { exports: subpaths } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  exports: Record<string, unknown>;
};
const modules = Object.keys(subpaths)
  .filter((subpath) => subpath !== './package.json')
  .map((subpath) => subpath.replace(/^\./, 'zodb'));

describe('packed package', () => {
  let folder: string;
  const inFolder = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  const evaluate = (type: 'module' | 'commonjs', source: string): string =>
    inFolder(process.execPath, `--input-type=${type}`, '--eval', source);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-packed-'));
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    inFolder('npm', 'install', '--no-fund', '--no-audit', '--ignore-scripts', tarball(folder));
    copyFileSync(join(project, 'fixtures', 'tutorial', 'test.fs'), join(folder, 'test.fs'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of modules) {
    it(`imports ${name} and gets the same names by require`, () => {
      const imported = evaluate(
        'module',
        `console.log(JSON.stringify(Object.keys(await import('${name}')).sort()))`,
      );
      const required = evaluate(
        'commonjs',
        `console.log(JSON.stringify(Object.keys(require('${name}')).filter((key) => key !== '__esModule').sort()))`,
      );
      expect(JSON.parse(imported)).not.empty;
      expect(required).equal(imported);
    });
  }

  it('opens a database that Python wrote', () => {
    const printed = evaluate(
      'module',
      `import { dbopen, dbclose } from 'zodb';
       import { stats } from 'zodb/bigarray';
       const root = dbopen('test.fs', { readOnly: true });
       console.log(root.get('A').shape.join(), root.get('A').view().data[7], stats().faulting);
       dbclose(root);`,
    );
    // With the addon, the loader thread of the package has started too.
    expect(printed).equal(`10 7n ${process.platform === 'linux' && process.arch === 'x64'}\n`);
  });

  it('runs as the command zodb', () => {
    expect(inFolder('npx', '--no-install', 'zodb', 'info', 'test.fs')).match(
      /^head=[0-9a-f]{16}$/m,
    );
  });

  it('brings the compiled addon for this machine, where there is one', function () {
    if (process.platform !== 'linux') this.skip();
    const prebuilds = join(folder, 'node_modules', 'zodb', 'native', 'prebuilds');
    expect(existsSync(prebuilds)).equal(true);
    expect(readdirSync(prebuilds).join()).include(`linux-${process.arch}`);
  });
});

/** The tarball that $ZODB_PACKED names, else one that is packed now. */
function tarball(folder: string): string {
  const given = process.env['ZODB_PACKED'];
  if (given) return given;
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: project, stdio: 'pipe' });
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error('npm pack made no tarball');
  return join(folder, name);
}

/** Whether package.json, its lock file and the documents say what is there. The built and packed package is test/packed's. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const project = fileURLToPath(new URL('..', import.meta.url));
const text = (path: string): string => readFileSync(join(project, path), 'utf8');

interface Manifest {
  exports: Record<string, string | { types: string; default: string }>;
  bin: Record<string, string>;
  sideEffects: string[];
  files: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}
const manifest = JSON.parse(text('package.json')) as Manifest;

/** The source that the build makes a file of dist from. */
const sourceOf = (built: string): string =>
  built.replace(/^(\.\/)?dist\//, 'src/').replace(/(\.d)?\.[jt]s$/, '.ts');

describe('package.json', () => {
  for (const [subpath, target] of Object.entries(manifest.exports)) {
    it(`has a source for the export ${subpath}`, () => {
      if (typeof target === 'string') {
        expect(existsSync(join(project, target))).equal(true);
        return;
      }
      expect(sourceOf(target.types)).equal(sourceOf(target.default));
      expect(existsSync(join(project, sourceOf(target.default)))).equal(true);
    });
  }

  for (const [command, target] of Object.entries(manifest.bin)) {
    it(`has a source for the command ${command} that starts as a command does`, () => {
      expect(text(sourceOf(target))).match(/^#!\/usr\/bin\/env node\n/);
    });
  }

  for (const path of manifest.sideEffects) {
    it(`names a file with side effects that exists: ${path}`, () => {
      expect(existsSync(join(project, sourceOf(path)))).equal(true);
    });
  }

  it('names both the source and the built form of each file with side effects', () => {
    const sources = manifest.sideEffects.filter((path) => path.startsWith('./src/'));
    const built = manifest.sideEffects.filter((path) => path.startsWith('./dist/'));
    expect(built.map((path) => `./${sourceOf(path)}`)).members(sources);
  });

  it('packs the sources and the binary of the addon, and no tests, fixtures or tools', () => {
    const printed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // A list in npm up to 11, an object by package name since 12.
    const [packed] = Object.values(JSON.parse(printed)) as [{ files: { path: string }[] }];
    const paths = packed.files.map(({ path }) => path);
    expect(paths).include.members(['package.json', 'LICENSE', 'CHANGELOG.md', 'native/build.mjs']);
    const binaries = join('native', 'prebuilds');
    for (const name of existsSync(join(project, binaries))
      ? readdirSync(join(project, binaries))
      : []) {
      expect(paths).include(`native/prebuilds/${name}`);
    }
    const strangers = paths.filter(
      (path) => !/^(dist\/|native\/|package\.json$|LICENSE$|README\.md$|CHANGELOG\.md$)/.test(path),
    );
    expect(strangers).eql([]);
  });
});

describe('package-lock.json', () => {
  it('names no registry, so that it installs from any', () => {
    const lock = JSON.parse(text('package-lock.json')) as {
      packages: Record<string, { resolved?: string }>;
    };
    const resolved = Object.values(lock.packages).flatMap((entry) => entry.resolved ?? []);
    expect(resolved).eql([]);
  });
});

describe('docs/dependencies.md', () => {
  const named = new Set(
    text('docs/dependencies.md')
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .flatMap((line) =>
        [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name),
      ),
  );
  const used = [
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.optionalDependencies ?? {}),
    ...Object.keys(manifest.devDependencies ?? {}),
  ];

  it('has a line for each dependency, and for nothing else', () => {
    expect([...named].sort()).eql(used.sort());
  });
});

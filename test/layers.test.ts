/**
 * The layers of docs/architecture.md are lint rules. Each case is a file that breaks or keeps one of them; all of them
 * are written into a copy of the project's shape and judged by one run of Biome with the project's own configuration.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const project = fileURLToPath(new URL('..', import.meta.url));

const refused: [importer: string, imported: string][] = [
  ['src/errors.ts', './pickle/index.ts'],
  ['src/pickle/decode.ts', '../zodb/ids.ts'],
  ['src/pickle/encode.ts', '../filestorage/format.ts'],
  ['src/zodb/record.ts', './connection.ts'],
  ['src/zodb/storage.ts', '../filestorage/storage.ts'],
  ['src/zodb/connection.ts', '../filestorage/storage.ts'],
  ['src/zodb/mapping.ts', '../btrees/index.ts'],
  ['src/zodb/blob-folder.ts', './connection.ts'],
  ['src/zodb/open.ts', '../register.ts'],
  ['src/filestorage/storage.ts', '../zodb/connection.ts'],
  ['src/filestorage/commit.ts', '../memory/mapping-storage.ts'],
  ['src/filestorage/index-map.ts', '../zodb/database.ts'],
  ['src/memory/mapping-storage.ts', '../zodb/persistent.ts'],
  ['src/btrees/bucket.ts', '../bigfile/zblk.ts'],
  ['src/btrees/tree.ts', '../memory/index.ts'],
  ['src/bigfile/zblk.ts', '../bigarray/dtype.ts'],
  ['src/bigfile/loader-worker.mjs', '../filestorage/storage.ts'],
  ['src/bigarray/view.ts', '../tools/dump.ts'],
  ['src/bigarray/reduce.ts', '../main.ts'],
  ['src/tools/dump.ts', '../cli/table.ts'],
  ['src/tools/verify.ts', '../filestorage/index.ts'],
  ['src/cli/info.ts', '../register.ts'],
  ['src/cli/recover.ts', '../filestorage/recover.ts'],
  ['src/register.ts', './main.ts'],
  ['src/tools/convert.ts', 'zodb/filestorage'],
  ['src/main.ts', 'zodb'],
  ...[
    'src/pickle/opcodes.ts',
    'src/zodb/ids.ts',
    'src/zodb/time.ts',
    'src/zodb/bytes.ts',
    'src/zodb/errors.ts',
    'src/zodb/storage.ts',
    'src/zodb/record.ts',
    'src/zodb/conflict.ts',
    'src/zodb/blob-layout.ts',
    'src/zodb/blob-record.ts',
    'src/filestorage/format.ts',
    'src/filestorage/index-map.ts',
    'src/filestorage/index-file.ts',
    'src/filestorage/index-file-old.ts',
  ].map((file): [string, string] => [file, 'node:fs']),
];

const allowed: [importer: string, imported: string][] = [
  ['src/pickle/values.ts', '../errors.ts'],
  ['src/pickle/scan.ts', './opcodes.ts'],
  ['src/zodb/conflict.ts', '../pickle/index.ts'],
  ['src/zodb/cache.ts', './persistent.ts'],
  ['src/zodb/time.ts', './ids.ts'],
  ['src/filestorage/lock.ts', '../zodb/errors.ts'],
  ['src/filestorage/lock.ts', 'node:fs'],
  ['src/filestorage/blob-pack.ts', '../zodb/blob-folder.ts'],
  ['src/zodb/blob-folder.ts', 'node:fs'],
  ['src/filestorage/format.ts', '../zodb/bytes.ts'],
  ['src/btrees/check.ts', '../zodb/persistent.ts'],
  ['src/bigfile/file-handle.ts', '../btrees/index.ts'],
  ['src/bigarray/zbigarray.ts', '../bigfile/index.ts'],
  ['src/bigarray/zbigarray.ts', '../zodb/connection.ts'],
  ['src/tools/export.ts', '../bigarray/index.ts'],
  ['src/cli/dump.ts', '../tools/dump.ts'],
  ['src/cli/recover.ts', '../filestorage/index.ts'],
  ['src/register.ts', './filestorage/index.ts'],
  ['src/bin.ts', './register.ts'],
  ['test/any.test.ts', '../src/filestorage/storage.ts'],
];

interface Report {
  diagnostics: { category: string; location: { path: string; start: { line: number } } }[];
}

describe('layers', () => {
  let folder: string;
  let report: Report;
  const lineOf = new Map<string, number>();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-layers-'));
    const files = new Map<string, string[]>();
    for (const [importer, imported] of [...refused, ...allowed]) {
      const lines = files.get(importer) ?? [];
      files.set(importer, lines);
      lines.push(`import '${imported}';`);
      lineOf.set(`${importer} ${imported}`, lines.length);
    }
    files.set('src/tools/left.ts', ["export { right } from './right.ts';"]);
    files.set('src/tools/right.ts', [
      "import { left } from './left.ts';",
      'export const right = left;',
    ]);
    for (const [path, lines] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${lines.join('\n')}\n`);
    }
    copyFileSync(join(project, 'biome.json'), join(folder, 'biome.json'));
    report = lint(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function reported(rule: string, path: string, line?: number): boolean {
    return report.diagnostics.some(
      ({ category, location }) =>
        category === rule &&
        location.path === path &&
        (line ?? location.start.line) === location.start.line,
    );
  }

  for (const [importer, imported] of refused) {
    it(`refuses that ${importer} imports ${imported}`, () => {
      const line = lineOf.get(`${importer} ${imported}`);
      expect(reported('lint/style/noRestrictedImports', importer, line)).equal(true);
    });
  }

  for (const [importer, imported] of allowed) {
    it(`lets ${importer} import ${imported}`, () => {
      const line = lineOf.get(`${importer} ${imported}`);
      expect(reported('lint/style/noRestrictedImports', importer, line)).equal(false);
    });
  }

  it('refuses an import cycle', () => {
    expect(reported('lint/suspicious/noImportCycles', 'src/tools/left.ts')).equal(true);
  });
});

/** Biome exits with 1 when it found something, which is what is expected here: its report counts, not its exit. */
function lint(folder: string): Report {
  const biome = join(project, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const options = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  try {
    execFileSync(process.execPath, [biome, ...options], { cwd: folder, stdio: 'pipe' });
  } catch (error) {
    const { stdout } = error as { stdout?: Buffer };
    if (stdout?.length) return JSON.parse(stdout.toString()) as Report;
    throw error;
  }
  throw new Error('Biome found nothing in files that break the rules');
}

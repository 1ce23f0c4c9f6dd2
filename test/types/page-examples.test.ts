// The examples of the documentation, as their readers' compiler sees them.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { moduleOf } from '../page-examples.ts';

const project = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const PAGES: readonly (readonly [page: string, heading?: string])[] = [
  ['README.md', 'A database of your own'],
  ['docs/guide/first-steps.md'],
  ['docs/guide/coming-from-python.md'],
  ['docs/guide/persistence-rules.md'],
  ['docs/arrays.md'],
  ['docs/blobs.md'],
  ['docs/btrees.md'],
  ['docs/transactions.md'],
];

describe('the examples of the documentation', () => {
  it('have the types that the compiler expects', function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), 'zodb-types-'));
    try {
      for (const [page, heading] of PAGES)
        writeFileSync(join(folder, `${basename(page)}.ts`), moduleOf(page, heading));
      const config = {
        extends: project('tsconfig.json'),
        compilerOptions: {
          typeRoots: [project('node_modules/@types')],
          types: ['node'],
          // What is written to be read has names that are not used again.
          isolatedDeclarations: false,
          declaration: false,
          rewriteRelativeImportExtensions: false,
          noUnusedLocals: false,
        },
        include: [`${folder}/*.ts`],
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
      const compiler = project('node_modules/typescript/bin/tsc');
      writeFileSync(join(folder, 'wrong.md.ts'), 'export const number: number = "text";\n');
      const { stdout } = spawnSync(process.execPath, [compiler, '-p', '.', '--pretty', 'false'], {
        cwd: folder,
        encoding: 'utf8',
      });
      const errors = stdout.split('\n').filter((line) => /^[\w-]+\.md\.ts/.test(line));
      // It did look: the one wrong line is found.
      expect(errors.map((line) => line.split(':')[0])).to.deep.equal(['wrong.md.ts(1,14)']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

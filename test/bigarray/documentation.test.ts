import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = new URL('../../', import.meta.url);

/** The examples of a page as one program, which prints what its `// →` lines show and what they say. */
function programOf(page: string): string {
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code as string);
  const lines = blocks.join('\n').replace(/^(.+?);\s*\/\/ → (.*)$/gm, (_line, code, shown) => {
    return `results.push([${JSON.stringify(code)}, ${JSON.stringify(shown)}, inspect(${code})]);`;
  });
  return [
    "import { inspect } from 'node:util';",
    'const results: string[][] = [];',
    lines
      .replaceAll("'zodb/bigarray'", `'${new URL('src/bigarray/index.ts', root)}'`)
      .replaceAll("'zodb'", `'${new URL('src/main.ts', root)}'`),
    'console.log(JSON.stringify(results));',
  ].join('\n');
}

describe('docs/arrays.md', () => {
  it('has examples that show what it says', () => {
    const folder = mkdtempSync(join(tmpdir(), 'zodb-docs-'));
    try {
      const page = readFileSync(new URL('docs/arrays.md', root), 'utf8');
      const file = join(folder, 'arrays.mts');
      writeFileSync(file, programOf(page));
      const output = execFileSync(process.execPath, ['--import', 'tsx', file], {
        cwd: fileURLToPath(root),
        env: { ...process.env, ZODB_NATIVE: 'off' },
        encoding: 'utf8',
      });
      const results: [string, string, string][] = JSON.parse(output);
      expect(results).to.have.length.greaterThan(15);
      for (const [code, said, shown] of results)
        expect(shown.replace(/\s+/g, ' '), code).to.equal(said);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

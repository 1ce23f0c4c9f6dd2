import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';

const root = new URL('../../', import.meta.url);

/** The examples of a page as one module, which exports what its `// →` lines show and what they say. */
function moduleOf(page: string): string {
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code as string);
  const lines = blocks.join('\n').replace(/^(.+?);\s*\/\/ → (.*)$/gm, (_line, code, shown) => {
    return `results.push([${JSON.stringify(code)}, ${JSON.stringify(shown)}, inspect(${code})]);`;
  });
  return [
    "import { inspect } from 'node:util';",
    'export const results: any[] = [];',
    lines
      .replaceAll("'zodb/bigarray'", `'${new URL('src/bigarray/index.ts', root)}'`)
      .replaceAll("'zodb'", `'${new URL('src/main.ts', root)}'`),
  ].join('\n');
}

describe('docs/arrays.md', () => {
  it('has examples that show what it says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zodb-docs-'));
    try {
      const page = readFileSync(new URL('docs/arrays.md', root), 'utf8');
      const file = join(folder, 'arrays.mts');
      writeFileSync(file, moduleOf(page));
      const { results } = await import(pathToFileURL(file).href);
      expect(results).to.have.length.greaterThan(15);
      for (const [code, said, shown] of results)
        expect(shown.replace(/\s+/g, ' '), code).to.equal(said);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

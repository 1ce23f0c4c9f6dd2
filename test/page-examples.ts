// The examples of a page of docs/, run as one program: each line `code; // → text` is to show that text.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);

/** What the examples import, longest first. */
const ENTRIES: readonly (readonly [name: string, source: string])[] = [
  ["'zodb/bigarray'", 'src/bigarray/index.ts'],
  ["'zodb/btrees'", 'src/btrees/index.ts'],
  ["'zodb/pickle'", 'src/pickle/index.ts'],
  ["'zodb/filestorage'", 'src/filestorage/index.ts'],
  ["'zodb'", 'src/main.ts'],
];

export interface Shown {
  readonly code: string;
  /** What the page says. */
  readonly said: string;
  /** What `util.inspect` gives, spaces folded. */
  readonly shown: string;
}

/** Runs the `ts` blocks of a page, or of the section with this heading, in an empty folder. */
export function runExamples(page: string, heading?: string): Shown[] {
  const folder = mkdtempSync(join(tmpdir(), 'zodb-docs-'));
  try {
    const file = join(folder, 'examples.mts');
    writeFileSync(file, programOf(partOf(page, heading), folder));
    const output = execFileSync(process.execPath, ['--import', 'tsx', file], {
      cwd: fileURLToPath(root),
      env: { ...process.env, ZODB_NATIVE: 'off' },
      encoding: 'utf8',
    });
    return (JSON.parse(output) as [string, string, string][]).map(([code, said, shown]) => ({
      code,
      said,
      shown: shown.replace(/\s+/g, ' '),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function partOf(page: string, heading: string | undefined): string {
  const text = readFileSync(new URL(page, root), 'utf8');
  if (heading === undefined) return text;
  const part = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  if (part === undefined) throw new Error(`${page} has no section ${heading}`);
  return part;
}

/** The `ts` blocks as one module, for the compiler. */
export function moduleOf(page: string, heading?: string): string {
  const code = blocksOf(partOf(page, heading));
  return `${importing(code, (source) => fileURLToPath(new URL(source, root)))}export {};\n`;
}

function blocksOf(text: string): string {
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code as string).join('\n');
}

function importing(code: string, from: (source: string) => string): string {
  return ENTRIES.reduce((text, [name, source]) => text.replaceAll(name, `'${from(source)}'`), code);
}

function programOf(page: string, folder: string): string {
  const code = blocksOf(page).replace(/^(.+?);\s*\/\/ → (.*)$/gm, (_line, code, said) => {
    return `results.push([${JSON.stringify(code)}, ${JSON.stringify(said)}, inspect(${code})]);`;
  });
  return [
    "import { inspect } from 'node:util';",
    `process.chdir(${JSON.stringify(folder)});`,
    'const results: string[][] = [];',
    importing(code, (source) => String(new URL(source, root))),
    'console.log(JSON.stringify(results));',
  ].join('\n');
}

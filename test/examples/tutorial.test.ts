import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

describe('the tutorial', () => {
  for (const mode of ['', 'off']) {
    it(`plays to its end${mode === '' ? '' : ', also without page faults'}`, function () {
      this.timeout(120_000);
      const output = execFileSync(
        process.execPath,
        ['--import', 'tsx', path('examples/tutorial.ts')],
        {
          encoding: 'utf8',
          env: { ...process.env, ZODB_NATIVE: mode },
        },
      );
      // Every line was compared by the tutorial itself; it ends with an error when one is wrong.
      expect(output.match(/^\d\. /gm)).to.have.length(8);
      expect(output).to.contain('mean(whole)                                  2097150.2500046194');
      expect(output).to.match(/LockError: .*process \d+/);
      expect(output).to.contain('Done.');
    });
  }

  it('begins with an example that runs as it stands', () => {
    const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(path('README.md'), 'utf8')) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'zodb-readme-'));
    try {
      copyFileSync(path('fixtures/tutorial/test.fs'), join(folder, 'test.fs'));
      const program = String(example)
        .replace("'zodb/bigarray'", `'${path('src/bigarray/index.ts')}'`)
        .replace("'zodb'", `'${path('src/main.ts')}'`);
      writeFileSync(join(folder, 'example.mts'), program);
      const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
      const args = ['--import', tsx, join(folder, 'example.mts')];
      expect(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })).to.equal(
        '6\n',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has every line of the walkthrough in the README', () => {
    const readme = readFileSync(path('README.md'), 'utf8');
    const walkthrough = readme.slice(
      readme.indexOf('## The tutorial'),
      readme.indexOf('## The command'),
    );
    const source = readFileSync(path('examples/tutorial.ts'), 'utf8').replace(/\s+/g, ' ');
    const blocks = [...walkthrough.matchAll(/```ts\n([\s\S]*?)```/g)].map(
      (match) => match[1] as string,
    );
    const lines = blocks.flatMap((block) => block.trim().split('\n'));
    expect(lines.length).to.be.greaterThan(15);
    for (const line of lines) expect(source).to.contain(line.trim());
  });
});

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { zodb, zodbWith } from './run.ts';

const page = readFileSync(new URL('../../docs/command.md', import.meta.url), 'utf8');
const fixture = fileURLToPath(new URL('../../fixtures/tutorial/test.fs', import.meta.url));

/** The section of each command. */
const sections = new Map(
  page
    .split(/^## /m)
    .map((section) => [/^`zodb ([\w-]+)/.exec(section)?.[1], section] as const)
    .filter((entry): entry is [string, string] => entry[0] !== undefined),
);

/** `-n, --limit <number>` of a line of help, and of a row of the page. */
const options = (text: string, begin: RegExp): string[] =>
  [...text.matchAll(begin)].map(([, option]) => option as string).filter((o) => !/--help/.test(o));

async function help(...command: string[]): Promise<string> {
  return (await zodb('help', ...command)).stdout.toString();
}

describe('docs/command.md', () => {
  it('has a section for each command that the help knows, and no others', async () => {
    const known = [...(await help()).matchAll(/^ {2}([a-z][\w-]*) .*[\]>] {2,}\w/gm)].map(
      ([, name]) => name as string,
    );
    expect(known).to.have.length.greaterThan(10);
    expect([...sections.keys()].sort()).to.deep.equal(known.filter((n) => n !== 'help').sort());
  });

  for (const [name, section] of sections)
    it(`says of ${name} what its arguments and options are`, async () => {
      const said = await help(name);
      expect(section.split('`')[1]).to.equal(/^Usage: (.*)/.exec(said)?.[1]);
      expect(options(section, /^\| `(-[^`]*)` \|/gm)).to.have.members(
        options(said, /^ {2}(-.*?)(?: {2}|\n)/gm),
      );
    });

  it('has an example of each command that does what it says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zodb-command-'));
    const before = process.cwd();
    try {
      process.chdir(folder);
      copyFileSync(fixture, 'test.fs');
      mkdirSync('backups');
      const [, transaction] = /^```text\n(.*?)^```/ms.exec(page) ?? [];
      writeFileSync('transaction.txt', transaction as string);
      const shown = new Set<string>();
      for (const [, block] of page.matchAll(/^```sh\n(.*?)^```/gms))
        for (const line of (block as string).trim().split('\n')) {
          const [, call, input, output] =
            /^npx zodb (.*?)(?: < (\S+))?(?: > (\S+))?(?: +#.*)?$/.exec(line) ?? [];
          expect(call, line).to.be.a('string');
          const args = (call as string).match(/'[^']*'|\S+/g)?.map((a) => a.replaceAll("'", ''));
          const { code, stdout, stderr } = await zodbWith(
            [input === undefined ? '' : readFileSync(input)].map(Buffer.from),
            ...(args as string[]),
          );
          expect([code, stderr], line).to.deep.equal([0, '']);
          if (output !== undefined) writeFileSync(output, stdout);
          shown.add((args as string[])[0] as string);
        }
      expect([...shown].filter((each) => each !== 'help').sort()).to.deep.equal(
        [...sections.keys()].sort(),
      );
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
  });
});

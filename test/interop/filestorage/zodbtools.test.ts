import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { writeHistory } from '../../cli/history.ts';
import { zodb } from '../../cli/run.ts';
import { corpusFiles } from '../../filestorage/corpus.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { peer } from '../peers.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url));

describe('what zodb prints, beside zodbtools', () => {
  const python3 = peer('zodbtools');
  const python2 = peer('zodbtools27');
  const path = testFolder();
  const files = [
    ...readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.fs'))
      .sort()
      .map((name) => ({ name, file: fixtures + name })),
    ...corpusFiles(),
  ];

  for (const { name, file } of files)
    it(`is the same dump of ${name}, whole and with hashes only`, async () => {
      const copy = path('copy.fs');
      copyFileSync(file, copy);
      const judge = formatOf(copy) === 'FS30' ? python3 : python2;
      for (const args of [
        ['dump', copy],
        ['dump', '--hashonly', copy],
      ]) {
        const { stdout, code } = await zodb(...args);
        expect(code).to.equal(0);
        expect(stdout.equals(judge.command('zodb', args)), args.join(' ')).to.equal(true);
      }
    });

  // zodbtools stops at the first record whose pickles share a memo, as most do; Python 2 has words of its own.
  for (const { name, file } of files.filter(({ file }) => formatOf(file) === 'FS30'))
    it(`is the same list of opcodes for ${name}, as far as zodbtools comes`, async () => {
      copyFileSync(file, path('copy.fs'));
      const args = ['dump', '--pretty=zpickledis', path('copy.fs')];
      const { stdout, code } = await zodb(...args);
      expect(code).to.equal(0);
      const judge = spawnSync(join(dirname(python3.python), 'zodb'), args).stdout;
      expect(judge.toString()).to.match(/^txn [0-9a-f]{16} /);
      expect(stdout.subarray(0, judge.length).equals(judge)).to.equal(true);
    });

  it('is the same as in the golden files', () => {
    const file = path('history.fs');
    writeHistory(file);
    const range = '0400000000000002..0400000000000004';
    for (const [golden, args] of [
      ['history.dump', ['dump', file]],
      ['history.hashonly', ['dump', '--hashonly', file]],
      ['history.part', ['dump', '--hashonly', file, range]],
    ] as const)
      expect(python3.command('zodb', args).toString('latin1')).to.equal(
        readFileSync(new URL(`../../cli/golden/${golden}`, import.meta.url), 'latin1'),
      );
  });

  // On Python 3 zodbtools prints tids as bytes literals, b'...'; its own tests expect what it prints on Python 2.
  for (const { name, file } of corpusFiles().filter(({ name }) => name.endsWith('fs1')))
    it(`is the same information about ${name}`, async () => {
      const copy = path(basename(file));
      copyFileSync(file, copy);
      for (const parameters of [[], ['head'], ['size', 'name']]) {
        const { stdout } = await zodb('info', copy, ...parameters);
        expect(stdout.toString()).to.equal(
          python2.command('zodb', ['info', copy, ...parameters]).toString(),
        );
      }
    });
});

function formatOf(file: string): string {
  return readFileSync(file).subarray(0, 4).toString();
}

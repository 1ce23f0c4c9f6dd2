// `zodb restore`, `commit` and `cmp` beside zodbtools: the same files, the same words, the same exit codes.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { writeHistory } from '../../cli/history.ts';
import { zodb, zodbWith } from '../../cli/run.ts';
import { corpusFiles } from '../../filestorage/corpus.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { peer } from '../peers.ts';

describe('dumps into databases, beside zodbtools', () => {
  const python = peer('zodbtools');
  const path = testFolder();
  const script = fileURLToPath(new URL('zodbtools_python3.py', import.meta.url));
  const theirs = (args: readonly string[], input: Uint8Array) =>
    spawnSync(python.python, [script, ...args], { input, maxBuffer: 1 << 30 });
  const sameFile = (one: string, two: string): boolean =>
    readFileSync(path(one)).equals(readFileSync(path(two)));

  const sources = [
    ...corpusFiles().map(({ name, file }) => ({
      name,
      make: (to: string) => copyFileSync(file, to),
    })),
    { name: 'a file with everything that a dump can show', make: restorable },
  ];
  for (const { name, make } of sources)
    it(`restores the same file from the dump of ${name}`, async () => {
      make(path('source.fs'));
      const { stdout: dump } = await zodb('dump', path('source.fs'));
      const judge = theirs(['restore', path('python.fs')], dump);
      const ours = await zodbWith([dump], 'restore', path('ours.fs'));
      expect([ours.code, ours.stderr]).to.deep.equal([0, '']);
      expect(judge.status, judge.stderr.toString()).to.equal(0);
      expect(ours.stdout.toString()).to.equal(printed(judge.stdout));
      expect(sameFile('ours.fs', 'python.fs')).to.equal(true);
      const again = await zodb('dump', path('ours.fs'));
      expect(again.stdout.equals(dump)).to.equal(true);
      expect((await zodb('cmp', path('ours.fs'), path('python.fs'))).code).to.equal(0);
    });

  for (const [title, text] of [
    [
      'data',
      'user "a"\ndescription "b"\nextension ""\nobj 0000000000000001 4 sha1:9865d483bc5a94f2e30056fc256ed3066af54d04\nZZZZ\n\n',
    ],
    [
      'a copy',
      'user "a"\ndescription "b"\nextension ""\nobj 0000000000000003 from 0400000000000001\n\n',
    ],
    ['a deletion', 'user ""\ndescription ""\nextension ""\nobj 0000000000000001 delete\n\n'],
    ['nothing', 'user ""\ndescription ""\nextension ""\n\n'],
  ] as const)
    it(`commits ${title}`, async () => {
      for (const file of ['ours.fs', 'python.fs']) writeHistory(path(file));
      const head = '0400000000000018';
      const judge = theirs(['commit', path('python.fs'), head], Buffer.from(text));
      expect(judge.status, judge.stderr.toString()).to.equal(0);
      const ours = await zodbWith([Buffer.from(text)], 'commit', path('ours.fs'), head);
      expect([ours.code, ours.stderr]).to.deep.equal([0, '']);
      const tids = [judge, ours].map(({ stdout }) => printed(stdout).trim());
      expect(tids[1]).to.match(/^[0-9a-f]{16}$/);
      const dumps = await Promise.all(
        ['python.fs', 'ours.fs'].map(async (file, i) =>
          (await zodb('dump', path(file))).stdout
            .toString('latin1')
            .replaceAll(tids[i] as string, 'TID'),
        ),
      );
      expect(dumps[1]).to.equal(dumps[0]);
    });

  for (const [title, at, text] of [
    [
      'a conflict',
      '0400000000000001',
      'obj 0000000000000001 4 sha1:9865d483bc5a94f2e30056fc256ed3066af54d04\nZZZZ\n\n',
    ],
    ['something behind the transaction', '0400000000000018', '\nmore\n'],
    [
      'hashes without data',
      '0400000000000018',
      'obj 0000000000000001 4 sha1:9865d483bc5a94f2e30056fc256ed3066af54d04 -\n\n',
    ],
    ['a copy of nothing', '0400000000000018', 'obj 0000000000000063 from 0400000000000001\n\n'],
    ['no transaction', '0400000000000018', 'hello\n'],
  ] as const)
    it(`commits nothing for ${title}, and ends with 1`, async () => {
      for (const file of ['ours.fs', 'python.fs']) writeHistory(path(file));
      const input = Buffer.from(`user ""\ndescription ""\nextension ""\n${text}`);
      const judge = theirs(['commit', path('python.fs'), at], input);
      const ours = await zodbWith([input], 'commit', path('ours.fs'), at);
      expect([judge.status, ours.code]).to.deep.equal([1, 1]);
      expect(ours.stdout.toString()).to.equal('');
      expect(ours.stderr).to.match(/^zodb: /);
      writeHistory(path('before.fs'));
      expect(sameFile('ours.fs', 'before.fs')).to.equal(true);
    });

  // Where one file ends first zodbtools fails with an error of its own before it has said so.
  for (const [args, changes] of [
    [[], ['none', 'shorter', 'longer', 'other data']],
    [['-v'], ['none', 'other data']],
    [['--verbose'], ['none', 'other data']],
  ] as const)
    for (const change of changes)
      it(`compares as zodbtools: ${change}, ${args.join() || 'quietly'}`, async () => {
        writeHistory(path('one.fs'));
        // zodbtools decodes extensions, and those of later transactions are no pickles.
        const { stdout: dump } = await zodb('dump', path('one.fs'), '..0400000000000007');
        const text = dump.toString('latin1');
        const changed = {
          none: text,
          shorter: text.slice(0, text.lastIndexOf('txn ')),
          longer: `${text}txn 0400000000000100 " "\nuser ""\ndescription ""\nextension ""\n\n`,
          // The same length, another hash.
          'other data': text.replace(
            /( 9 sha1:)[0-9a-f]{40}\none again/,
            (_, head) => `${head}${sha1('one AGAIN')}\none AGAIN`,
          ),
        }[change];
        await zodbWith([Buffer.from(text, 'latin1')], 'restore', path('one-again.fs'));
        await zodbWith([Buffer.from(changed, 'latin1')], 'restore', path('two.fs'));
        const command = ['cmp', ...args, path('one-again.fs'), path('two.fs')];
        const judge = theirs(command, Buffer.from(''));
        const ours = await zodb(...command);
        expect(ours.code).to.equal(judge.status);
        expect(ours.code).to.equal(change === 'none' ? 0 : 1);
        // Of a transaction that is different zodbtools prints "%s" instead of its tid.
        const words = printed(judge.stdout).replace(
          '%s',
          /[0-9a-f]{16}/.exec(ours.stdout.toString())?.[0] ?? '',
        );
        expect(ours.stdout.toString()).to.equal(words);
      });
});

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

/** What zodbtools would print on Python 2: on Python 3 ids are shown as the literals of bytes. */
function printed(stdout: Uint8Array): string {
  return Buffer.from(stdout)
    .toString()
    .replace(/b'([0-9a-f]{16})'/g, '$1');
}

/** Without the transaction that removes an object which is not there: zodbtools cannot make that again. */
function restorable(file: string): void {
  writeHistory(file);
  const bytes = readFileSync(file);
  const start = bytes.indexOf('back to nothing') - 23;
  const end = start + Number(bytes.readBigUInt64BE(start + 8)) + 8;
  writeFileSync(file, Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]));
}

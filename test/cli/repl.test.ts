// `zodb repl` in a pseudo-terminal: a dialogue typed key by key, compared with a recorded one.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { testFolder } from '../filestorage/folder.ts';
import { Screen } from './screen.ts';

const fixture = fileURLToPath(new URL('../../fixtures/tutorial/test.fs', import.meta.url));
const bin = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));
const golden = fileURLToPath(new URL('golden/repl.txt', import.meta.url));

const TAB = '\t';
const UP = '\x1b[A';

/** What is typed, a line each but for keys that end no line. */
const DIALOGUE: readonly string[] = [
  'root',
  '[...root.keys()]',
  'root',
  'names()',
  "const A = root.get('A')",
  'A',
  'A.shape',
  'A',
  'bigarray.mean(A)',
  'classOf(A)',
  "root.get('fruits')",
  "root.get('fruits').push('medlar')",
  "root.get('readings')",
  'for (const value of [1, 2]) {',
  "  root.set('n' + value, value)",
  '}',
  'connection.hasChanges()',
  'abort()',
  "root.get('n1')",
  "root.set('word', 'wörd')",
  "commit('by hand')",
  'db.undoLog({ limit: 1 }).map(({ user, description }) => description)',
  "get('42')",
  "get('00000000000000ff')",
  'root.nosuch.more',
  'root.get(',
  "'word')",
  'root.size',
  UP,
  `attrib${TAB}`,
  '(A)',
  'tuple(1, float(3), [null, true])',
  'new Date(Date.UTC(2026, 0, 1)).toISOString()',
  "throw 'text'",
  'await Promise.resolve(42)',
  "root.set('left', 1)",
  '.exit',
];

describe('zodb repl', () => {
  const path = testFolder();

  it('holds the recorded dialogue', async function () {
    this.timeout(60_000);
    if (spawnSync('script', ['--version']).status !== 0) {
      if (process.env['CI'] === 'true') throw new Error('the command `script` is missing');
      console.warn('      skipped: needs the command `script`, which makes pseudo-terminals');
      this.skip();
    }
    copyFileSync(fixture, path('test.fs'));
    const shown = (await converse(path('test.fs'), path('history'), DIALOGUE))
      .replaceAll(path(''), '')
      .replace(/last transaction [0-9a-f]{16}/, 'last transaction TID')
      // Node 24 has another sign for lines that go on.
      .replaceAll(/^(\.\.\.|\|) /gm, '... ');
    if (process.env['ZODB_RECORD'] === 'true') writeFileSync(golden, shown);
    expect(shown).to.equal(readFileSync(golden, 'utf8'));
    expect(DIALOGUE.length).to.be.greaterThan(25);
    // Lines are remembered for the next time.
    expect(readFileSync(path('history'), 'utf8')).to.include('bigarray.mean(A)');
  });

  it('reads its lines from a pipe, too', () => {
    copyFileSync(fixture, path('test.fs'));
    const { stdout, status } = repl(
      ['--read-only', path('test.fs')],
      "root.get('answer')\nroot.set('x', 1)\n",
    );
    expect(stdout).to.match(/^.*test\.fs: \d+ objects, last transaction [0-9a-f]{16}, read-only\n/);
    expect(stdout).to.include('\nzodb> 42\nzodb> Uncaught:\nReadOnlyError [READ_ONLY]: ');
    expect(status).to.equal(0);
    expect(existsSync(path('test.fs.lock'))).to.equal(false);
  });

  it('shows a past moment', () => {
    copyFileSync(fixture, path('test.fs'));
    const before = repl(['--at', '0000000000000001', path('test.fs')], 'root\n');
    expect(before.stdout).to.include('POSKeyError [POS_KEY]: ');
    const { stdout } = repl(['--at', 'now', path('test.fs')], 'root.size\n');
    expect(stdout).to.match(/read-only\n/);
  });

  it('does not make a database unless asked to', () => {
    const { stderr, status } = repl([path('new.fs')], '');
    expect([status, /no such file/.test(stderr)]).to.deep.equal([2, true]);
    const { stdout } = repl(['--create', path('new.fs')], "root.set('a', { b: [1] })\ncommit()\n");
    expect(stdout).to.include('1 objects');
    rmSync(path('new.fs.index'), { force: true });
    expect(repl(['--read-only', path('new.fs')], "root.get('a')\n").stdout).to.include(
      "{'b': [1]}",
    );
  });
});

function repl(args: readonly string[], input: string) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', bin, 'repl', ...args],
    { input, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  return { stdout, stderr, status };
}

/** Types the lines, each when the prompt of the one before is there, and gives what the terminal shows at the end. */
async function converse(file: string, history: string, lines: readonly string[]): Promise<string> {
  const command = [process.execPath, '--import', 'tsx', bin, 'repl', file].join(' ');
  const child = spawn('script', ['-qec', `stty cols 200; ${command}`, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '1', ZODB_REPL_HISTORY: history },
  });
  const screen = new Screen();
  child.stdout.setEncoding('utf8').on('data', (output: string) => screen.write(output));
  const closed = new Promise((resolve) => child.on('close', resolve));
  for (const line of lines) {
    await until(child, () => /(zodb>|\.\.\.|\|)$/.test(screen.text));
    const ends = !line.endsWith(TAB);
    const before = screen.text;
    child.stdin.write(ends ? `${line}\r` : line);
    await until(
      child,
      () => screen.text !== before && (ends || !screen.text.endsWith(line.trim())),
    );
    if (!ends) {
      const completed = screen.text;
      child.stdin.write('\r');
      await until(child, () => screen.text !== completed);
    }
  }
  await closed;
  return `${screen.text.trimEnd()}\n`;
}

async function until(child: ChildProcess, condition: () => boolean): Promise<void> {
  for (let waited = 0; child.exitCode === null; waited += 10) {
    // Twice, for output comes in pieces.
    if (condition()) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (condition()) return;
    }
    if (waited > 20_000) throw new Error('the dialogue does not go on');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

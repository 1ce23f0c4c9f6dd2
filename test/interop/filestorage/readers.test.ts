// One process writes a file and packs it twice, others read it meanwhile: four in Node, which follow it in different ways, and
// two in Python. A model says what each snapshot must hold.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { testFolder } from '../../filestorage/folder.ts';
import { peer } from '../peers.ts';
import type { Reading, Style, Writing } from './readers-child.ts';

// A minute on request, a quarter in CI.
const SECONDS = process.env['ZODB_LIMITS'] === 'all' ? 60 : process.env['CI'] === 'true' ? 15 : 6;
const STYLES: readonly Style[] = ['anew', 'changes', 'slowly', 'reopening'];
/** Seconds that the readers in Python pause amid their reading. */
const PAUSES = ['0', '0.2'];

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

describe('a file that one process writes, and packs twice', () => {
  const zodb = peer('zodb');
  const path = testFolder();
  const started: Child[] = [];
  afterEach(() => {
    for (const child of started.splice(0)) child.stop();
  });
  const node = (...args: string[]): Child => {
    const options = ['--import', 'tsx', script('readers-child.ts'), ...args];
    return remembered(new Child(process.execPath, options));
  };
  const remembered = (child: Child): Child => {
    started.push(child);
    return child;
  };

  it(`shows six readers of it whole transactions only, for ${SECONDS} seconds`, async function () {
    this.timeout((SECONDS + 120) * 1000);
    const file = path('Data.fs');
    const writer = node('writer', file, String(SECONDS));
    expect(await writer.line()).to.equal('ready');
    const readers = [
      ...STYLES.map((style) => node('reader', file, style)),
      ...PAUSES.map((pause) =>
        remembered(new Child(zodb.python, [script('readers.py'), file, pause])),
      ),
    ];
    for (const reader of readers) expect(await reader.line()).to.equal('ready');
    writer.say('go');
    const { last, packs } = JSON.parse(await writer.line()) as Writing;
    for (const reader of readers) reader.say(String(last));
    expect(packs).to.have.length(2);
    const bounds = [0, ...packs.flat(), last];
    for (const [number, reader] of readers.entries()) {
      const { versions, retried = 0 } = JSON.parse(await reader.line()) as Reading;
      const who = [...STYLES, ...PAUSES.map((pause) => `Python, pause ${pause}`)][number];
      expect(versions.at(-1), who).to.equal(last);
      expect(retried, who).to.be.at.most(packs.length);
      // Before, between and after the packs.
      for (const phase of [0, 2, 4]) {
        const [from, to] = [bounds[phase] as number, bounds[phase + 1] as number];
        const seen = new Set(versions.filter((version) => version >= from && version <= to));
        expect(seen.size, `${who}, transfers ${from} to ${to}`).to.be.at.least(3);
      }
      if (process.env['ZODB_LIMITS'] === 'all')
        console.log(`      ${who}: ${new Set(versions).size} of ${last} transfers seen`);
    }
  });
});

/** A process that is talked to in lines. */
class Child {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(program: string, args: readonly string[]) {
    this.#process = spawn(program, args, {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    this.#process.stderr.on('data', (text) => {
      this.#errors += text;
    });
    this.#process.stdin.on('error', () => undefined);
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`a process ended\n${this.#errors}`);
    return value;
  }

  say(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}

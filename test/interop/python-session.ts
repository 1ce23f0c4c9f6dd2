// A Python program that stays: it reads one command a line, as JSON, and answers each with a line of JSON.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export class PythonSession {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;
  #errors = '';

  /** `script` is a path in this folder. */
  constructor(python: string, script: string) {
    const file = fileURLToPath(new URL(script, import.meta.url));
    this.#process = spawn(python, [file], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' },
    });
    this.#process.stderr.on('data', (text) => {
      this.#errors += text;
    });
    this.#process.stdin.on('error', () => undefined);
    this.#lines = createInterface(this.#process.stdout);
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  async ask<T>(command: object): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`Python ended at ${JSON.stringify(command)}\n${this.#errors}`);
    return JSON.parse(value) as T;
  }

  close(): void {
    this.#lines.close();
    this.#process.stdin.end();
  }
}

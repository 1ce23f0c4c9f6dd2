// Runs the command `zodb` within the test's own process.

import { Readable, Writable } from 'node:stream';
import '../../src/register.ts';
import { runProgram } from '../../src/cli/program.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What `zodb ...args` prints, and what it ends with. */
export function zodb(...args: string[]): Promise<Ran> {
  return zodbWith([], ...args);
}

/** The same with `input` as standard input. */
export async function zodbWith(
  input: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ...args: string[]
): Promise<Ran> {
  const stdin = Readable.from(input, { objectMode: false });
  const stdout = new Collector();
  const stderr = new Collector();
  const code = await runProgram(args, { stdin, stdout, stderr });
  return {
    code,
    stdout: Buffer.concat(stdout.pieces),
    stderr: Buffer.concat(stderr.pieces).toString(),
  };
}

class Collector extends Writable {
  readonly pieces: Buffer[] = [];

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.pieces.push(piece);
    setImmediate(done);
  }
}

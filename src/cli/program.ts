// The command `zodb`: its subcommands, and how it ends. Names and options are those of zodbtools where it has the command.

import { createRequire } from 'node:module';
import { Readable, type Writable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import { isZodbError } from '../errors.ts';
import { addBackup, addRestoreBackup } from './backup.ts';
import { addCmp } from './cmp.ts';
import { type CommandContext, EXIT, type ExitCode } from './command-context.ts';
import { addCommit } from './commit.ts';
import { addDump } from './dump.ts';
import { addInfo } from './info.ts';
import { addLog } from './log.ts';
import { Output, ReaderGone } from './output.ts';
import { addPack } from './pack.ts';
import { Progress } from './progress.ts';
import { addRecover } from './recover.ts';
import { addReindex } from './reindex.ts';
import { addRepl } from './repl.ts';
import { addRestore } from './restore.ts';
import { addUndo } from './undo.ts';
import { addVerify } from './verify.ts';

const EXIT_CODES = `
Exit codes: 0 nothing wrong; 1 damage or a difference found, or not done; 2 used wrongly or cannot be opened.
A database that is only looked at is not locked: another process may have it open.`;

const COMMANDS = [
  addInfo,
  addDump,
  addLog,
  addCmp,
  addVerify,
  addRepl,
  addRecover,
  addReindex,
  addRestore,
  addCommit,
  addUndo,
  addPack,
  addBackup,
  addRestoreBackup,
];

/** Where the program reads and prints. */
export interface Streams {
  /** Default: nothing. */
  readonly stdin?: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/**
 * Runs `zodb` with the arguments after its name, and gives what it ends with: 0 nothing wrong, 1 damage or a difference
 * found, 2 used wrongly or a database that cannot be opened.
 */
export async function runProgram(args: readonly string[], streams: Streams): Promise<number> {
  const out = new Output(streams.stdout);
  let exit: ExitCode = EXIT.ok;
  const context: CommandContext = {
    out,
    stdout: streams.stdout,
    get stdin() {
      return streams.stdin ?? Readable.from([]);
    },
    progress: (what) => new Progress(streams.stderr, what),
    warn: (message) => void streams.stderr.write(`zodb: ${message}\n`),
    async run(command) {
      exit = await command();
    },
  };
  try {
    await makeProgram(context, streams).parseAsync(args, { from: 'user' });
  } catch (error) {
    exit = ended(error, context);
  }
  try {
    await out.flush();
  } catch (error) {
    if (!(error instanceof ReaderGone)) throw error;
  }
  return exit;
}

function makeProgram(context: CommandContext, streams: Streams): Command {
  const program = new Command('zodb')
    .description('Looks into ZODB databases, checks, changes and keeps them.')
    .version(version())
    // Behind the name of a command, -V is an option of that command.
    .enablePositionalOptions()
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.out.write(text),
      writeErr: (text) => void streams.stderr.write(text),
      outputError: (text) => context.warn(text.replace(/^error: /, '').trimEnd()),
    });
  for (const add of COMMANDS) add(program, context);
  return program;
}

function ended(error: unknown, context: CommandContext): ExitCode {
  if (error instanceof ReaderGone) return EXIT.ok;
  // Commander has said by now what is wrong; help that was asked for is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.failed;
  if (!isZodbError(error)) throw error;
  context.warn(error.message);
  return EXIT.failed;
}

function version(): string {
  const manifest = createRequire(import.meta.url)('../../package.json') as { version: string };
  return manifest.version;
}

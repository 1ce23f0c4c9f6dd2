// `zodb repl`: a database to look into and to change by hand, in Node's own read-eval-print loop.

import { homedir } from 'node:os';
import { join } from 'node:path';
import { type REPLEval, type REPLServer, start } from 'node:repl';
import { inspect } from 'node:util';
import type { Command } from 'commander';
import { isZodbError } from '../errors.ts';
import { parseTid } from '../tools/index.ts';
import type { Connection } from '../zodb/connection.ts';
import type { DB } from '../zodb/database.ts';
import { guarded } from '../zodb/guarded.ts';
import { formatId, type Tid } from '../zodb/ids.ts';
import { type OpenOptions, open } from '../zodb/open.ts';
import {
  type BlobOptions,
  blobDirOption,
  type CommandContext,
  EXIT,
  python2Option,
  type WritingOptions,
  withBlobs,
  writing,
} from './command-context.ts';
import { replNames } from './repl-names.ts';

interface Options extends WritingOptions, BlobOptions {
  readonly readOnly?: boolean;
  readonly at?: string;
  readonly create?: boolean;
}

/** `zodb repl [options] <storage>` */
export function addRepl(program: Command, context: CommandContext): void {
  program
    .command('repl')
    .summary('look into a database, and change it, line by line')
    .description(
      'Starts JavaScript with the database at hand: root, connection, db, transaction, commit(), abort(), and the names of this package. `names()` lists them. What is not committed is lost at the end.',
    )
    .argument('<storage>', 'path or URL of the database')
    .option('--read-only', 'open for reading: nothing is locked or changed')
    .option('--at <moment>', 'as of this transaction or time, for reading')
    .option('--create', 'make the database if it is not there')
    .addOption(blobDirOption('blobs can be read and changed'))
    .addOption(python2Option())
    .action((url: string, options: Options) =>
      context.run(async () => {
        const readOnly = options.readOnly === true || options.at !== undefined;
        const opening: OpenOptions = readOnly
          ? { readOnly }
          : { ...writing(options), create: options.create ?? false };
        const db = open(url, { ...opening, ...withBlobs(options) });
        try {
          const connection = db.open(
            options.at === undefined ? {} : { at: momentIn(db, options.at) },
          );
          await dialogue(context, url, db, connection);
          if (connection.hasChanges()) context.warn('changes that were not committed are lost');
          connection[Symbol.dispose]();
          return EXIT.ok;
        } finally {
          db[Symbol.dispose]();
        }
      }),
    );
}

/** A moment of the database's past: `now` is that of its newest transaction. */
function momentIn(db: DB, text: string): Tid {
  const moment = parseTid(text);
  const last = db.lastTransaction();
  if (moment > last) return last;
  return moment;
}

/** Reads, evaluates and prints until the input ends. */
async function dialogue(
  context: CommandContext,
  url: string,
  db: DB,
  connection: Connection,
): Promise<void> {
  const { isReadOnly, storage } = connection;
  await context.out.write(
    `${url}: ${storage.length()} objects, last transaction ${formatId(storage.lastTransaction())}${isReadOnly ? ', read-only' : ''}\nnames() lists what is at hand, .exit ends\n`,
  );
  await context.out.flush();
  const server = startLoop(context, db, connection);
  await new Promise<void>((resolve) => server.on('exit', resolve));
}

function startLoop(context: CommandContext, db: DB, connection: Connection): REPLServer {
  const { stdout } = context;
  const terminal = (stdout as { isTTY?: boolean }).isTTY === true;
  const colors =
    terminal && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb';
  const server = start({
    prompt: 'zodb> ',
    input: context.stdin,
    output: stdout,
    terminal,
    useColors: colors,
    // What has not been typed yet must not load objects.
    preview: false,
    ignoreUndefined: true,
    // A context of its own would have an Object of its own, whose objects are none for the rest of the package.
    useGlobal: true,
    writer: (value: unknown) =>
      value instanceof Error ? inOneLine(value) : inspect(value, { colors }),
  });
  const evaluateCode = server.eval;
  // Array memory that cannot be loaded becomes an error of the line that touched it.
  const evaluate: REPLEval = (...line) => guarded(() => evaluateCode.apply(server, line));
  Object.assign(server, { eval: evaluate });
  Object.defineProperties(
    server.context,
    Object.getOwnPropertyDescriptors(replNames(db, connection, (text) => stdout.write(text))),
  );
  if (terminal) server.setupHistory(historyFile(), () => {});
  return server;
}

/** Where lines are remembered: `ZODB_REPL_HISTORY`, where an empty one means nowhere. */
function historyFile(): string {
  return process.env['ZODB_REPL_HISTORY'] ?? join(homedir(), '.zodb_repl_history');
}

/** What a line threw: where in this program it was thrown is of no use here. `_error` has the error itself. */
function inOneLine(error: Error): string {
  return isZodbError(error) ? `${error.name} [${error.code}]: ${error.message}` : String(error);
}

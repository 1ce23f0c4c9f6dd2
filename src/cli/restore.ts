// `zodb restore`: the transactions of a dump, made again.

import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { isZodbError } from '../errors.ts';
import { restoreDump } from '../tools/index.ts';
import { formatId } from '../zodb/ids.ts';
import { openStorage } from '../zodb/open.ts';
import {
  type CommandContext,
  EXIT,
  pathOf,
  python2Option,
  type WritingOptions,
  writing,
} from './command-context.ts';
import { writeNewFile } from './new-file.ts';

const CANNOT_OPEN: ReadonlySet<string> = new Set(['LOCK', 'LOCK_UNAVAILABLE', 'FORMAT']);

/** `zodb restore <storage> < dump` */
export function addRestore(program: Command, context: CommandContext): void {
  program
    .command('restore')
    .summary('make the transactions of a dump again')
    .description(
      'Reads transactions from standard input, in the format of `zodb dump`, and makes them in the database with the same ids. Prints the id of each. A database file that is not there is made.',
    )
    .argument('<storage>', 'path or URL of the database')
    .addOption(python2Option())
    .action((url: string, options: WritingOptions) =>
      context.run(async () => {
        const path = pathOf(url);
        try {
          if (path === undefined || existsSync(path)) await restore(context, url, options);
          else await writeNewFile(path, (part) => restore(context, part, options));
          return EXIT.ok;
        } catch (error) {
          if (!isZodbError(error) || CANNOT_OPEN.has(error.code)) throw error;
          // What the dump or the database has against it is not a fault of the command line.
          context.warn(error.message);
          return EXIT.found;
        }
      }),
    );
}

async function restore(
  context: CommandContext,
  url: string,
  options: WritingOptions,
): Promise<void> {
  const storage = openStorage(url, writing(options));
  const progress = context.progress(`restoring ${url}`);
  let transactions = 0;
  try {
    for await (const tid of restoreDump(storage, context.stdin)) {
      await context.out.write(`${formatId(tid)}\n`);
      progress.tell(++transactions, undefined, 'transactions');
    }
  } finally {
    progress.end();
    storage.close();
  }
}

// `zodb commit`: one transaction, written by hand.

import type { Command } from 'commander';
import { commitDump, parseTid } from '../tools/index.ts';
import { openStorage } from '../zodb/open.ts';
import {
  type CommandContext,
  printCommitted,
  python2Option,
  type WritingOptions,
  writing,
} from './command-context.ts';

/** `zodb commit <storage> <at> < transaction` */
export function addCommit(program: Command, context: CommandContext): void {
  program
    .command('commit')
    .summary('commit a transaction that standard input describes')
    .description(
      'Reads one transaction from standard input, in the format of `zodb dump` without its first line `txn`, commits it, and prints its id. Records are stored as they are given: nothing checks what is in them.',
    )
    .argument('<storage>', 'path or URL of the database')
    .argument(
      '<at>',
      'the newest transaction that you know of: if one of the objects was changed later, nothing is committed',
    )
    .addOption(python2Option())
    .action((url: string, at: string, options: WritingOptions) =>
      context.run(async () => {
        const seen = parseTid(at);
        const storage = openStorage(url, { ...writing(options), create: false });
        return printCommitted(context, storage, () => commitDump(storage, seen, context.stdin));
      }),
    );
}

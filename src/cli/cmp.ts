// `zodb cmp`: whether two databases are the same.

import type { Command } from 'commander';
import { firstDifference, parseTidRange } from '../tools/index.ts';
import { type CommandContext, EXIT, withStorage } from './command-context.ts';

interface Options {
  readonly verbose?: boolean;
}

/** `zodb cmp [options] <storage1> <storage2> [tidmin..tidmax]` */
export function addCmp(program: Command, context: CommandContext): void {
  program
    .command('cmp')
    .summary('compare two databases')
    .description(
      'Compares two databases transaction by transaction: texts and records. Ends with 0 where they are equal, with 1 where not.',
    )
    .argument('<storage1>', 'path or URL of a database')
    .argument('<storage2>', 'path or URL of the other')
    .argument('[tidrange]', 'tidmin..tidmax: the transactions to compare')
    .option('-v, --verbose', 'say what the first difference is')
    .action((one: string, two: string, tidRange: string | undefined, options: Options) =>
      context.run(() => {
        const range = parseTidRange(tidRange ?? '..');
        const progress = context.progress(`comparing ${one} with ${two}`);
        return withStorage(context, one, (first) =>
          withStorage(context, two, async (second) => {
            const difference = firstDifference(first, second, {
              range,
              onProgress: (transactions) => progress.tell(transactions, undefined, 'transactions'),
            });
            progress.end();
            if (options.verbose)
              await context.out.write(
                difference === undefined ? 'equal\n' : `not-equal: ${difference}\n`,
              );
            return difference === undefined ? EXIT.ok : EXIT.found;
          }),
        );
      }),
    );
}

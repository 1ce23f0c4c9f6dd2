// `zodb dump`: everything in a database, as text.

import { type Command, Option } from 'commander';
import { dump, parseTidRange } from '../tools/index.ts';
import { type CommandContext, EXIT, withStorage } from './command-context.ts';

interface Options {
  readonly hashonly?: boolean;
  readonly pretty: 'raw' | 'zpickledis';
}

/** `zodb dump [options] <storage> [tidmin..tidmax]` */
export function addDump(program: Command, context: CommandContext): void {
  program
    .command('dump')
    .summary('print everything in a database, or in a part of its history')
    .description(
      'Prints all transactions with all their data, in the format from which zodbtools can restore the database.',
    )
    .argument('<storage>', 'path or URL of the database')
    .argument(
      '[tidrange]',
      'tidmin..tidmax: the transactions from tidmin to tidmax, both included; each is 16 hex digits, or left out',
    )
    .option('--hashonly', 'print no data, only their hashes')
    .addOption(
      new Option(
        '--pretty <format>',
        'how to print: raw, from which the database can be restored, or zpickledis, which shows the opcodes of pickles',
      )
        .choices(['raw', 'zpickledis'])
        .default('raw'),
    )
    .action((url: string, tidRange: string | undefined, options: Options) =>
      context.run(() => {
        const range = parseTidRange(tidRange ?? '..');
        return withStorage(context, url, async (storage) => {
          const { hashonly: hashOnly = false, pretty } = options;
          for (const piece of dump(storage, { range, hashOnly, pretty }))
            await context.out.write(piece);
          return EXIT.ok;
        });
      }),
    );
}

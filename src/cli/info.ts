// `zodb info`: what a database is.

import type { Command } from 'commander';
import { INFO_PARAMETERS, info } from '../tools/index.ts';
import { type CommandContext, EXIT, withStorage } from './command-context.ts';

/** `zodb info <storage> [parameter...]` */
export function addInfo(program: Command, context: CommandContext): void {
  program
    .command('info')
    .summary('show what a database is: its name, size and newest transaction')
    .description(
      'Shows all parameters of a database, or the values of those that are named, a line each.',
    )
    .argument('<storage>', 'path or URL of the database')
    .argument('[parameter...]', `any of ${INFO_PARAMETERS.join(', ')}`)
    .action((url: string, parameters: readonly string[]) =>
      context.run(() =>
        withStorage(context, url, async (storage) => {
          const lines =
            parameters.length > 0
              ? parameters.map((name) => info(storage, name))
              : INFO_PARAMETERS.map((name) => `${name}=${info(storage, name)}`);
          for (const line of lines) await context.out.write(`${line}\n`);
          return EXIT.ok;
        }),
      ),
    );
}

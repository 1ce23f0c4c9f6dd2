// `zodb reindex`: makes the index file of a data file again.

import type { Command } from 'commander';
import { FileStorage } from '../filestorage/index.ts';
import {
  type CommandContext,
  EXIT,
  python2Option,
  type WritingOptions,
  writing,
} from './command-context.ts';

interface Options extends WritingOptions {
  readonly json?: boolean;
}

/** `zodb reindex [options] <file>` */
export function addReindex(program: Command, context: CommandContext): void {
  program
    .command('reindex')
    .summary('make the index file of a data file again')
    .description(
      'Scans the whole data file and writes FILE.index, whatever stands in it now. One that is missing or does not fit is made whenever the file is opened for writing; this is for one that is not trusted.',
    )
    .argument('<file>', 'path of the data file')
    .option('--json', 'print the result as JSON')
    .addOption(python2Option())
    .action((file: string, options: Options) =>
      context.run(async () => {
        const opening = { ...writing(options), create: false, reindex: true };
        using storage = new FileStorage(file, opening);
        const objects = storage.length();
        const said = options.json
          ? JSON.stringify({ file, objects, size: storage.size() }, null, 2)
          : `${objects} objects in ${storage.size()} bytes`;
        await context.out.write(`${said}\n`);
        return EXIT.ok;
      }),
    );
}

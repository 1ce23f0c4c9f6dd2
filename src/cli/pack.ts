// `zodb pack`: removes what no one can see any more.

import { type Command, Option } from 'commander';
import { parseTid } from '../tools/index.ts';
import { StorageError } from '../zodb/errors.ts';
import { formatId, type Tid } from '../zodb/ids.ts';
import { openStorage } from '../zodb/open.ts';
import type { PackReport } from '../zodb/storage.ts';
import { tidOfDate } from '../zodb/time.ts';
import {
  type BlobOptions,
  blobDirOption,
  type CommandContext,
  EXIT,
  nonNegativeNumber,
  python2Option,
  type WritingOptions,
  withBlobs,
  writing,
} from './command-context.ts';

const DAY = 86_400_000;

interface Options extends WritingOptions, BlobOptions {
  readonly days?: number;
  readonly before?: string;
  readonly dryRun?: boolean;
  readonly gc: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** `zodb pack [options] <storage>` */
export function addPack(program: Command, context: CommandContext): void {
  program
    .command('pack')
    .summary('remove old revisions, and objects that nothing refers to')
    .description(
      'Removes revisions that were replaced before the given moment, and objects that nothing reachable refers to. A data file is kept beside it as NAME.old.',
    )
    .argument('<storage>', 'path or URL of the database')
    .option('--days <number>', 'keep the history of so many days (default: 0)', nonNegativeNumber)
    .addOption(
      new Option('--before <moment>', 'keep the history since then: a tid or a time').conflicts(
        'days',
      ),
    )
    .option('--no-gc', 'keep objects that nothing refers to')
    .option('--strict', 'refuse where a record refers to an object that is not there')
    .addOption(blobDirOption('those of removed revisions are removed, too'))
    .option('--dry-run', 'change nothing, only say what would be removed')
    .option('--json', 'print the result as JSON')
    .addOption(python2Option())
    .action((url: string, options: Options) =>
      context.run(async () => {
        const storage = openStorage(url, {
          ...writing(options),
          ...withBlobs(options),
          create: false,
          readOnly: options.dryRun ?? false,
        });
        const progress = context.progress(`packing ${url}`);
        try {
          if (storage.pack === undefined)
            throw new StorageError('the storage cannot be packed', { file: storage.name });
          const report = storage.pack({
            before: momentOf(options),
            gc: options.gc,
            dryRun: options.dryRun ?? false,
            strict: options.strict ?? false,
            onProgress: ({ done, total }) => progress.tell(done, total),
          });
          progress.end();
          await context.out.write(options.json ? json(report) : said(report, options));
          return EXIT.ok;
        } finally {
          progress.end();
          storage.close();
        }
      }),
    );
}

function momentOf({ before, days = 0 }: Options): Tid {
  if (before !== undefined) return parseTid(before);
  return tidOfDate(new Date(Date.now() - days * DAY));
}

function said(report: PackReport, options: Options): string {
  const { sizeBefore, sizeAfter, objectsBefore, objectsAfter, recordsRemoved } = report;
  const lines = [
    options.dryRun ? 'would remove:' : report.packed ? 'removed:' : 'nothing to remove',
    `  ${recordsRemoved} records, ${objectsBefore - objectsAfter} of ${objectsBefore} objects, ${report.blobsRemoved} blobs`,
    `  ${sizeBefore - sizeAfter} of ${sizeBefore} bytes`,
  ];
  for (const { from, to } of report.dangling)
    lines.push(`${formatId(from)} refers to ${formatId(to)}, which is not there`);
  const more = report.danglingCount - report.dangling.length;
  if (more > 0) lines.push(`and ${more} more such references`);
  return `${lines.join('\n')}\n`;
}

function json(report: PackReport): string {
  const dangling = report.dangling.map(({ from, to }) => ({
    from: formatId(from),
    to: formatId(to),
  }));
  return `${JSON.stringify({ ...report, dangling }, null, 2)}\n`;
}

// `zodb recover`: what can be read of a damaged data file.

import type { Command } from 'commander';
import { type RecoverReport, recover } from '../filestorage/index.ts';
import { formatId } from '../zodb/ids.ts';
import { type CommandContext, EXIT } from './command-context.ts';
import { writeNewFile } from './new-file.ts';

interface Options {
  readonly partial?: boolean;
  readonly json?: boolean;
}

/** `zodb recover [options] <file> <new-file>` */
export function addRecover(program: Command, context: CommandContext): void {
  program
    .command('recover')
    .summary('copy what can be read of a damaged data file')
    .description(
      'Copies every transaction that can be read into a new file, and says what is lost: which parts of the file are damaged, and which records are missing. The damaged file is only read. Ends with 1 if anything is lost.',
    )
    .argument('<file>', 'path of the damaged data file')
    .argument('<new-file>', 'path of the file to make')
    .option('-p, --partial', 'keep what is left of transactions whose end is lost')
    .option('--json', 'print the report as JSON')
    .action((file: string, target: string, options: Options) =>
      context.run(() =>
        writeNewFile(target, async (part) => {
          const progress = context.progress(`recovering ${file}`);
          const report = recover(file, part, {
            partial: options.partial ?? false,
            onProgress: ({ done, total }) => progress.tell(done, total),
          });
          progress.end();
          await context.out.write(options.json ? json(report) : said(report));
          return report.spanCount + report.lostRecordCount > 0 ? EXIT.found : EXIT.ok;
        }),
      ),
    );
}

function said(report: RecoverReport): string {
  const { transactions, records, sizeBefore, sizeAfter } = report;
  const lines = [
    `${transactions} transactions with ${records} records, ${sizeAfter} of ${sizeBefore} bytes`,
    ...report.spans.map(({ start, end, message }) => `lost: bytes ${start} to ${end}: ${message}`),
    ...more(report.spanCount - report.spans.length, 'parts'),
    ...report.lostRecords.map(
      ({ oid, tid, message }) => `lost: object ${formatId(oid)} of ${formatId(tid)}: ${message}`,
    ),
    ...more(report.lostRecordCount - report.lostRecords.length, 'records'),
    ...report.changedTids.map(
      ({ from, to }) => `transaction ${formatId(from)} is ${formatId(to)} now, to be in order`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function more(count: number, what: string): string[] {
  return count > 0 ? [`and ${count} more ${what}`] : [];
}

function json(report: RecoverReport): string {
  const ids = (_: string, value: unknown) => (typeof value === 'bigint' ? formatId(value) : value);
  return `${JSON.stringify(report, ids, 2)}\n`;
}

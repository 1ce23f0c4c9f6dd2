// `zodb verify`: whether every transaction and record of a database can be read.

import type { Command } from 'commander';
import { isZodbError } from '../errors.ts';
import {
  isDamaged,
  unreadable,
  type VerifyCounts,
  type VerifyResult,
  verify,
} from '../tools/index.ts';
import type { PlacedError } from '../zodb/errors.ts';
import type { Storage } from '../zodb/storage.ts';
import {
  type BlobOptions,
  blobDirOption,
  type CommandContext,
  EXIT,
  type ExitCode,
  withStorage,
} from './command-context.ts';

interface Options extends BlobOptions {
  readonly roundtrip?: boolean;
  readonly json?: boolean;
}

/** `zodb verify [options] <storage>` */
export function addVerify(program: Command, context: CommandContext): void {
  program
    .command('verify')
    .summary('check a database, record by record')
    .description(
      'Reads every transaction and decodes every record. Ends with 1 if anything is wrong, and says where.',
    )
    .argument('<storage>', 'path or URL of the database')
    .option(
      '--roundtrip',
      'also encode every record again, and count those that are identical (the same bytes), equal (other bytes that mean the same) and different',
    )
    .addOption(blobDirOption('whether all are there is looked at'))
    .option('--json', 'print the result as JSON')
    .action((url: string, options: Options) =>
      context.run(async () => {
        try {
          const check = async (storage: Storage): Promise<ExitCode> => {
            const result = verify(storage, { roundtrip: options.roundtrip ?? false });
            await print(context, url, options, result);
            return isDamaged(result) ? EXIT.found : EXIT.ok;
          };
          return await withStorage(context, url, check, options);
        } catch (error) {
          if (!isZodbError(error, 'CORRUPTED')) throw error;
          await print(context, url, options, unreadable(error as PlacedError));
          return EXIT.found;
        }
      }),
    );
}

async function print(
  { out }: CommandContext,
  file: string,
  options: Options,
  result: VerifyResult,
): Promise<void> {
  if (options.json) {
    await out.write(`${JSON.stringify({ file, ...result }, null, 2)}\n`);
    return;
  }
  const { transactions, problems, moreProblems, classes } = result;
  await out.write(`${file}: ${transactions} transactions, ${counts(result, options)}\n`);
  for (const name of Object.keys(classes).sort())
    await out.write(`  ${name}: ${counts(classes[name] as VerifyCounts, options)}\n`);
  for (const problem of problems) await out.write(`problem: ${describe(problem)}\n`);
  if (moreProblems > 0) await out.write(`and ${moreProblems} more problems\n`);
}

function counts(counted: VerifyCounts, { roundtrip }: Options): string {
  const { records, identical, equal, different, failed } = counted;
  const parts = roundtrip
    ? [`${identical} identical`, `${equal} equal`, `${different} different`]
    : [];
  return `${records} records (${[...parts, `${failed} failed`].join(', ')})`;
}

function describe(problem: VerifyResult['problems'][number]): string {
  const { position, oid, tid, message } = problem;
  const place = [oid && `oid ${oid}`, tid && `tid ${tid}`, position && `position ${position}`];
  const named = place.filter((part) => part && !message.includes(part));
  return named.length === 0 ? message : `${message} (${named.join(', ')})`;
}

// `zodb backup` and `zodb restore-backup`: a folder of full and incremental backups, as repozo's.

import { type Command, Option } from 'commander';
import { type BackupResult, backup, restoreBackup, verifyBackup } from '../filestorage/index.ts';
import { parseTid } from '../tools/index.ts';
import { dateOfTid } from '../zodb/time.ts';
import { type CommandContext, EXIT } from './command-context.ts';

interface BackupFlags {
  readonly full?: boolean;
  readonly quick?: boolean;
  readonly gzip?: boolean;
  readonly killOldOnFull?: boolean;
  readonly json?: boolean;
}

/** `zodb backup [options] <file> <repository>` */
export function addBackup(program: Command, context: CommandContext): void {
  program
    .command('backup')
    .summary('back up a data file: all of it, or what was added since the last time')
    .description(
      'Copies the data file into a folder of backups, up to its last complete transaction, while programs may be using it. Where the folder has a backup of the same file, only what was added since is copied. repozo can go on with the folder, and this command with repozo’s.',
    )
    .argument('<file>', 'path of the data file')
    .argument('<repository>', 'folder of the backups')
    .option('-F, --full', 'back up the whole file, even if an increment were possible')
    .option('-Q, --quick', 'compare only what the last backup copied, not all that is backed up')
    .option('-z, --gzip', 'compress the backup')
    .option('-k, --kill-old-on-full', 'after a full backup, remove the older ones')
    .option('--json', 'print the result as JSON')
    .action((file: string, repository: string, flags: BackupFlags) =>
      context.run(async () => {
        const progress = context.progress(`backing up ${file}`);
        const result = await backup(file, repository, {
          full: flags.full ?? false,
          quick: flags.quick ?? false,
          gzip: flags.gzip ?? false,
          removeOld: flags.killOldOnFull ?? false,
          onProgress: ({ done, total }) => progress.tell(done, total),
        });
        progress.end();
        await context.out.write(
          flags.json ? `${JSON.stringify(result, null, 2)}\n` : `${said(result)}\n`,
        );
        return EXIT.ok;
      }),
    );
}

function said({ kind, reason, file, start, end }: BackupResult): string {
  if (kind === 'unchanged') return 'nothing to back up: the file has not changed';
  const why = reason === undefined ? '' : ` (${reason})`;
  return `${file}: ${kind === 'full' ? 'full backup' : 'increment'}, ${end - start} bytes${why}`;
}

interface RestoreFlags {
  readonly date?: string;
  readonly output?: string;
  readonly verify?: boolean;
  readonly quick?: boolean;
  readonly overwrite?: boolean;
}

/** `zodb restore-backup [options] <repository> [file]` */
export function addRestoreBackup(program: Command, context: CommandContext): void {
  program
    .command('restore-backup')
    .summary('make a data file from backups, or check them')
    .description(
      'Makes a data file from a folder of backups that `zodb backup` or repozo wrote. All sums are checked; where one is wrong no file is made.',
    )
    .argument('<repository>', 'folder of the backups')
    .argument('[file]', 'path of the data file to make; not with --verify')
    .option(
      '-D, --date <time>',
      'the state at that time, such as 2026-11-23T03:17:00Z or yesterday',
    )
    .option('--overwrite', 'replace a file that is there')
    .option('-V, --verify', 'make nothing, only check the backups')
    .addOption(
      new Option('-Q, --quick', 'with --verify: check lengths, not sums').implies({ verify: true }),
    )
    .action((repository: string, file: string | undefined, flags: RestoreFlags, command: Command) =>
      context.run(async () => {
        const date = flags.date === undefined ? {} : { date: dateOfTid(parseTid(flags.date)) };
        if (flags.verify) {
          if (file !== undefined) command.error('error: --verify makes no file');
          const files = await verifyBackup(repository, { ...date, quick: flags.quick ?? false });
          for (const name of files) await context.out.write(`${name}: ok\n`);
          return EXIT.ok;
        }
        if (file === undefined) command.error("error: missing required argument 'file'");
        const progress = context.progress(`restoring ${file}`);
        const { file: last, size } = await restoreBackup(repository, file, {
          ...date,
          overwrite: flags.overwrite ?? false,
          onProgress: ({ done, total }) => progress.tell(done, total),
        });
        progress.end();
        await context.out.write(`${file}: ${size} bytes, as of ${last}\n`);
        return EXIT.ok;
      }),
    );
}

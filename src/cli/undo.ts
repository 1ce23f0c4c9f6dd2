// `zodb undo`: takes back what transactions did, by a new one.

import type { Command } from 'commander';
import { StorageError } from '../zodb/errors.ts';
import { formatId, type Tid, tid as toTid } from '../zodb/ids.ts';
import { open } from '../zodb/open.ts';
import type { Storage } from '../zodb/storage.ts';
import {
  type BlobOptions,
  blobDirOption,
  type CommandContext,
  printCommitted,
  python2Option,
  type WritingOptions,
  withBlobs,
  writing,
} from './command-context.ts';

interface Options extends WritingOptions, BlobOptions {
  readonly note?: string;
  readonly user?: string;
}

/** `zodb undo [options] <storage> <tid...>` */
export function addUndo(program: Command, context: CommandContext): void {
  program
    .command('undo')
    .summary('undo transactions')
    .description(
      'Undoes transactions, the newest first, in one new transaction, whose id is printed. Where later transactions changed the same objects in a way that cannot be merged, nothing is done.',
    )
    .argument('<storage>', 'path or URL of the database')
    .argument('<tid...>', 'ids of the transactions, as `zodb log` shows them')
    .option('--note <text>', 'description of the new transaction')
    .option('--user <name>', 'user of the new transaction')
    .addOption(blobDirOption('those of before become current again'))
    .addOption(python2Option())
    .action((url: string, ids: readonly string[], options: Options) =>
      context.run(async () => {
        const tids = ids.map((id) => toTid(id)).sort((a, b) => (a < b ? 1 : -1));
        // A database, not only its storage: objects of known classes can merge what was done since.
        const db = open(url, { ...writing(options), ...withBlobs(options), create: false });
        return printCommitted(context, db, () => undo(db.storage, tids, options));
      }),
    );
}

function undo(storage: Storage, tids: readonly Tid[], { note, user }: Options): Tid {
  const description = note ?? `undo ${tids.map(formatId).join(' ')}`;
  const transaction = storage.begin({ description, user });
  try {
    for (const tid of tids) {
      if (transaction.undo === undefined)
        throw new StorageError('the storage cannot undo', { file: storage.name });
      transaction.undo(tid);
    }
    transaction.vote();
    return transaction.finish();
  } catch (error) {
    transaction.abort();
    throw error;
  }
}

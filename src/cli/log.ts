// `zodb log`: the newest transactions of a database, or the revisions of one object.

import type { Command } from 'commander';
import { StorageError } from '../zodb/errors.ts';
import { formatId, oid as toOid } from '../zodb/ids.ts';
import type { HistoryEntry, Storage } from '../zodb/storage.ts';
import { dateOfTid, formatTidTime } from '../zodb/time.ts';
import { type CommandContext, EXIT, positiveInteger, withStorage } from './command-context.ts';

interface Options {
  readonly limit: number;
  readonly oid?: string;
  readonly json?: boolean;
}

/** `zodb log [options] <storage>` */
export function addLog(program: Command, context: CommandContext): void {
  program
    .command('log')
    .summary('show the newest transactions, or the history of an object')
    .description(
      'Shows transactions that can be undone, newest first: id, time, size in bytes, user, description.',
    )
    .argument('<storage>', 'path or URL of the database')
    .option('-n, --limit <number>', 'how many', positiveInteger, 20)
    .option('--oid <oid>', 'only those that changed this object, and the size of its record')
    .option('--json', 'print JSON')
    .action((url: string, options: Options) =>
      context.run(() =>
        withStorage(context, url, async (storage) => {
          const entries = entriesOf(storage, options);
          if (options.json)
            await context.out.write(`${JSON.stringify(entries.map(plain), null, 2)}\n`);
          else for (const entry of entries) await context.out.write(`${line(entry)}\n`);
          return EXIT.ok;
        }),
      ),
    );
}

function entriesOf(storage: Storage, { oid, limit }: Options): readonly HistoryEntry[] {
  const cannot = (what: string) =>
    new StorageError(`the storage keeps no ${what}`, { file: storage.name });
  if (oid !== undefined) {
    if (storage.history === undefined) throw cannot('history of objects');
    return storage.history(toOid(oid), limit);
  }
  if (storage.undoLog === undefined) throw cannot('log of transactions');
  return storage.undoLog({ limit });
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function line({ tid, size, user, description }: HistoryEntry): string {
  const who = user.length === 0 ? '' : `  ${JSON.stringify(text(user))}`;
  const what = description.length === 0 ? '' : `  ${text(description).split('\n')[0]}`;
  return `${formatId(tid)}  ${formatTidTime(tid)}  ${size}${who}${what}`;
}

function plain({ tid, size, user, description }: HistoryEntry): object {
  return {
    tid: formatId(tid),
    time: dateOfTid(tid).toISOString(),
    size,
    user: text(user),
    description: text(description),
  };
}

// The dump of a storage: everything in it, transaction by transaction, in zodbtools' half textual format, from which the
// same storage can be made again:
//
//   txn <tid> <status>
//   user <user>
//   description <description>
//   extension <raw extension>
//   obj <oid> delete | obj <oid> from <tid> | obj <oid> <size> sha1:<hash> (- | LF <data>)
//   <empty line>

import { createHash } from 'node:crypto';
import { formatId } from '../zodb/ids.ts';
import type { DataRecord, Storage, TidRange } from '../zodb/storage.ts';
import { quote } from './quote.ts';

/** What a dump holds. */
export interface DumpOptions {
  /** The transactions wanted; all of them by default. */
  readonly range?: TidRange;
  /** `-` in place of the data. */
  readonly hashOnly?: boolean;
}

/** The dump of `storage`, in pieces. */
export function* dump(storage: Storage, options: DumpOptions = {}): Generator<string | Uint8Array> {
  for (const transaction of storage.iterate(options.range)) {
    yield [
      `txn ${formatId(transaction.tid)} ${quote(new TextEncoder().encode(transaction.status))}\n`,
      `user ${quote(transaction.user)}\n`,
      `description ${quote(transaction.description)}\n`,
      `extension ${quote(transaction.extension)}\n`,
    ].join('');
    // zodbtools orders the records of a transaction by oid.
    const records = [...transaction.records()].sort(byOid);
    for (const record of records) yield* dumpRecord(record, options.hashOnly ?? false);
    yield '\n';
  }
}

function byOid(a: DataRecord, b: DataRecord): number {
  return a.oid < b.oid ? -1 : a.oid > b.oid ? 1 : 0;
}

function* dumpRecord(record: DataRecord, hashOnly: boolean): Generator<string | Uint8Array> {
  const { data, dataTid } = record;
  const oid = formatId(record.oid);
  if (data === undefined) yield `obj ${oid} delete\n`;
  else if (dataTid !== undefined) yield `obj ${oid} from ${formatId(dataTid)}\n`;
  else {
    const hash = createHash('sha1').update(data).digest('hex');
    yield `obj ${oid} ${data.length} sha1:${hash}${hashOnly ? ' -' : '\n'}`;
    if (!hashOnly) yield data;
    yield '\n';
  }
}

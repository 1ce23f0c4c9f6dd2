// The dump of a storage: everything in it, transaction by transaction, in zodbtools' half textual format, from which the
// same storage can be made again:
//
//   txn <tid> <status>
//   user <user>
//   description <description>
//   extension <raw extension>
//   obj <oid> delete | obj <oid> from <tid> | obj <oid> <size> sha1:<hash> (- | LF <data>)
//   <empty line>
//
// For people there is another form, which cannot be restored: in place of pickles it has their opcodes.

import { createHash } from 'node:crypto';
import { disassemble, PickleError } from '../pickle/index.ts';
import { formatId } from '../zodb/ids.ts';
import type { DataRecord, Storage, TidRange } from '../zodb/storage.ts';
import { quote } from './quote.ts';

/** What a dump holds. */
export interface DumpOptions {
  /** The transactions wanted; all of them by default. */
  readonly range?: TidRange;
  /** `-` in place of the data. */
  readonly hashOnly?: boolean;
  /** `'zpickledis'`: extensions and data as opcodes, in the lines of Python's `pickletools.dis`. Default: `'raw'`. */
  readonly pretty?: 'raw' | 'zpickledis';
}

/** The dump of `storage`, in pieces. */
export function* dump(storage: Storage, options: DumpOptions = {}): Generator<string | Uint8Array> {
  for (const transaction of storage.iterate(options.range)) {
    yield [
      `txn ${formatId(transaction.tid)} ${quote(new TextEncoder().encode(transaction.status))}\n`,
      `user ${quote(transaction.user)}\n`,
      `description ${quote(transaction.description)}\n`,
    ].join('');
    yield* dumpExtension(transaction.extension, options);
    // zodbtools orders the records of a transaction by oid.
    const records = [...transaction.records()].sort(byOid);
    for (const record of records) yield* dumpRecord(record, options);
    yield '\n';
  }
}

function byOid(a: DataRecord, b: DataRecord): number {
  return a.oid < b.oid ? -1 : a.oid > b.oid ? 1 : 0;
}

function* dumpExtension(extension: Uint8Array, { pretty }: DumpOptions): Generator<string> {
  if (pretty !== 'zpickledis' || extension.length === 0) yield `extension ${quote(extension)}\n`;
  else {
    yield 'extension\n';
    yield* opcodes(extension, 1);
  }
}

function* dumpRecord(
  record: DataRecord,
  { hashOnly = false, pretty }: DumpOptions,
): Generator<string | Uint8Array> {
  const { data, dataTid } = record;
  const oid = formatId(record.oid);
  if (data === undefined) yield `obj ${oid} delete\n`;
  else if (dataTid !== undefined) yield `obj ${oid} from ${formatId(dataTid)}\n`;
  else {
    const hash = createHash('sha1').update(data).digest('hex');
    yield `obj ${oid} ${data.length} sha1:${hash}${hashOnly ? ' -' : '\n'}`;
    if (!hashOnly && pretty === 'zpickledis') yield* opcodes(data, 2);
    else if (!hashOnly) yield data;
    yield '\n';
  }
}

/** The opcodes of so many pickles, and what stands behind them. */
function* opcodes(bytes: Uint8Array, pickles: number): Generator<string> {
  let end = 0;
  try {
    for (const opcode of disassemble(bytes)) {
      yield `${String(opcode).replaceAll(/^/gm, '  ')}\n`;
      if (opcode.name !== 'STOP') continue;
      end = opcode.offset + 1;
      if (--pickles === 0) break;
    }
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    yield `  ! ${error.message}\n`;
  }
  if (end < bytes.length) yield `  + extra data ${quote(bytes.subarray(end))}\n`;
}

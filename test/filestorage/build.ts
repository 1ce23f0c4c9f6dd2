// Data files made byte by byte, with what FileStorage itself does not write yet: undo's back pointers, packed and
// undone transactions.

import { writeFileSync } from 'node:fs';
import {
  DATA_HEADER,
  MAGICS,
  STATUS,
  TRANSACTION_HEADER,
  writeDataHeader,
  writeLong,
  writeTransactionHeader,
} from '../../src/filestorage/format.ts';
import type { Oid, Tid } from '../../src/zodb/ids.ts';

export interface BuiltRecord {
  readonly oid: bigint;
  /** The data, or the index of the transaction whose record of this oid they are; `null`: the object ceases to exist. */
  readonly data: string | Uint8Array | number | null;
}

export interface BuiltTransaction {
  readonly tid: bigint;
  readonly status?: keyof typeof STATUS;
  readonly user?: string | Uint8Array;
  readonly description?: string | Uint8Array;
  readonly extension?: string | Uint8Array;
  readonly records?: readonly BuiltRecord[];
}

/** Writes `file` with these transactions. */
export function buildFile(
  file: string,
  transactions: readonly BuiltTransaction[],
  magic: string = MAGICS.python3,
): void {
  const pieces: Uint8Array[] = [bytesOf(magic)];
  const newest = new Map<bigint, number>();
  const positions: Map<bigint, number>[] = [];
  let end = magic.length;
  for (const transaction of transactions) {
    const here = new Map<bigint, number>();
    const built = buildTransaction(transaction, end, newest, positions, here);
    positions.push(here);
    for (const [oid, position] of here) newest.set(oid, position);
    pieces.push(built);
    end += built.length;
  }
  writeFileSync(file, Buffer.concat(pieces));
}

function buildTransaction(
  transaction: BuiltTransaction,
  start: number,
  newest: ReadonlyMap<bigint, number>,
  earlier: readonly ReadonlyMap<bigint, number>[],
  here: Map<bigint, number>,
): Uint8Array {
  const texts = [transaction.user, transaction.description, transaction.extension].map(bytesOf);
  const [user, description, extension] = texts as [Uint8Array, Uint8Array, Uint8Array];
  const pieces: Uint8Array[] = [new Uint8Array(TRANSACTION_HEADER), ...texts];
  let length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  for (const { oid, data } of transaction.records ?? []) {
    const header = new Uint8Array(DATA_HEADER);
    const body = data === null || typeof data === 'number' ? new Uint8Array(8) : bytesOf(data);
    if (typeof data === 'number') writeLong(body, earlier[data]?.get(oid) as number, 0);
    writeDataHeader(
      header,
      {
        oid: oid as Oid,
        tid: transaction.tid as Tid,
        previous: newest.get(oid) ?? 0,
        transaction: start,
        versionLength: 0,
        length: data === null || typeof data === 'number' ? 0 : body.length,
      },
      0,
    );
    here.set(oid, start + length);
    pieces.push(header, body);
    length += header.length + body.length;
  }
  writeTransactionHeader(
    pieces[0] as Uint8Array,
    {
      tid: transaction.tid as Tid,
      length,
      status: STATUS[transaction.status ?? 'complete'],
      userLength: user.length,
      descriptionLength: description.length,
      extensionLength: extension.length,
    },
    0,
  );
  const trailer = new Uint8Array(8);
  writeLong(trailer, length, 0);
  return Buffer.concat([...pieces, trailer]);
}

function bytesOf(text: string | Uint8Array | undefined): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : (text ?? new Uint8Array());
}

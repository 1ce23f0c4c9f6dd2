// Commits of every kind, cut at every byte that they write: what a crash can leave in the file.

import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { FileStorage } from '../../src/filestorage/index.ts';
import type { FileWriter } from '../../src/filestorage/writer.ts';
import { formatId, type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';
import type { StorageTransaction } from '../../src/zodb/storage.ts';

/** A file after a crash, and which transactions must be found in it. */
export interface CutFile {
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly tids: readonly string[];
}

type Write = (
  | { readonly bytes: Uint8Array; readonly position: number }
  | { readonly length: number }
) & { readonly completes: boolean };

interface Commit {
  readonly title: string;
  readonly make: (storage: FileStorage, transaction: StorageTransaction) => void;
}

const data = (text: string, length = 10): Uint8Array => Buffer.from(text.padEnd(length, '.'));

const COMMITS: readonly Commit[] = [
  {
    title: 'one object',
    make: (storage, transaction) => transaction.store(storage.newOid(), ZERO_TID, data('one', 40)),
  },
  { title: 'nothing', make: () => {} },
  {
    title: 'several objects',
    make: (storage, transaction) => {
      for (let i = 0; i < 5; i++)
        transaction.store(storage.newOid(), ZERO_TID, data(`of ${i}`, 20 * i + 1));
    },
  },
  {
    title: 'a change',
    make: (storage, transaction) =>
      transaction.store(1n as Oid, storage.getTid(1n as Oid), data('changed', 200)),
  },
  {
    title: 'an undo',
    make: (storage, transaction) => transaction.undo?.(storage.lastTransaction()),
  },
  {
    title: 'a deletion',
    make: (storage, transaction) => {
      // One of the several objects.
      const oid = (storage.newOid() - 1n) as Oid;
      transaction.deleteObject?.(oid, storage.getTid(oid));
    },
  },
  {
    title: 'a restored record',
    make: (storage, transaction) =>
      transaction.restore?.(1n as Oid, storage.load(1n as Oid)?.data, storage.getTid(1n as Oid)),
  },
];

/**
 * All cuts of `rounds` commits of each kind, `step` bytes apart; `large` adds a transaction that is written before its end
 * is known, cut in so many places.
 */
export function* cutCommits(
  folder: (name: string) => string,
  { rounds, step, large }: { rounds: number; step: number; large: number },
): Generator<CutFile> {
  let writes: Write[] = [];
  let finishing = false;
  const storage = new FileStorage(folder('cut.fs'), {
    wrapWriter: (writer) => ({
      ...writer,
      write(bytes, position) {
        writes.push({ bytes: bytes.slice(), position, completes: finishing });
        writer.write(bytes, position);
      },
      truncate(length) {
        writes.push({ length, completes: false });
        writer.truncate(length);
      },
    }),
  } satisfies { wrapWriter: (writer: FileWriter) => FileWriter });
  try {
    for (let round = 0; round < rounds; round++)
      for (const { title, make } of COMMITS) {
        yield* cutsOf(title, step, (transaction) => make(storage, transaction));
      }
    if (large > 0) {
      const bytes = new Uint8Array(9_000_000).fill(7);
      yield* cutsOf('a large transaction', 0, (transaction) => {
        for (let i = 0; i < 3; i++) transaction.store(storage.newOid(), ZERO_TID, bytes);
      });
    }
  } finally {
    storage.close();
  }

  function* cutsOf(
    title: string,
    every: number,
    make: (transaction: StorageTransaction) => void,
  ): Generator<CutFile> {
    const before = readFileSync(folder('cut.fs'));
    const known = tidsIn(storage);
    writes = [];
    const transaction = storage.begin({ description: title, user: 'someone' });
    make(transaction);
    transaction.vote();
    finishing = true;
    const tid: Tid = transaction.finish();
    finishing = false;
    const total = writes.reduce(
      (sum, write) => sum + ('bytes' in write ? write.bytes.length : 0),
      0,
    );
    const spacing = every > 0 ? every : Math.ceil(total / large);
    for (let cut = 0; cut <= total; cut += spacing) {
      const { bytes, complete } = replayed(before, writes, cut);
      yield {
        title: `${title}, cut after ${cut} of ${total} bytes`,
        bytes,
        tids: complete ? [...known, formatId(tid)] : known,
      };
    }
    yield {
      title: `${title}, whole`,
      bytes: replayed(before, writes, total).bytes,
      tids: [...known, formatId(tid)],
    };
  }
}

/** The file after the first `budget` bytes of the writes. */
function replayed(
  before: Uint8Array,
  writes: readonly Write[],
  budget: number,
): { bytes: Uint8Array; complete: boolean } {
  let bytes = before;
  let complete = false;
  for (const write of writes) {
    if ('length' in write) {
      bytes = sized(bytes, write.length);
      continue;
    }
    const part = write.bytes.subarray(0, budget);
    budget -= part.length;
    if (part.length > 0) {
      const end = write.position + part.length;
      bytes = sized(bytes, Math.max(bytes.length, end));
      bytes.set(part, write.position);
      complete ||= write.completes;
    }
    if (budget === 0) break;
  }
  return { bytes, complete };
}

function sized(bytes: Uint8Array, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  copy.set(bytes.subarray(0, length));
  return copy;
}

export function tidsIn(storage: FileStorage): string[] {
  return [...storage.iterate()].map(({ tid }) => formatId(tid));
}

/** Writes a cut file beside an index file of the state before, as a crash leaves both. */
export function writeCut(path: string, { bytes }: CutFile, index: string | undefined): void {
  writeFileSync(path, bytes);
  if (index === undefined) rmSync(`${path}.index`, { force: true });
  else copyFileSync(index, `${path}.index`);
}

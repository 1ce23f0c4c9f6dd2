// Following a file that another process writes: what was appended since, or, where a pack has put another file in its
// place, everything anew.

import { statSync } from 'node:fs';
import type { Oid, Tid } from '../zodb/ids.ts';
import { IndexMap } from './index-map.ts';
import { iterate } from './iterate.ts';
import { type Contents, readContents } from './open.ts';
import { scan } from './scan.ts';
import { Source, Window } from './source.ts';

/** What is new in a file. */
export interface News {
  readonly transactions: readonly { readonly tid: Tid; readonly oids: readonly Oid[] }[];
  readonly end: number;
  readonly lastTid: Tid;
  /** The newest records of the new transactions, where the file was appended to. */
  readonly added: IndexMap | undefined;
  /** The file that took the old one's place. */
  readonly replacement: { readonly source: Source; readonly contents: Contents } | undefined;
}

/**
 * Looks for what was committed to the file of `source` after `end` and `lastTid`; `undefined` if there is nothing.
 * @throws CorruptedDataError, StorageError
 */
export function readNews(source: Source, end: number, lastTid: Tid): News | undefined {
  const inode = statSync(source.file, { bigint: true, throwIfNoEntry: false })?.ino;
  // Between the two renames of a pack there is no file; the old one, still open, has all there is.
  if (inode !== undefined && inode !== source.inode) return readReplacement(source.file, lastTid);
  if (source.refresh() <= end) return undefined;
  const added = new IndexMap();
  const scanned = scan(new Window(source), end, lastTid, added);
  if (scanned.end === end) return undefined;
  return {
    transactions: summaries(source, end, scanned.end, undefined),
    end: scanned.end,
    lastTid: scanned.lastTid,
    added,
    replacement: undefined,
  };
}

function readReplacement(file: string, lastTid: Tid): News {
  const source = new Source(file);
  try {
    const contents = readContents(source);
    return {
      transactions: summaries(source, undefined, contents.end, (lastTid + 1n) as Tid),
      end: contents.end,
      lastTid: contents.lastTid,
      added: undefined,
      replacement: { source, contents },
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

function summaries(
  source: Source,
  from: number | undefined,
  end: number,
  start: Tid | undefined,
): { tid: Tid; oids: Oid[] }[] {
  return Array.from(iterate(source, end, { start }, from), (transaction) => ({
    tid: transaction.tid,
    oids: [...transaction.oids()],
  }));
}

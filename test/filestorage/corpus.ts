// The corpus of real database files, beside the project where it is present.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../shared/corpus', import.meta.url));

/** What independent readers saw in a file; the fields that tests here compare. */
export interface Oracle {
  readonly transactions: number;
  readonly records: number;
  readonly distinct_oids: number;
  readonly current_objects: number;
  readonly records_sha256: string;
  readonly records_raw_sha256: string;
  readonly current_sha256: string;
  readonly txn_sha256: string;
  readonly last_tid: string | null;
  readonly size: number;
  readonly transaction_status?: Readonly<Record<string, number>>;
  /** What Python's ZODB does with the file as it is. */
  readonly zodb: {
    readonly as_is: Readonly<Record<'open_read_only' | 'open_read_write', Opening>>;
  };
}

export interface Opening {
  readonly error?: string;
  readonly size_after?: number;
  readonly extra_files?: readonly string[];
}

export interface CorpusFile {
  readonly name: string;
  readonly file: string;
  readonly oracle: Oracle;
}

/** The data files of a folder of the corpus; skips the suite where the corpus is absent, and fails in CI. */
export function corpusFiles(folder = ''): CorpusFile[] {
  const root = `${ROOT}/${folder}`;
  if (!existsSync(root)) {
    if (process.env['CI'] === 'true') throw new Error(`the corpus is missing: ${ROOT}`);
    return [];
  }
  return readdirSync(root)
    .sort()
    .map((name) => ({ name, file: `${root}/${name}/Data.fs` }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({
      name,
      file,
      oracle: JSON.parse(readFileSync(`${file}.oracle.json`, 'utf8')) as Oracle,
    }));
}

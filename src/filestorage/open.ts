// What is in a data file: its format, the index (read, or made by a scan), where it ends and which transaction was last.

import { readFileSync } from 'node:fs';
import { isZodbError } from '../errors.ts';
import { FormatError } from '../zodb/errors.ts';
import { type Tid, ZERO_TID } from '../zodb/ids.ts';
import { MAGIC_LENGTH, MAGICS } from './format.ts';
import { readIndexFile } from './index-file.ts';
import { IndexMap } from './index-map.ts';
import { trustedIndex } from './index-trust.ts';
import { type Finding, type ScanResult, scan, type Tail } from './scan.ts';
import { type Source, Window } from './source.ts';

export type Dialect = 'python3' | 'python2';

export interface Contents {
  readonly dialect: Dialect;
  readonly index: IndexMap;
  /** Where the last complete transaction ends. */
  readonly end: number;
  readonly lastTid: Tid;
  /** What stands behind `end`. */
  readonly tail: Tail | undefined;
  readonly findings: readonly Finding[];
  /** Whether the index file can be left as it is. */
  readonly indexFile: 'current' | 'old' | 'missing or wrong';
}

/** Reads what `source` holds. @throws FormatError, CorruptedDataError */
export function readContents(source: Source): Contents {
  const dialect = readMagic(source);
  const window = new Window(source);
  const findings: Finding[] = [];
  let index = loadIndex(source.file, findings);
  let lastTid = index === undefined ? undefined : trustedIndex(window, index);
  if (index !== undefined && lastTid === undefined) {
    findings.push({ position: index.end, message: 'the index file does not fit the data file' });
    index = undefined;
  }
  const covered = index?.end ?? MAGIC_LENGTH;
  index ??= new IndexMap();
  lastTid ??= ZERO_TID;
  const scanned: ScanResult = scan(window, covered, lastTid, index);
  findings.push(...scanned.findings);
  const current = scanned.end === covered ? 'current' : 'old';
  return {
    dialect,
    index,
    ...scanned,
    findings,
    indexFile: covered === MAGIC_LENGTH ? 'missing or wrong' : current,
  };
}

/** The dialect that the first bytes tell. An empty file is one of Python 3. @throws FormatError */
export function readMagic(source: Source): Dialect {
  if (source.size === 0) return 'python3';
  const bytes = new Uint8Array(MAGIC_LENGTH);
  const length = source.peek(0, bytes);
  const magic = String.fromCharCode(...bytes);
  const where = { file: source.file, position: 0 };
  if (length < MAGIC_LENGTH)
    throw new FormatError(`not a FileStorage: only ${length} bytes, too short for a magic`, where);
  if (magic === MAGICS.python3) return 'python3';
  if (magic === MAGICS.python2) return 'python2';
  if (magic === MAGICS.versions)
    throw new FormatError('FS20, the format of Zope before 2000, is not supported', where);
  throw new FormatError(`not a FileStorage: begins with ${JSON.stringify(magic)}`, where);
}

function loadIndex(file: string, findings: Finding[]): IndexMap | undefined {
  try {
    return readIndexFile(readFileSync(`${file}.index`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Whatever is wrong with it: the data file has all that it says.
    const reason = isZodbError(error, 'FORMAT') ? 'is damaged' : (error as Error).message;
    findings.push({ position: 0, message: `the index file was not used: it ${reason}` });
    return undefined;
  }
}

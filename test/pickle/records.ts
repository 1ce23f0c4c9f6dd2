// The data records of FileStorage files and of .zexp exports, for tests of the codec alone.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Database files that others wrote, beside the project. */
export const CORPUS: string = new URL('../../../shared/corpus', import.meta.url).pathname;

/** Says what is missing, if the databases are. */
export function corpusMissing(): string | undefined {
  return existsSync(CORPUS) ? undefined : `there are no databases in ${CORPUS}`;
}

/** The folders of intact databases, with the magic of each: FS21 is Python 2's, FS30 Python 3's. */
export function corpusDatabases(): { name: string; path: string; magic: string }[] {
  if (!existsSync(CORPUS)) return [];
  return readdirSync(CORPUS)
    .map((name) => ({ name, path: join(CORPUS, name, 'Data.fs') }))
    .filter(({ path }) => existsSync(path))
    .map((found) => ({
      ...found,
      magic: readFileSync(found.path).subarray(0, 4).toString('latin1'),
    }));
}

export function corpusExports(): { name: string; path: string }[] {
  if (!existsSync(CORPUS)) return [];
  return readdirSync(CORPUS)
    .map((name) => ({ name, path: join(CORPUS, name, 'export.zexp') }))
    .filter(({ path }) => existsSync(path));
}

export interface RawRecord {
  readonly oid: bigint;
  readonly data: Uint8Array;
}

/** Every record with data of its own. */
export function* fileRecords(path: string): Generator<RawRecord> {
  const file = readFileSync(path);
  let at = 4;
  while (at < file.length) {
    const end = at + Number(file.readBigUInt64BE(at + 8));
    let record =
      at +
      23 +
      file.readUInt16BE(at + 17) +
      file.readUInt16BE(at + 19) +
      file.readUInt16BE(at + 21);
    while (record < end) {
      const versionLength = file.readUInt16BE(record + 32);
      const length = Number(file.readBigUInt64BE(record + 34));
      const data = record + 42 + (versionLength > 0 ? 16 + versionLength : 0);
      if (length > 0) {
        yield {
          oid: file.readBigUInt64BE(record),
          data: new Uint8Array(file.buffer, file.byteOffset + data, length),
        };
      }
      record = data + (length > 0 ? length : 8);
    }
    at = end + 8;
  }
}

/** Every record of an export: `ZEXP`, then oid, length and data of each. */
export function* exportRecords(path: string): Generator<RawRecord> {
  const file = readFileSync(path);
  for (
    let at = 4;
    file.readUInt32BE(at) !== 0xffffffff || file.readUInt32BE(at + 4) !== 0xffffffff;
  ) {
    const length = Number(file.readBigUInt64BE(at + 8));
    yield {
      oid: file.readBigUInt64BE(at),
      data: new Uint8Array(file.buffer, file.byteOffset + at + 16, length),
    };
    at += 16 + length;
  }
}

// The export file (.zexp): records with their oids, and the content of blobs behind theirs. Format: ZODB.ExportImport.

import { isBlobRecord } from './blob-record.ts';
import { bytesEqual, idBytes, readU64 } from './bytes.ts';
import { CorruptedDataError, FormatError } from './errors.ts';
import type { Oid } from './ids.ts';

const MAGIC: Uint8Array = latin1('ZEXP');
const END: Uint8Array = new Uint8Array(16).fill(0xff);
const BLOB_MARKER: Uint8Array = latin1('\0BLOBSTART');
const END_OID = 0xffff_ffff_ffff_ffffn;
/** No record is longer than this: a larger number means damage, and is not to become a request for memory. */
const LONGEST = 2 ** 31;

/** Where an export is written. */
export interface ExportOutput {
  write(bytes: Uint8Array): void;
  /** Writes the whole content of a file. */
  writeFile(path: string): void;
  /** How long a file is. */
  fileSize(path: string): number;
}

/** Where an export is read from. */
export interface ExportInput {
  readonly name: string;
  readonly position: number;
  /** The next bytes; fewer where the input ends. */
  read(length: number): Uint8Array;
  /** Puts the next bytes into a new file, and gives its path. @throws CorruptedDataError where the input ends */
  readFile(length: number): string;
}

/** One object of an export. */
export interface ExportedRecord {
  readonly oid: Oid;
  readonly data: Uint8Array;
  /** The file with the content of a blob. */
  readonly file: string | undefined;
}

export function writeExport(output: ExportOutput, records: Iterable<ExportedRecord>): void {
  output.write(MAGIC);
  for (const { oid, data, file } of records) {
    output.write(idBytes(oid));
    output.write(idBytes(BigInt(data.length)));
    output.write(data);
    if (file === undefined) continue;
    output.write(BLOB_MARKER);
    output.write(idBytes(BigInt(output.fileSize(file))));
    output.writeFile(file);
  }
  output.write(END);
}

/** What `writeExport` undoes. @throws FormatError, CorruptedDataError */
export function* readExport(input: ExportInput): IterableIterator<ExportedRecord> {
  if (!bytesEqual(input.read(MAGIC.length), MAGIC))
    throw new FormatError('not an export file: it does not begin with ZEXP', { file: input.name });
  for (;;) {
    const head = exactly(input, 16);
    const oid = readU64(head) as Oid;
    if (oid === END_OID && bytesEqual(head, END)) return;
    const data = exactly(input, lengthIn(input, head.subarray(8)));
    const file = isBlobRecord(data) ? readBlob(input) : undefined;
    yield { oid, data, file };
  }
}

function readBlob(input: ExportInput): string {
  const marker = exactly(input, BLOB_MARKER.length);
  if (!bytesEqual(marker, BLOB_MARKER)) {
    throw new CorruptedDataError('no content follows the record of a blob', {
      file: input.name,
      position: input.position - marker.length,
    });
  }
  return input.readFile(lengthIn(input, exactly(input, 8), Number.MAX_SAFE_INTEGER));
}

function lengthIn(input: ExportInput, bytes: Uint8Array, longest = LONGEST): number {
  const length = readU64(bytes);
  if (length <= BigInt(longest)) return Number(length);
  throw new CorruptedDataError(`a length of ${length} bytes is none`, {
    file: input.name,
    position: input.position - 8,
  });
}

function exactly(input: ExportInput, length: number): Uint8Array {
  const at = input.position;
  const bytes = input.read(length);
  if (bytes.length === length) return bytes;
  throw new CorruptedDataError('the export file is cut off', { file: input.name, position: at });
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

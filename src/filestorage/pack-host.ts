// What packing needs of its storage.

import type { BlobFolder } from '../zodb/blob-folder.ts';
import { ReadOnlyError } from '../zodb/errors.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import { BlobPack } from './blob-pack.ts';
import type { PackObserver } from './pack-blobs.ts';
import type { FileState } from './state.ts';
import type { FileWriter } from './writer.ts';
import type { Writing } from './writing.ts';

export interface PackHost {
  readonly state: FileState;
  /** Whether a transaction is in progress: then the file cannot be replaced. */
  readonly busy: boolean;
  /** Opens a file to write to, making it. */
  openWriter(file: string): FileWriter;
  /** Writes from now on with `writer`, whose file has become the data file; the old one is closed. */
  useWriter(writer: FileWriter): void;
  /** Someone to be told what is left out. */
  observe(dryRun: boolean): PackObserver | undefined;
}

/** That of a FileStorage. Without `writing`, which it lacks where it was opened for reading, only a dry run is possible. */
export function packHost(
  state: FileState,
  writing: Writing | undefined,
  blobs: BlobFolder | undefined,
): PackHost {
  const needed = (): Writing => {
    if (writing === undefined) throw new ReadOnlyError('opened for reading', { file: state.file });
    return writing;
  };
  return {
    state,
    get busy() {
      return writing?.busy ?? false;
    },
    openWriter: (file) => needed().openWriter(file),
    useWriter: (writer) => needed().useWriter(writer),
    observe: (dryRun) =>
      blobs &&
      new BlobPack(blobs, {
        dryRun,
        has: (oid: Oid, tid: Tid) => state.reader.dataOrUndefined(oid, tid) !== undefined,
        hasObject: (oid: Oid) => state.reader.serial(oid) !== undefined,
      }),
  };
}

// What opening for writing does about bytes behind the last complete transaction: what a crash left there is cut off and,
// if it is more than a piece of a header, kept in `NAME.tr0` (`.tr1` ...). Where a complete transaction ends the file, it
// was no crash: something in the middle is damaged, and cutting would lose what follows, so opening is refused.

import { closeSync, openSync, writeSync } from 'node:fs';
import { CorruptedDataError, StorageError } from '../zodb/errors.ts';
import type { Tail } from './scan.ts';
import type { Source } from './source.ts';
import type { FileWriter } from './writer.ts';

const PIECE = 1024 * 1024;

/** Where a file ends, and what follows. */
export interface Ending {
  readonly end: number;
  readonly tail: Tail | undefined;
  /** Whether a complete transaction stands behind the tail. */
  readonly followed: boolean;
}

/** Cuts off what follows `ending.end`. @throws CorruptedDataError, StorageError */
export function cutTail(source: Source, writer: FileWriter, ending: Ending): void {
  const { end, tail, followed } = ending;
  if (tail === undefined) return;
  const where = { file: source.file, position: end };
  if (followed)
    throw new CorruptedDataError(
      `${tail}, although complete transactions follow it; open it read-only to see what precedes`,
      where,
    );
  if (tail !== 'torn header') saveTail(source, end);
  try {
    writer.truncate(end);
  } catch (cause) {
    throw new StorageError(`the ${tail} cannot be cut off: ${(cause as Error).message}`, {
      ...where,
      cause,
    });
  }
}

function saveTail(source: Source, end: number): void {
  const { fd, file } = openUnused(source.file);
  try {
    const piece = new Uint8Array(Math.min(PIECE, source.size - end));
    for (let position = end; position < source.size; ) {
      const length = Math.min(piece.length, source.size - position);
      source.readInto(position, piece.subarray(0, length));
      for (let done = 0; done < length; ) done += writeSync(fd, piece, done, length - done);
      position += length;
    }
  } catch (cause) {
    throw new StorageError(`cannot save what is to be cut off in ${file}`, {
      file: source.file,
      position: end,
      cause,
    });
  } finally {
    closeSync(fd);
  }
}

function openUnused(name: string): { fd: number; file: string } {
  for (let i = 0; ; i++) {
    const file = `${name}.tr${i}`;
    try {
      return { fd: openSync(file, 'wx'), file };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new StorageError(`cannot make ${file}`, { file: name, cause });
    }
  }
}

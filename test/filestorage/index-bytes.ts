import { writeIndexFile } from '../../src/filestorage/index-file.ts';
import type { IndexMap } from '../../src/filestorage/index-map.ts';

/** An index file. */
export function indexBytes(index: IndexMap): Buffer {
  return Buffer.concat(Array.from(writeIndexFile(index), (piece) => Uint8Array.from(piece)));
}

// Files of blocks in a database, as memory.

export { BLOCK_SIZE } from './block.ts';
export { BlockLoadError, ViewTooLargeError } from './errors.ts';
export type { FileHandle } from './file-handle.ts';
export {
  configure,
  guard,
  type MemorySettings,
  type MemoryStats,
  stats,
} from './memory.ts';
export type { MappedBytes } from './region.ts';
export { ZBigFile } from './zbigfile.ts';
export { type BlockFormat, ZBlk0, ZBlk1, ZData } from './zblk.ts';

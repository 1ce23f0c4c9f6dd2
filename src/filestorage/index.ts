// FileStorage: Python's standard storage, a file that only grows.

export type { FileStorageOptions } from './options.ts';
export { openShared, type SharedFileStorage } from './shared.ts';
export { FileStorage } from './storage.ts';

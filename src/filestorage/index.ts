export { openShared, type SharedFileStorage } from './shared.ts';
export { FileStorage, type FileStorageOptions } from './storage.ts';

export { openShared, type SharedFileStorage, type SharedReader } from './shared.ts';
export { FileStorage, type FileStorageOptions } from './storage.ts';

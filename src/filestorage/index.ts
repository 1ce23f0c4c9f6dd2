export { FileStorage, type FileStorageOptions } from './storage.ts';

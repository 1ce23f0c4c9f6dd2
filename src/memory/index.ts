// Storages in memory, wholly or for what is changed.

export { DemoStorage, type DemoStorageOptions } from './demo-storage.ts';
export { readDemoUrl } from './demo-url.ts';
export { MappingStorage } from './mapping-storage.ts';

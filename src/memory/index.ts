// Storages in memory, wholly or for what is changed.

export type { DemoStorageOptions } from './demo-options.ts';
export { DemoStorage } from './demo-storage.ts';
export { readDemoUrl } from './demo-url.ts';
export { MappingStorage } from './mapping-storage.ts';

// Storages in memory.

export { MappingStorage } from './mapping-storage.ts';

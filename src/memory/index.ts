export { MappingStorage } from './mapping-storage.ts';

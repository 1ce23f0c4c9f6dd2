import { MappingStorage } from '../../src/memory/index.ts';
import { storageSuite } from '../../src/testing/index.ts';

storageSuite({ describe, it }, 'MappingStorage', () => new MappingStorage());

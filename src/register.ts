// The one place that names all drivers and all classes with a Python name.

import { fileURLToPath } from 'node:url';
import { registerBigArrays } from './bigarray/index.ts';
import { guardMappings, registerBigFiles } from './bigfile/index.ts';
import { registerBTrees } from './btrees/index.ts';
import { FileStorage } from './filestorage/index.ts';
import { MappingStorage } from './memory/index.ts';
import { registerClass } from './zodb/classes.ts';
import { registerGuard } from './zodb/guarded.ts';
import { PersistentList } from './zodb/list.ts';
import { registerDriver } from './zodb/open.ts';

registerDriver('file', (url, options) => {
  const text = String(url);
  const path = text.startsWith('file:') ? fileURLToPath(text) : text;
  return new FileStorage(path, options);
});
registerDriver('memory', () => new MappingStorage());

registerClass(
  PersistentList,
  'persistent.list.PersistentList',
  'ZODB.PersistentList.PersistentList',
  'Persistence.PersistentList.PersistentList',
);
registerBTrees();
registerBigFiles();
registerBigArrays();
registerGuard(guardMappings);

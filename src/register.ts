// The one place that names all drivers and all classes with a Python name.

import { fileURLToPath } from 'node:url';
import { registerBigArrays } from './bigarray/zbigarray.ts';
import { guardMappings } from './bigfile/memory.ts';
import { registerBigFiles } from './bigfile/zbigfile.ts';
import './btrees/classes.ts';
import { registerBTrees } from './btrees/define.ts';
import { FileStorage } from './filestorage/index.ts';
import { MappingStorage } from './memory/index.ts';
import { Blob } from './zodb/blob.ts';
import { registerClass } from './zodb/classes.ts';
import { registerGuard } from './zodb/guarded.ts';
import { PersistentList } from './zodb/list.ts';
import { registerDriver } from './zodb/open.ts';

registerDriver(
  'file',
  (url, options) => {
    const text = String(url);
    const path = text.startsWith('file:') ? fileURLToPath(text) : text;
    return new FileStorage(path, options);
  },
  ['readOnly', 'create', 'format', 'python2', 'lock', 'fsync', 'quota', 'blobDir'],
);
registerDriver('memory', () => new MappingStorage(), []);

registerClass(
  PersistentList,
  'persistent.list.PersistentList',
  'ZODB.PersistentList.PersistentList',
  'Persistence.PersistentList.PersistentList',
);
registerClass(Blob, 'ZODB.blob.Blob');
registerBTrees();
registerBigFiles();
registerBigArrays();
registerGuard(guardMappings);

// The one place that names all drivers and all classes with a Python name.

import { fileURLToPath } from 'node:url';
import { registerBigArrays } from './bigarray/zbigarray.ts';
import { guardMappings } from './bigfile/memory.ts';
import { registerBigFiles } from './bigfile/zbigfile.ts';
import './btrees/classes.ts';
import { registerBTrees } from './btrees/define.ts';
import { FileStorage } from './filestorage/index.ts';
import { DemoStorage, MappingStorage, readDemoUrl } from './memory/index.ts';
import { Blob } from './zodb/blob.ts';
import { registerClass } from './zodb/classes.ts';
import { registerGuard } from './zodb/guarded.ts';
import { PersistentList } from './zodb/list.ts';
import { openStorage, registerDriver } from './zodb/open.ts';
import { PersistentWeakKeyDictionary } from './zodb/weak-key-dictionary.ts';

const FILE_OPTIONS = [
  'readOnly',
  'create',
  'format',
  'python2',
  'lock',
  'fsync',
  'quota',
  'blobDir',
] as const;

registerDriver(
  'file',
  (url, options) => {
    const text = String(url);
    const path = text.startsWith('file:') ? fileURLToPath(text) : text;
    return new FileStorage(path, options);
  },
  FILE_OPTIONS,
);
registerDriver('memory', () => new MappingStorage(), []);
// The base is opened for reading; the options are those of the changes.
registerDriver(
  'demo',
  (url, options) => {
    const urls = readDemoUrl(String(url));
    const inMemory = (of: string): boolean => of.startsWith('memory:');
    const base = openStorage(urls.base, inMemory(urls.base) ? {} : { readOnly: true });
    try {
      if (urls.changes === undefined) return new DemoStorage({ base });
      const changes = openStorage(urls.changes, inMemory(urls.changes) ? {} : options);
      return new DemoStorage({ base, changes });
    } catch (error) {
      base.close();
      throw error;
    }
  },
  FILE_OPTIONS,
);

registerClass(
  PersistentList,
  'persistent.list.PersistentList',
  'ZODB.PersistentList.PersistentList',
  'Persistence.PersistentList.PersistentList',
);
registerClass(Blob, 'ZODB.blob.Blob');
registerClass(PersistentWeakKeyDictionary, 'persistent.wref.PersistentWeakKeyDictionary');
registerBTrees();
registerBigFiles();
registerBigArrays();
registerGuard(guardMappings);

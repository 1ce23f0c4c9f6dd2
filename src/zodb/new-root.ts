// The root of a new database: a database whose storage holds no object 0 gets an empty mapping there.

import { ClassTable } from './classes.ts';
import { POSKeyError } from './errors.ts';
import { ROOT_OID, ZERO_TID } from './ids.ts';
import { PersistentMapping } from './mapping.ts';
import { ObjectWriter } from './object-writer.ts';
import type { Storage } from './storage.ts';

/** @throws POSKeyError if the storage is read-only and holds no root object */
export function createRoot(storage: Storage): void {
  try {
    if (storage.load(ROOT_OID) !== undefined) return;
  } catch (error) {
    if (!(error instanceof POSKeyError) || storage.readOnly) throw error;
  }
  const writer = new ObjectWriter(
    {
      jar: undefined as never,
      discovered: () => ROOT_OID,
      crossReference: () => '',
    },
    new ClassTable(),
    storage.dialect,
  );
  const begun = storage.begin({ description: 'initial database creation' });
  try {
    begun.store(ROOT_OID, ZERO_TID, writer.serialize(new PersistentMapping()));
    begun.vote();
    begun.finish();
  } catch (error) {
    begun.abort();
    throw error;
  }
}

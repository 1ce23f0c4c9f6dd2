// The entry: what the first ten minutes need.

import './register.ts';

export { isZodbError, ZodbError } from './errors.ts';
export { DemoStorage, type DemoStorageOptions, MappingStorage } from './memory/index.ts';
export type { Activity, ActivityMonitor } from './zodb/activity.ts';
export { attributesOf, getAttribute } from './zodb/attributes.ts';
export { Blob, type BlobReadOptions, type BlobWriteOptions } from './zodb/blob.ts';
export type { BlobFile, BlobMode } from './zodb/blob-file.ts';
export { classOf, registerClass } from './zodb/classes.ts';
export { PersistentReference, type ResolvingClass } from './zodb/conflict.ts';
export type { Connection } from './zodb/connection.ts';
export {
  type ConnectionOptions,
  type DatabaseOptions,
  DB,
  type UndoLogRange,
  type UndoOptions,
} from './zodb/database.ts';
export * from './zodb/errors.ts';
export type { CacheDetail, ConnectionInfo } from './zodb/figures.ts';
export type { GenericObject } from './zodb/generic-object.ts';
export { formatId, type IdInput, type Oid, oid, type Tid, tid } from './zodb/ids.ts';
export { PersistentList } from './zodb/list.ts';
export { PersistentMapping } from './zodb/mapping.ts';
export { dbclose, dbopen, type OpenOptions, open } from './zodb/open.ts';
export type { DatabasePackOptions } from './zodb/pack-moment.ts';
export { Persistent, type PersistentClass } from './zodb/persistent.ts';
export type { ClassName } from './zodb/record.ts';
export type { ResourceManager, ResourceSavepoint, Synchronizer } from './zodb/resource-manager.ts';
export { Savepoint } from './zodb/savepoint.ts';
export type * from './zodb/storage.ts';
export { dateOfTid, tidOfDate } from './zodb/time.ts';
export { Transaction } from './zodb/transaction.ts';
export {
  type ManagerOptions,
  TransactionManager,
  type TransactionOptions,
  transaction,
} from './zodb/transaction-manager.ts';
export type { TransactionInfo } from './zodb/transaction-metadata.ts';
export { PersistentWeakKeyDictionary } from './zodb/weak-key-dictionary.ts';
export { PersistentWeakRef } from './zodb/weak-ref.ts';

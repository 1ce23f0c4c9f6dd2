// FileStorage: Python's standard storage, a file that only grows.

export { type BackupOptions, type BackupResult, backup } from './backup.ts';
export type { FileStorageOptions } from './options.ts';
export { type LostRecord, type RecoverOptions, type RecoverReport, recover } from './recover.ts';
export {
  type RestoreBackupOptions,
  type RestoredBackup,
  restoreBackup,
  verifyBackup,
} from './restore-backup.ts';
export type { SalvageNote } from './salvage-find.ts';
export { openShared, type SharedFileStorage } from './shared.ts';
export { FileStorage } from './storage.ts';

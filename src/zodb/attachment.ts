// Something beside objects that belongs to a connection and holds uncommitted changes: the file handles of arrays.

import type { Oid } from './ids.ts';

export interface Attachment {
  isDirty(): boolean;
  /** The connection has moved to a newer snapshot, in which these objects differ. */
  snapshot(changed: ReadonlySet<Oid>): void;
  close(): void;
}

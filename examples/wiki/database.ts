// Where the wiki is kept. One process at a time has a file open for writing, any number may read: a command that writes
// waits for its turn, and keeps it as short as it can.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, type DB, isZodbError, open } from '../../src/main.ts';
import { Wiki } from './model.ts';

/** Opens the wiki for reading: that waits for nobody. */
export function openToRead(file: string): DB {
  return open(file, { readOnly: true, blobDir: `${file}.blobs` });
}

/** Opens the wiki for writing, and makes it if there is none. @throws LockError if others have it for `patience` ms */
export async function openToWrite(file: string, patience = 5000): Promise<DB> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      const db = open(file, { blobDir: `${file}.blobs` });
      db.transaction(({ root }) => {
        if (!root.has('wiki')) root.set('wiki', new Wiki());
      });
      return db;
    } catch (error) {
      if (!isZodbError(error, 'LOCK') || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

export function wikiOf(connection: Connection): Wiki {
  return connection.root.get<Wiki>('wiki') ?? new Wiki();
}

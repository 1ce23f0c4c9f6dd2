// The check of what several records make up together: BTrees, files of blocks, arrays. Their objects are loaded, as a
// program would load them.

import { ZBigFile } from '../bigfile/index.ts';
import { findProblems } from '../btrees/index.ts';
import { Node } from '../btrees/node.ts';
import { isZodbError } from '../errors.ts';
import { DB } from '../zodb/database.ts';
import type { Oid } from '../zodb/ids.ts';
import type { Storage } from '../zodb/storage.ts';

/** Objects whose cached parts may be forgotten together. */
const TOGETHER = 64;

/** Whether objects of this class are made up of several records that can contradict each other. */
export function isStructure(className: string): boolean {
  return (
    /^BTrees\.\w+BTree\.\w+(BTree|TreeSet)$/.test(className) ||
    className === 'wendelin.bigfile.file_zodb.ZBigFile' ||
    className === 'wendelin.bigarray.array_zodb.ZBigArray'
  );
}

/** Loads these objects, with all that they are made of, and tells what is wrong with them. */
export function verifyStructures(
  storage: Storage,
  oids: Iterable<bigint>,
  found: (oid: Oid, message: string) => void,
): void {
  const pending = [...oids];
  if (pending.length === 0) return;
  const db = new DB(unclosed(storage));
  try {
    const connection = db.open();
    let loaded = 0;
    for (const oid of pending as Oid[]) {
      try {
        const object = connection.get(oid);
        object._p_activate();
        const node = object instanceof ZBigFile ? object.blocks : object;
        if (node instanceof Node) for (const problem of findProblems(node)) found(oid, problem);
        if (object instanceof ZBigFile)
          for (const block of object.blocks.values()) block._p_activate();
      } catch (error) {
        if (!isZodbError(error)) throw error;
        found(oid, error.message);
      }
      if (++loaded % TOGETHER === 0) connection.cacheMinimize();
    }
  } finally {
    db.close();
  }
}

// The storage is its owner's to close, and keeps what another database has set in it.
function unclosed(storage: Storage): Storage {
  return new Proxy(storage, {
    get(target, name) {
      if (name === 'close') return () => {};
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: () => true,
  });
}

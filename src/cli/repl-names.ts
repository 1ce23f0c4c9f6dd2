// What is at hand in `zodb repl`.

import * as bigarray from '../bigarray/index.ts';
import * as btrees from '../btrees/index.ts';
import { float, tuple } from '../pickle/index.ts';
import { attributesOf, getAttribute } from '../zodb/attributes.ts';
import { Blob } from '../zodb/blob.ts';
import { classOf, registerClass } from '../zodb/classes.ts';
import type { Connection } from '../zodb/connection.ts';
import type { DB } from '../zodb/database.ts';
import { formatId, type IdInput } from '../zodb/ids.ts';
import { PersistentList } from '../zodb/list.ts';
import { PersistentMapping } from '../zodb/mapping.ts';
import { Persistent } from '../zodb/persistent.ts';
import { dateOfTid } from '../zodb/time.ts';

const LISTED: readonly (readonly [name: string, what: string])[] = [
  ['root', 'the root object: root.keys(), root.get(name), root.set(name, value)'],
  [
    'connection, db',
    'the connection and its database: db.history(oid), db.undoLog(), db.undo(tid)',
  ],
  ['commit(note)', 'commit what was changed'],
  ['abort()', 'forget what was changed'],
  ['sync()', 'see what others have committed; forgets what was changed'],
  ['get(oid)', 'any object by its id: 16 hex digits or a bigint'],
  ['classOf(object)', 'its class in Python'],
  ['attributesOf(object)', 'its attributes; getAttribute(object, name) for one'],
  ['Persistent', 'and PersistentMapping, PersistentList, Blob, registerClass: to make objects'],
  ['btrees, bigarray', 'parts of the package: new btrees.LOBTree(), bigarray.mean(array)'],
  ['float, tuple', 'values without literals in JavaScript: float(3), tuple(1, 2)'],
  ['formatId, dateOfTid', 'ids as text, and as the time of a transaction'],
];

/** The names, as properties for the global object of the dialogue. */
export function replNames(db: DB, connection: Connection, say: (text: string) => void): object {
  const manager = connection.transactionManager;
  return {
    get root() {
      return connection.root;
    },
    connection,
    db,
    transaction: manager,
    commit(note?: string): void {
      if (note !== undefined) manager.get().note(note);
      manager.commit();
    },
    abort: () => manager.abort(),
    sync: () => connection.sync(),
    get: (oid: IdInput) => connection.get(oid),
    names(): void {
      const width = Math.max(...LISTED.map(([name]) => name.length));
      for (const [name, what] of LISTED) say(`${name.padEnd(width)}  ${what}\n`);
    },
    Blob,
    Persistent,
    PersistentList,
    PersistentMapping,
    attributesOf,
    bigarray,
    btrees,
    classOf,
    dateOfTid,
    float,
    formatId,
    getAttribute,
    registerClass,
    tuple,
  };
}

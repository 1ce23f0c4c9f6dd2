// The connections to several databases that belong together: opened from one another, with one transaction manager, and
// closed together. References from one database to another lead through them.

import type { Connection } from './connection.ts';
import { ArgumentError, InvalidObjectError } from './errors.ts';
import type { Oid } from './ids.ts';
import type { Jar } from './object-state.ts';
import type { TransactionManager } from './transaction-manager.ts';

export class ConnectionFamily {
  /** The one from which the others were opened. Closed, they stay with it, for objects in its cache refer to theirs. */
  readonly first: Connection;
  readonly #members = new Map<string, Connection>();

  constructor(first: Connection) {
    this.first = first;
    this.#members.set(first.db.databaseName, first);
  }

  members(): Connection[] {
    return [...this.#members.values()];
  }

  /** The member for a database, opened if there is none. @throws ArgumentError if no database has this name */
  get(name: string, from: Connection): Connection {
    const known = this.#members.get(name);
    if (known !== undefined) return known;
    const db = from.db.databases.get(name);
    if (db === undefined) {
      throw new ArgumentError(
        `no database is named ${JSON.stringify(name)}: known are ${[...from.db.databases.keys()].join(', ')}`,
      );
    }
    const opened = db.openBeside(from);
    opened.family = this;
    this.#members.set(name, opened);
    return opened;
  }

  /** Opens the others again. Those whose database was closed meanwhile are left out, with all that refers to them. */
  reopen(manager: TransactionManager): void {
    for (const [name, member] of this.#members) {
      if (member === this.first) continue;
      if (member.db.databases.get(name) === member.db) {
        member.db.reopen(member, manager);
      } else {
        this.#members.delete(name);
        this.first.cacheMinimize();
      }
    }
  }

  /** The name by which `from` refers to an object of another connection. @throws InvalidObjectError */
  crossReference(from: Connection, jar: Jar, oid: Oid | undefined): string {
    const { db } = jar as Partial<Connection>;
    if (db === undefined || db === from.db) {
      throw new InvalidObjectError(
        'a reference to an object of another connection to the same database cannot be stored: get the object from the connection it is to be used in',
        { oid },
        'OTHER_CONNECTION',
      );
    }
    if (from.db.databases.get(db.databaseName) !== db) {
      throw new InvalidObjectError(
        'a reference to an object of a foreign database cannot be stored: open both with one `databases` registry',
        { oid },
        'OTHER_CONNECTION',
      );
    }
    const other = jar as Connection;
    if (this.#members.get(db.databaseName) !== other) {
      throw new InvalidObjectError(
        `the object belongs to a separate connection to the database ${db.databaseName}: use getConnection(${JSON.stringify(db.databaseName)})`,
        { oid },
        'OTHER_CONNECTION',
      );
    }
    if (!from.db.xrefs)
      throw new InvalidObjectError(
        'this database allows no references to other databases',
        { oid },
        'CROSS_REFERENCE',
      );
    if (oid !== undefined && other.isImplicitlyNew(oid)) {
      throw new InvalidObjectError(
        'a new object is reachable from several databases: add it to the one it belongs to, with connection.add',
        { oid },
        'CROSS_REFERENCE',
      );
    }
    return db.databaseName;
  }
}

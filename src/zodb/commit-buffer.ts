// What a connection stores when its transaction commits: objects in the order in which they were changed, and new objects
// right after the one that led to them, the last found first, as Python's ZODB does, so that both hand out the same oids.

import { Pickler, PyDict } from '../pickle/index.ts';
import type { ClassTable } from './classes.ts';
import type { Connection } from './connection.ts';
import { InvalidObjectError, StorageTransactionError } from './errors.ts';
import { type Oid, type Tid, ZERO_TID } from './ids.ts';
import { CHANGED, stateOf, UPTODATE } from './object-state.ts';
import { ObjectWriter } from './object-writer.ts';
import { assignIdentity, forgetIdentity, type Persistent } from './persistent.ts';
import type { StorageTransaction } from './storage.ts';
import type { Transaction } from './transaction.ts';

export class CommitBuffer {
  readonly #connection: Connection;
  readonly #writer: ObjectWriter;
  /** Changed objects, in the order of their first change. */
  #registered: Persistent[] = [];
  /** New objects that have an oid but no record yet. */
  readonly #added = new Map<Oid, Persistent>();
  readonly #created = new Map<Oid, Persistent>();
  readonly #read = new Map<Oid, Tid>();
  #discovered: Persistent[] = [];
  #stored: Persistent[] = [];
  #transaction: StorageTransaction | undefined;

  constructor(connection: Connection, classes: ClassTable) {
    this.#connection = connection;
    this.#writer = new ObjectWriter(
      { jar: connection, discovered: (object) => this.#discover(object) },
      classes,
    );
  }

  add(oid: Oid, object: Persistent): void {
    this.#added.set(oid, object);
  }

  added(oid: Oid): Persistent | undefined {
    return this.#added.get(oid) ?? this.#created.get(oid);
  }

  register(object: Persistent): void {
    this.#registered.push(object);
  }

  readCurrent(object: Persistent): void {
    const { oid, serial } = stateOf(object);
    if (oid !== undefined && serial !== ZERO_TID) this.#read.set(oid, serial);
  }

  /** A new transaction begins: what the last one read no longer matters. */
  forgetRead(): void {
    this.#read.clear();
  }

  begin(transaction: Transaction): void {
    const { user, description, extension } = transaction;
    this.#transaction = this.#connection.storage.begin({
      user,
      description,
      extension: extension.size === 0 ? undefined : extensionBytes(extension),
    });
  }

  /** @throws ConflictError, InvalidObjectError, and what pickling throws */
  store(): void {
    const stored = new Set<Persistent>();
    // Objects may be changed while others are stored (array blocks are), so the list is not fixed beforehand.
    for (let i = 0; i < this.#registered.length; i++) {
      const object = this.#registered[i] as Persistent;
      if (stateOf(object).code === CHANGED && !stored.has(object))
        this.#storeWithNew(object, stored);
    }
    for (const object of this.#added.values()) {
      if (!stored.has(object)) this.#storeWithNew(object, stored);
    }
    const transaction = this.#begun();
    const written = new Set([...stored].map((object) => stateOf(object).oid));
    for (const [oid, serial] of this.#read) {
      if (!written.has(oid)) transaction.checkCurrent(oid, serial);
    }
    this.#stored = [...stored];
  }

  vote(): void {
    for (const oid of this.#begun().vote()) {
      // The storage resolved a conflict: what is stored is not what the object holds.
      this.#connection.cache.get(oid)?._p_invalidate();
    }
  }

  finish(): void {
    const tid = this.#begun().finish();
    for (const object of this.#stored) {
      const state = stateOf(object);
      if (state.code !== CHANGED && state.code !== UPTODATE) continue;
      state.code = UPTODATE;
      state.serial = tid;
    }
    for (const [oid, object] of this.#created) this.#connection.cache.add(oid, object);
    this.#forget();
  }

  abort(): void {
    this.#transaction?.abort();
    for (const object of [...this.#created.values(), ...this.#added.values()])
      forgetIdentity(object);
    for (const object of this.#registered)
      if (stateOf(object).jar !== undefined) object._p_invalidate();
    this.#forget();
  }

  #forget(): void {
    this.#transaction = undefined;
    this.#registered = [];
    this.#discovered = [];
    this.#stored = [];
    this.#added.clear();
    this.#created.clear();
    this.#read.clear();
  }

  #storeWithNew(object: Persistent, stored: Set<Persistent>): void {
    const stack = [object];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (stored.has(next)) continue;
      this.#discovered = [];
      this.#storeOne(next);
      stored.add(next);
      stack.push(...this.#discovered);
    }
  }

  #storeOne(object: Persistent): void {
    const { oid, serial } = stateOf(object);
    if (oid === undefined) throw new InvalidObjectError('an object without an id was to be stored');
    this.#begun().store(oid, serial, this.#writer.serialize(object));
    const added = this.#added.get(oid);
    if (added !== undefined) {
      this.#added.delete(oid);
      this.#created.set(oid, added);
    }
  }

  #discover(object: Persistent): Oid {
    const oid = this.#connection.storage.newOid();
    assignIdentity(object, this.#connection, oid);
    this.#created.set(oid, object);
    this.#discovered.push(object);
    return oid;
  }

  #begun(): StorageTransaction {
    if (this.#transaction === undefined) {
      throw new StorageTransactionError('the storage transaction has not begun', {
        file: this.#connection.storage.name,
      });
    }
    return this.#transaction;
  }
}

function extensionBytes(extension: ReadonlyMap<string, unknown>): Uint8Array {
  const pickler = new Pickler();
  pickler.dump(new PyDict(extension));
  return pickler.take();
}

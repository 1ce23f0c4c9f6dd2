// A transaction of a DemoStorage: it is one of the changes, in which conflicts were looked for over both.

import type { Oid, Tid } from '../zodb/ids.ts';
import type { RecordData, StorageTransaction } from '../zodb/storage.ts';

/** What a transaction needs of its storage. */
export interface DemoHost {
  /** Over which revision of the changes to store, and the data, where a conflict was resolved. @throws ConflictError */
  prepare(
    oid: Oid,
    serial: Tid,
    data: RecordData,
  ): { readonly serial: Tid; readonly merged?: Uint8Array };
  checkCurrent(oid: Oid, serial: Tid): void;
}

export class DemoTransaction implements StorageTransaction {
  readonly tid: Tid;
  // What the changes cannot do, their transactions do not have.
  declare readonly restore?: NonNullable<StorageTransaction['restore']>;
  declare readonly undo?: NonNullable<StorageTransaction['undo']>;
  declare readonly storeBlob?: NonNullable<StorageTransaction['storeBlob']>;
  declare readonly restoreBlob?: NonNullable<StorageTransaction['restoreBlob']>;
  readonly #begun: StorageTransaction;
  readonly #host: DemoHost;
  readonly #resolved: Oid[] = [];

  constructor(begun: StorageTransaction, host: DemoHost) {
    this.tid = begun.tid;
    this.#begun = begun;
    this.#host = host;
    const { restore, undo, storeBlob, restoreBlob } = begun;
    if (restore !== undefined) this.restore = restore.bind(begun);
    if (undo !== undefined) this.undo = undo.bind(begun);
    if (restoreBlob !== undefined) this.restoreBlob = restoreBlob.bind(begun);
    if (storeBlob !== undefined)
      this.storeBlob = (oid, serial, data, file) => {
        const prepared = this.#host.prepare(oid, serial, data);
        storeBlob.call(begun, oid, prepared.serial, prepared.merged ?? data, file);
        if (prepared.merged !== undefined) this.#resolved.push(oid);
      };
  }

  store(oid: Oid, serial: Tid, data: RecordData): void {
    const prepared = this.#host.prepare(oid, serial, data);
    this.#begun.store(oid, prepared.serial, prepared.merged ?? data);
    if (prepared.merged !== undefined) this.#resolved.push(oid);
  }

  checkCurrent(oid: Oid, serial: Tid): void {
    this.#host.checkCurrent(oid, serial);
  }

  vote(): readonly Oid[] {
    return [...this.#begun.vote(), ...this.#resolved];
  }

  finish(onCommit?: (tid: Tid) => void): Tid {
    return this.#begun.finish(onCommit);
  }

  abort(): void {
    this.#begun.abort();
  }
}

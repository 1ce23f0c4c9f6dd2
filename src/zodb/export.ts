// Exporting objects with all they refer to, and importing them as new ones: from one database into another, or as copies
// into the same. What Python exports is imported here, and the reverse.

import {
  type Kinds,
  PersistentRef,
  type PickleDialect,
  Pickler,
  PyTuple,
  scanReferences,
  tuple,
  Unpickler,
} from '../pickle/index.ts';
import { isBlobRecord } from './blob-record.ts';
import { idBytes } from './bytes.ts';
import type { CommitBuffer } from './commit-buffer.ts';
import type { Connection } from './connection.ts';
import { ArgumentError, FormatError, InvalidObjectError, POSKeyError } from './errors.ts';
import { outputBytes, withInput, writeOutputFile } from './export-files.ts';
import {
  type ExportedRecord,
  type ExportOutput,
  readExport,
  writeExport,
} from './export-format.ts';
import type { Oid } from './ids.ts';
import { readReference, writeWeakReference } from './record.ts';

/** Writes an export; without a path the result is its bytes. */
export function exportFrom(
  connection: Connection,
  oid: Oid,
  path: string | undefined,
): Uint8Array | undefined {
  // An object that does not exist leaves no file behind.
  connection.load(oid);
  const write = (output: ExportOutput): void =>
    writeExport(output, exportedRecords(connection, oid));
  if (path === undefined) return outputBytes(write);
  writeOutputFile(path, write);
  return undefined;
}

/** Takes the objects of an export into the transaction in progress; the new id of the first. */
export function importInto(
  connection: Connection,
  buffer: CommitBuffer,
  source: string | Uint8Array,
): Oid {
  if (typeof source !== 'string' && !(source instanceof Uint8Array)) {
    throw new ArgumentError(`an import reads a file by its path, or bytes, got ${String(source)}`);
  }
  const { storage } = connection;
  const folder = (): string => {
    if (storage.blobTemporaryFolder !== undefined) return storage.blobTemporaryFolder();
    throw new InvalidObjectError('the export holds blobs, which this storage does not store', {
      file: storage.name,
    });
  };
  const ids = new Renumbering(() => storage.newOid(), storage.dialect);
  let first: Oid | undefined;
  withInput(source, folder, (input) => {
    const renumbered = function* (): IterableIterator<ExportedRecord> {
      for (const { oid: old, data, file } of readExport(input)) {
        const oid = ids.oid(old);
        first ??= oid;
        yield { oid, data: ids.record(data), file };
      }
    };
    buffer.take(renumbered());
  });
  if (first === undefined)
    throw new FormatError('the export holds no object', { file: sourceName(source) });
  return first;
}

function sourceName(source: string | Uint8Array): string {
  return typeof source === 'string' ? source : 'bytes';
}

/** The objects that can be reached from one, nearest first; those that cannot be loaded are left out. */
function* exportedRecords(connection: Connection, first: Oid): IterableIterator<ExportedRecord> {
  const seen = new Set<bigint>([first]);
  let level: bigint[] = [first];
  while (level.length > 0) {
    const next: bigint[] = [];
    for (const id of level) {
      const oid = id as Oid;
      const record = loaded(connection, oid, oid === first);
      if (record === undefined) continue;
      yield record;
      scanReferences(record.data, (target) => {
        if (seen.has(target)) return;
        seen.add(target);
        next.push(target);
      });
    }
    level = next;
  }
}

function loaded(connection: Connection, oid: Oid, needed: boolean): ExportedRecord | undefined {
  try {
    const { data, tid } = connection.load(oid);
    return { oid, data, file: isBlobRecord(data) ? connection.loadBlob(oid, tid) : undefined };
  } catch (error) {
    if (needed || !(error instanceof POSKeyError)) throw error;
    return undefined;
  }
}

/** New ids for the objects of an export, in the order in which they are met. */
class Renumbering {
  readonly #newOid: () => Oid;
  readonly #dialect: PickleDialect;
  // Python writes all references to an object as it met it first: with the class that stood there, or without one where its
  // record came before. It is one value each time, so that a second reference in a record is a look-up in the memo.
  readonly #oids = new Map<Oid, { readonly oid: Oid; readonly pid: unknown }>();
  readonly #unpickler: Unpickler;
  readonly #pickler = new Pickler();
  readonly #pickler2 = new Pickler({ dialect: 'python2' });

  /** `dialect` is that of the storage which the records are for. */
  constructor(newOid: () => Oid, dialect: PickleDialect) {
    this.#newOid = newOid;
    this.#dialect = dialect;
    this.#unpickler = new Unpickler({
      persistentLoad: (pid) => new PersistentRef(this.#renumbered(pid)),
    });
  }

  /** The new id of an object. */
  oid(old: Oid): Oid {
    return this.#known(old).oid;
  }

  /**
   * A record with new ids in its references. One of Python 2 stays one, and in a database of Python 2 all others become such.
   * @throws PickleError, InvalidObjectError
   */
  record(record: Uint8Array): Uint8Array {
    const unpickler = this.#unpickler;
    unpickler.clearMemo();
    const values: (readonly [value: unknown, kinds: Kinds | undefined])[] = [];
    try {
      for (let at = 0; at < record.length; at = unpickler.position)
        values.push([unpickler.load(record, at), unpickler.kinds]);
    } finally {
      unpickler.clearMemo();
    }
    const { python2 } = unpickler;
    const isPython2 = python2 !== undefined || this.#dialect === 'python2';
    const pickler = isPython2 ? this.#pickler2 : this.#pickler;
    pickler.clearMemo();
    pickler.writeAs(python2);
    for (const [value, kinds] of values) pickler.dump(value, kinds);
    return pickler.take();
  }

  #known(
    old: Oid,
    pid: (bytes: Uint8Array) => unknown = (bytes) => bytes,
  ): { readonly oid: Oid; readonly pid: unknown } {
    let known = this.#oids.get(old);
    if (known === undefined) {
      const oid = this.#newOid();
      known = { oid, pid: pid(idBytes(oid)) };
      this.#oids.set(old, known);
    }
    return known;
  }

  #renumbered(pid: unknown): unknown {
    const { kind, oid, cls, database } = readReference(pid);
    if (database !== undefined) {
      throw new InvalidObjectError(
        `an object with a reference to another database (${database}) cannot be imported`,
        { oid },
        'CROSS_REFERENCE',
      );
    }
    if (kind === 'weak') return writeWeakReference(idBytes(this.#known(oid).oid), undefined);
    return this.#known(oid, (bytes) =>
      pid instanceof PyTuple ? tuple<unknown>(bytes, cls) : bytes,
    ).pid;
  }
}

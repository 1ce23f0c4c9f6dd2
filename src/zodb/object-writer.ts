// From objects to records. New objects that are met on the way get their oid and are reported, so that the transaction
// stores them too.

import { type Kinds, Pickler, type PyGlobal, PyTuple } from '../pickle/index.ts';
import { getAttributes } from './attributes.ts';
import { idBytes } from './bytes.ts';
import type { ClassTable } from './classes.ts';
import { InvalidObjectError } from './errors.ts';
import { GenericObjectBase } from './generic-object.ts';
import type { Oid } from './ids.ts';
import { isPersistent, type Jar, stateOf } from './object-state.ts';
import { constructorOf, type Persistent } from './persistent.ts';
import {
  classDescriptionValue,
  writeCrossReference,
  writeReference,
  writeWeakReference,
} from './record.ts';
import type { RecordData } from './storage.ts';
import { PersistentWeakRef } from './weak-ref.ts';

/** What writing asks of the connection. */
export interface ObjectSink {
  readonly jar: Jar;
  /** Gives a new object, found while writing another, its oid. */
  discovered(object: Persistent): Oid;
  /** The name by which to refer to an object of another connection. @throws InvalidObjectError */
  crossReference(jar: Jar, oid: Oid | undefined): string;
}

interface StateHooks {
  __getstate__?(): unknown;
  __getnewargs__?(): PyTuple;
}

export class ObjectWriter {
  readonly #sink: ObjectSink;
  readonly #classes: ClassTable;
  readonly #pickler: Pickler;
  /** The bytes of each oid met in this record: Python writes the second reference to one target as a memo fetch. */
  readonly #oidBytes = new Map<Oid, Uint8Array>();

  constructor(sink: ObjectSink, classes: ClassTable) {
    this.#sink = sink;
    this.#classes = classes;
    this.#pickler = new Pickler({ persistentId: (value) => this.#persistentId(value) });
  }

  /**
   * The record of an object, valid until the next one is made.
   * @throws InvalidObjectError if its class has no Python name, or it refers to an object of another connection
   */
  serialize(object: Persistent): RecordData {
    const state = stateOf(object);
    const cls = constructorOf(object);
    const hooks = cls.prototype as StateHooks;
    const args = hooks.__getnewargs__?.call(object) ?? state.newArgs;
    const description = classDescriptionValue({ cls: this.#spelling(object), args });
    const value =
      hooks.__getstate__ === undefined ? getAttributes(object) : hooks.__getstate__.call(object);
    return this.pickle(description, value, state.kinds);
  }

  /** Two values as the two pickles of a record. */
  pickle(description: unknown, value: unknown, kinds?: Kinds): RecordData {
    this.#pickler.clearMemo();
    this.#oidBytes.clear();
    try {
      this.#pickler.dump(description);
      this.#pickler.dump(value, kinds);
      return this.#pickler.takePieces();
    } catch (error) {
      this.#pickler.takePieces();
      throw error;
    } finally {
      this.#pickler.clearMemo();
      this.#oidBytes.clear();
    }
  }

  #spelling(object: Persistent): unknown {
    const cls = constructorOf(object);
    const { pyClass, oid } = stateOf(object);
    if (object instanceof GenericObjectBase) return pyClass;
    const spelling = this.#classes.spelling(cls);
    if (spelling !== undefined) return spelling;
    throw new InvalidObjectError(
      `class ${cls.name} has no Python name: call registerClass(${cls.name}, 'module.${cls.name}')`,
      { oid },
    );
  }

  #persistentId(value: object): unknown {
    if (isPersistent(value)) return this.#strong(value);
    return value instanceof PersistentWeakRef ? this.#weak(value) : undefined;
  }

  #strong(value: Persistent): unknown {
    const state = stateOf(value);
    const hooks = constructorOf(value).prototype as StateHooks;
    const named = state.newArgs instanceof PyTuple || hooks.__getnewargs__ !== undefined;
    if (state.jar !== undefined && state.jar !== this.#sink.jar) {
      const database = this.#sink.crossReference(state.jar, state.oid);
      const cls = named ? undefined : this.#spelling(value);
      return writeCrossReference(database, this.#bytes(state.oid as Oid), cls);
    }
    const bytes = this.#bytes(state.oid ?? this.#sink.discovered(value));
    return writeReference(bytes, named ? undefined : (this.#spelling(value) as PyGlobal | PyTuple));
  }

  #weak(reference: PersistentWeakRef): unknown {
    const target = PersistentWeakRef.targetOf(reference);
    if (target === undefined) {
      const { jar, oid } = stateOf(PersistentWeakRef.objectOf(reference) as Persistent);
      const { jar: own } = this.#sink;
      if (jar !== undefined && jar !== own) {
        return writeWeakReference(this.#bytes(oid as Oid), this.#sink.crossReference(jar, oid));
      }
      // Also an object that nothing else refers to is stored.
      const object = PersistentWeakRef.objectOf(reference) as Persistent;
      return writeWeakReference(this.#bytes(oid ?? this.#sink.discovered(object)), undefined);
    }
    if (target.jar !== this.#sink.jar) {
      const database = target.database ?? this.#sink.crossReference(target.jar, target.oid);
      return writeWeakReference(this.#bytes(target.oid), database);
    }
    const bytes = this.#bytes(target.oid);
    return target.legacy ? [bytes] : writeWeakReference(bytes, target.database);
  }

  #bytes(oid: Oid): Uint8Array {
    let bytes = this.#oidBytes.get(oid);
    if (bytes === undefined) {
      bytes = idBytes(oid);
      this.#oidBytes.set(oid, bytes);
    }
    return bytes;
  }
}

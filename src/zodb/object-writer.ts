// From objects to records. New objects that are met on the way get their oid and are reported, so that the transaction
// stores them too.

import {
  type Kinds,
  kindsWritten,
  type PickleDialect,
  Pickler,
  PyTuple,
  type Python2Writer,
  type StoredReference,
} from '../pickle/index.ts';
import { getAttributes } from './attributes.ts';
import { idBytes } from './bytes.ts';
import type { ClassTable } from './classes.ts';
import { InvalidObjectError } from './errors.ts';
import { GenericObjectBase } from './generic-object.ts';
import type { Oid } from './ids.ts';
import {
  isPersistent,
  type Jar,
  type ObjectState,
  type ReferenceForms,
  stateOf,
} from './object-state.ts';
import { constructorOf, type Persistent } from './persistent.ts';
import { classDescriptionValue, writeCrossReference, writeWeakReference } from './record.ts';
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
  readonly #isPython2: boolean;
  /** How Python 2 wrote the last record that was changed: new objects are found from there, and written so too. */
  #writer: Python2Writer | undefined;
  /** The bytes of each oid met in this record: Python writes the second reference to one target as a memo fetch. */
  readonly #oidBytes = new Map<Oid, Uint8Array>();

  /** How the record that is written anew spelled its references, where not as usual. */
  #forms: ReferenceForms | undefined;

  /** `dialect` is that of the storage. */
  constructor(sink: ObjectSink, classes: ClassTable, dialect: PickleDialect = 'python3') {
    this.#sink = sink;
    this.#classes = classes;
    this.#isPython2 = dialect === 'python2';
    this.#pickler = new Pickler({
      dialect,
      reference: (value) => this.#ordinary(value),
      persistentId: (value) => this.#persistentId(value),
    });
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
    if (this.#isPython2) this.#writeAs(state.kinds?.python2);
    this.#forms = state.forms;
    const record = this.pickle(description, value, state.kinds, state.classKinds);
    if (this.#pickler.metNewFloat && hasPlaces(object, hooks)) {
      state.kinds = kindsWritten(value, state.kinds);
    }
    return record;
  }

  #writeAs(writer: Python2Writer | undefined): void {
    if (writer !== undefined) this.#writer = { ...writer, putsAll: false };
    this.#pickler.writeAs(writer ?? this.#writer);
  }

  /** Two values as the two pickles of a record. */
  pickle(
    description: unknown,
    value: unknown,
    kinds?: Kinds,
    descriptionKinds?: Kinds,
  ): RecordData {
    this.#pickler.clearMemo();
    this.#oidBytes.clear();
    try {
      this.#pickler.dump(description, descriptionKinds);
      this.#pickler.dump(value, kinds);
      return this.#pickler.takePieces();
    } catch (error) {
      this.#pickler.takePieces();
      throw error;
    } finally {
      this.#forms = undefined;
      this.#pickler.clearMemo();
      this.#oidBytes.clear();
    }
  }

  #spelling(object: Persistent): unknown {
    const cls = constructorOf(object);
    const { pyClass, oid } = stateOf(object);
    if (object instanceof GenericObjectBase) return pyClass;
    // Python 2 may not know the class under the name that Python 3 has for it
    if (this.#isPython2 && pyClass !== undefined) return pyClass;
    const spelling = this.#classes.spelling(cls);
    if (spelling !== undefined) return spelling;
    throw new InvalidObjectError(
      `class ${cls.name} has no Python name: call registerClass(${cls.name}, 'module.${cls.name}')`,
      { oid },
    );
  }

  /** A reference of the usual form; undefined for any other. */
  #ordinary(value: object): StoredReference | undefined {
    if (!isPersistent(value)) return undefined;
    const state = stateOf(value);
    if (state.jar !== undefined && state.jar !== this.#sink.jar) return undefined;
    const oid = state.oid ?? this.#sink.discovered(value);
    return { oid, cls: this.#referenceClass(value, state, oid) };
  }

  /** The class beside the oid in a reference; `undefined` where the oid stands alone. */
  #referenceClass(value: Persistent, state: ObjectState, oid: Oid): unknown {
    if (this.#forms?.has(oid) === true) return this.#forms.get(oid);
    if (isNamed(value, state)) return undefined;
    return (value instanceof GenericObjectBase && state.referenceClass) || this.#spelling(value);
  }

  #persistentId(value: object): unknown {
    if (isPersistent(value)) return this.#otherDatabase(value);
    return value instanceof PersistentWeakRef ? this.#weak(value) : undefined;
  }

  #otherDatabase(value: Persistent): unknown {
    const state = stateOf(value);
    if (state.jar === undefined || state.jar === this.#sink.jar) return undefined;
    const database = this.#sink.crossReference(state.jar, state.oid);
    const cls = isNamed(value, state) ? undefined : this.#spelling(value);
    return writeCrossReference(database, this.#bytes(state.oid as Oid), cls);
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

/** Whether a reference to an object leaves its class out, since making one of that takes arguments. */
function isNamed(object: Persistent, { newArgs }: ObjectState): boolean {
  const hooks = constructorOf(object).prototype as StateHooks;
  return newArgs instanceof PyTuple || hooks.__getnewargs__ !== undefined;
}

/** Whether what a record says of places still holds after changes: classes that arrange their state anew look after that. */
function hasPlaces(object: Persistent, hooks: StateHooks): boolean {
  return hooks.__getstate__ === undefined || object instanceof GenericObjectBase;
}

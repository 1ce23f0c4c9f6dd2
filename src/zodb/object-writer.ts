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
import { classDescriptionValue, writeReference } from './record.ts';
import type { RecordData } from './storage.ts';

/** What writing asks of the connection. */
export interface ObjectSink {
  readonly jar: Jar;
  /** Gives a new object, found while writing another, its oid. */
  discovered(object: Persistent): Oid;
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
    if (!isPersistent(value)) return undefined;
    const state = stateOf(value);
    if (state.jar !== undefined && state.jar !== this.#sink.jar) {
      throw new InvalidObjectError(
        'a reference to an object of another connection cannot be stored',
        {
          oid: state.oid,
        },
      );
    }
    const oid = state.oid ?? this.#sink.discovered(value);
    let bytes = this.#oidBytes.get(oid);
    if (bytes === undefined) {
      bytes = idBytes(oid);
      this.#oidBytes.set(oid, bytes);
    }
    const hooks = constructorOf(value).prototype as StateHooks;
    if (state.newArgs instanceof PyTuple || hooks.__getnewargs__ !== undefined) {
      return writeReference(bytes, undefined);
    }
    return writeReference(bytes, this.#spelling(value) as PyGlobal | PyTuple);
  }
}

// From records to objects: makes ghosts of the right class for references, and fills ghosts with the state of their record.

import { PersistentRef, PyGlobal, Unpickler } from '../pickle/index.ts';
import { renewFields, setAttributes } from './attributes.ts';
import type { ClassTable } from './classes.ts';
import { ClassError, CorruptedDataError } from './errors.ts';
import { GenericObjectBase } from './generic-object.ts';
import { type Oid, oid as toOid } from './ids.ts';
import { type Jar, type ObjectState, type ReferenceForms, stateOf } from './object-state.ts';
import {
  constructorOf,
  isDirect,
  makeGhost,
  type Persistent,
  type PersistentClass,
} from './persistent.ts';
import { classNameOf, type Reference, readClassDescription, readReference } from './record.ts';
import { PersistentWeakRef } from './weak-ref.ts';

/** What reading asks of the connection. */
export interface ObjectSource extends Jar {
  /** The object with this id, from the cache or as a new ghost; its class is read from its record. */
  get(oid: Oid): Persistent;
  cached(oid: Oid): Persistent | undefined;
  adopt(oid: Oid, ghost: ObjectState): void;
  /** The object of another database, `undefined` if that is not known. @throws POSKeyError */
  foreign(database: string, oid: Oid, spelling: unknown): Persistent | undefined;
}

/** A class with hooks of its own for its state. */
interface StateHooks {
  __setstate__?(state: unknown): void;
}

export class ObjectReader {
  readonly #source: ObjectSource;
  readonly #classes: ClassTable;
  // Reading a record may need another one (a reference without class), so there is one decoder for each level.
  readonly #idle: Unpickler[] = [];
  /** What the record that is being read has of unusual references. */
  #forms: ReferenceForms | undefined;

  constructor(source: ObjectSource, classes: ClassTable) {
    this.#source = source;
    this.#classes = classes;
  }

  /** A ghost for an object whose class only its record tells. */
  ghostFromRecord(oid: Oid, record: Uint8Array): Persistent {
    const unpickler = this.#idle.pop() ?? this.#decoder();
    const outer = this.#forms;
    try {
      const description = readClassDescription(unpickler, record);
      const ghost = this.ghost(oid, description.cls);
      const state = stateOf(ghost);
      state.newArgs = description.args;
      state.referenceClass = undefined;
      return ghost;
    } finally {
      this.#forms = outer;
      this.#ended(unpickler);
    }
  }

  /** Fills a ghost from its record. */
  loadState(state: ObjectState, record: Uint8Array): void {
    const unpickler = this.#idle.pop() ?? this.#decoder();
    const outer = this.#forms;
    this.#forms = undefined;
    try {
      const description = readClassDescription(unpickler, record);
      const classKinds = unpickler.kinds;
      const value = unpickler.load(record, unpickler.position);
      // Known before the class sets its state: it may keep numbers in another form.
      state.kinds = unpickler.kinds;
      state.classKinds = classKinds;
      state.newArgs = description.args;
      state.pyClass = description.cls;
      state.forms = this.#forms;
      const cls = constructorOf(state.target);
      if (!(state.target instanceof GenericObjectBase)) this.#construct(state, cls);
      const hook = (cls.prototype as StateHooks).__setstate__;
      if (hook === undefined) setAttributes(state, value);
      else hook.call(state.self, value);
    } finally {
      this.#forms = outer;
      this.#ended(unpickler);
    }
  }

  #construct(state: ObjectState, cls: PersistentClass): void {
    if (isDirect(cls)) return;
    try {
      renewFields(state, cls);
    } catch (cause) {
      const name = classNameOf(state.pyClass);
      throw new ClassError(
        `the constructor of ${cls.name} must work without arguments, but it threw: ${String((cause as Error)?.message ?? cause)}`,
        {
          className: name === undefined ? cls.name : `${name.module}.${name.name}`,
          oid: state.oid,
          cause,
        },
      );
    }
  }

  /** The object that a reference with a class names: from the cache, or a new ghost of that class. */
  ghost(oid: Oid, spelling: unknown): Persistent {
    const known = this.#source.cached(oid);
    if (known !== undefined) return known;
    const ghost = makeGhost(this.#classes.find(spelling) ?? GenericObjectBase, this.#source, oid);
    ghost.pyClass = spelling;
    ghost.referenceClass = spelling;
    this.#source.adopt(oid, ghost);
    return ghost.self;
  }

  #note(oid: Oid, cls: unknown): void {
    this.#forms ??= new Map();
    this.#forms.set(oid, cls);
  }

  #ended(unpickler: Unpickler): void {
    unpickler.clearMemo();
    this.#idle.push(unpickler);
  }

  #decoder(): Unpickler {
    return new Unpickler({
      loadReference: (oid, cls) => {
        if (!(cls instanceof PyGlobal)) this.#note(oid as Oid, cls);
        return this.ghost(oid as Oid, cls);
      },
      persistentLoad: (pid) => this.#resolve(pid),
    });
  }

  #resolve(pid: unknown): unknown {
    const reference = readReference(pid);
    const id = toOid(reference.oid);
    if (reference.kind === 'weak') return this.#weak(pid, reference);
    if (reference.kind === 'other-database') {
      const { database = '', cls } = reference;
      // A database that is not open here: the reference is kept as it is.
      return this.#source.foreign(database, id, cls) ?? new PersistentRef(pid);
    }
    if (reference.cls === undefined) {
      this.#note(id, undefined);
      return this.#source.get(id);
    }
    if (reference.cls === null)
      throw new CorruptedDataError('a reference names None as its class', { oid: id });
    return this.ghost(id, reference.cls);
  }

  #weak(pid: unknown, { oid, database }: Reference): PersistentWeakRef {
    const source = this.#source;
    return PersistentWeakRef.read({
      oid,
      database,
      legacy: (pid as readonly unknown[]).length === 1,
      jar: source,
      load: () =>
        database === undefined ? source.get(oid) : source.foreign(database, oid, undefined),
    });
  }
}

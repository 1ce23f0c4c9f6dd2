// PersistentWeakRef: a reference that does not keep its object in the database when that is packed. It has no record: where
// it stands, a weak persistent id is written. Class of persistent.wref.

import { ArgumentError, POSKeyError } from './errors.ts';
import { formatId, type Oid } from './ids.ts';
import { isPersistent, type Jar, stateOf } from './object-state.ts';
import type { Persistent } from './persistent.ts';

/** Where a weak reference that was read finds its object. */
export interface WeakTarget {
  readonly oid: Oid;
  /** The database it names, `undefined` for the one it stands in. */
  readonly database: string | undefined;
  /** Written in an old form, which says nothing but the oid. */
  readonly legacy: boolean;
  /** The connection of the record it was read from. */
  readonly jar: Jar;
  /** @throws POSKeyError */
  readonly load: () => Persistent | undefined;
}

/** A weak reference to a persistent object, which may be gone: `new PersistentWeakRef(object)`. */
export class PersistentWeakRef<T extends Persistent = Persistent> {
  readonly #object: T | undefined;
  readonly #target: WeakTarget | undefined;

  /** @throws ArgumentError for what is not persistent */
  constructor(object: T) {
    const given: unknown = object;
    if (isPersistent(given)) {
      this.#object = object;
    } else if (given instanceof ReadTarget) {
      this.#target = given.target;
    } else {
      throw new ArgumentError('a PersistentWeakRef refers to a persistent object');
    }
  }

  /** The object; `undefined` if it is not in the database any more. @throws ClosedError */
  deref(): T | undefined {
    if (this.#object !== undefined) return this.#object;
    try {
      return this.#target?.load() as T | undefined;
    } catch (error) {
      if (error instanceof POSKeyError) return undefined;
      throw error;
    }
  }

  /** The id of the object; `undefined` if it was never in a database. */
  get oid(): Oid | undefined {
    return this.#target?.oid ?? stateOf(this.#object as T).oid;
  }

  /** What the reference was read as; `undefined` for one that was made here. */
  static targetOf(reference: PersistentWeakRef): WeakTarget | undefined {
    return reference.#target;
  }

  /** The object of a reference that was made here. */
  static objectOf(reference: PersistentWeakRef): Persistent | undefined {
    return reference.#object;
  }

  /** A reference as a record has it. */
  static read(target: WeakTarget): PersistentWeakRef {
    return new PersistentWeakRef(new ReadTarget(target) as never);
  }
}

class ReadTarget {
  readonly target: WeakTarget;

  constructor(target: WeakTarget) {
    this.target = target;
  }
}

Object.defineProperty(PersistentWeakRef.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: PersistentWeakRef): string {
    const { oid } = this;
    return `PersistentWeakRef <${oid === undefined ? 'unsaved' : `oid ${formatId(oid)}`}>`;
  },
});

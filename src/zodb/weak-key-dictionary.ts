// PersistentWeakKeyDictionary: a dictionary by persistent objects that it does not keep in the database. Its state holds
// pairs of weak references and values. Class of persistent.wref.

import { PyDict, type PyTuple, tuple } from '../pickle/index.ts';
import { ArgumentError, CorruptedDataError } from './errors.ts';
import { isPersistent } from './object-state.ts';
import { Persistent } from './persistent.ts';
import { PersistentWeakRef } from './weak-ref.ts';

/** A dictionary whose keys are persistent objects; entries whose object is gone are not seen, and not stored again. */
export class PersistentWeakKeyDictionary<K extends Persistent = any, V = any> extends Persistent {
  static readonly _p_direct: boolean = true;
  #entries = new Map<K, readonly [PersistentWeakRef<K>, V]>();

  /** @throws ArgumentError for keys that are not persistent */
  constructor(entries?: Iterable<readonly [K, V]>) {
    super();
    if (entries !== undefined) for (const [key, value] of entries) this.#put(key, value);
  }

  get(key: K): V | undefined {
    return this.#loaded().get(key)?.[1];
  }

  has(key: K): boolean {
    return this.#loaded().has(key);
  }

  /** @throws ArgumentError for a key that is not persistent */
  set(key: K, value: V): this {
    checkKey(key);
    this._p_changed = true;
    this.#put(key, value);
    return this;
  }

  delete(key: K): boolean {
    if (!this.#loaded().has(key)) return false;
    this._p_changed = true;
    return this.#entries.delete(key);
  }

  get size(): number {
    return this.#loaded().size;
  }

  keys(): IterableIterator<K> {
    return this.#loaded().keys();
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this.#loaded().values()) yield value;
  }

  *entries(): IterableIterator<[K, V]> {
    for (const [key, [, value]] of this.#loaded()) yield [key, value];
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  __getstate__(): unknown {
    const pairs = [...this.#loaded().values()].map(([key, value]) => tuple<unknown>(key, value));
    return new PyDict([['data', pairs]]);
  }

  __setstate__(state: unknown): void {
    const data = state instanceof PyDict ? state.get('data') : undefined;
    if (!Array.isArray(data)) {
      throw new CorruptedDataError('the state of a weak dictionary holds no list of pairs', {
        oid: this._p_oid,
      });
    }
    this.#entries = new Map();
    for (const [reference, value] of data as PyTuple[]) {
      const key = reference instanceof PersistentWeakRef ? reference.deref() : undefined;
      if (key !== undefined)
        this.#entries.set(key as K, [reference as PersistentWeakRef<K>, value as V]);
    }
  }

  override _p_clear(): void {
    this.#entries = new Map();
  }

  #put(key: K, value: V): void {
    checkKey(key);
    const reference = this.#entries.get(key)?.[0] ?? new PersistentWeakRef(key);
    this.#entries.set(key, [reference, value]);
  }

  #loaded(): Map<K, readonly [PersistentWeakRef<K>, V]> {
    this._p_activate();
    return this.#entries;
  }
}

function checkKey(key: unknown): void {
  if (isPersistent(key)) return;
  throw new ArgumentError(
    `the keys of a weak dictionary are persistent objects, got ${String(key)}`,
  );
}

// PersistentMapping: Python's persistent dict. Its mutators mark it changed, so nothing has to be told when an item is
// set. Class names and the `data` attribute: persistent.mapping.

import { PyDict } from '../pickle/index.ts';
import { setAttributes } from './attributes.ts';
import { registerClass } from './classes.ts';
import { stateOf } from './object-state.ts';
import { Persistent } from './persistent.ts';

/** A persistent dictionary; iteration is in insertion order. The root of every database is one. */
export class PersistentMapping<K = any, V = any> extends Persistent {
  static readonly _p_direct: boolean = true;

  data: PyDict = new PyDict();

  constructor(entries?: Iterable<readonly [K, V]>) {
    super();
    if (entries !== undefined) for (const [key, value] of entries) this.data.set(key, value);
  }

  get(key: K): V | undefined;
  /** The same, of what its caller knows it to be. */
  get<T>(key: K): T | undefined;
  get(key: K): V | undefined {
    return this.#loaded().get(key) as V | undefined;
  }

  has(key: K): boolean {
    return this.#loaded().has(key);
  }

  set(key: K, value: V): this {
    this._p_changed = true;
    this.#loaded().set(key, value);
    return this;
  }

  delete(key: K): boolean {
    if (!this.#loaded().has(key)) return false;
    this._p_changed = true;
    return this.data.delete(key);
  }

  clear(): void {
    if (this.size === 0) return;
    this._p_changed = true;
    this.data.clear();
  }

  get size(): number {
    return this.#loaded().size;
  }

  keys(): IterableIterator<K> {
    return this.#loaded().keys() as IterableIterator<K>;
  }

  values(): IterableIterator<V> {
    return this.#loaded().values() as IterableIterator<V>;
  }

  entries(): IterableIterator<[K, V]> {
    return this.#loaded().entries() as IterableIterator<[K, V]>;
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  __setstate__(state: unknown): void {
    // Before ZODB 3.3 the dictionary was kept under another name.
    if (state instanceof PyDict && state.has('_container') && !state.has('data')) {
      state.set('data', state.get('_container'));
      state.delete('_container');
    }
    setAttributes(stateOf(this), state);
  }

  #loaded(): PyDict {
    this._p_activate();
    return this.data;
  }
}

registerClass(
  PersistentMapping,
  'persistent.mapping.PersistentMapping',
  'persistent.dict.PersistentDict',
  'ZODB.PersistentMapping.PersistentMapping',
  'Persistence.PersistentMapping.PersistentMapping',
  'Persistence.PersistentMapping',
  'BoboPOS.PersistentMapping.PersistentMapping',
  // The root of a database that was converted from BoboPOS.
  'ZODB.conversionhack.hack',
);

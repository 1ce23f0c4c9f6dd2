// Views that give numbers where the trees of 64-bit families give bigints.

import { stateOf } from '../zodb/object-state.ts';
import { entriesOf, keysOf, outermostKey, type Range, valuesOf } from './iterate.ts';
import { contentOf, type Node } from './node.ts';
import { valueAt } from './search.ts';

/** What a key or value type becomes in a view. */
export type Numbers<T> = T extends bigint ? number : T;

/** What a view needs of its mapping or set. */
interface Source<KIn> extends Node {
  readonly size: number;
  has(key: KIn): boolean;
  insert(key: KIn, value?: any): boolean;
  delete(key: KIn): boolean;
}

/** Reads numbers; what reads throws RangeError where an integer is beyond 2^53. Writes go to the set itself. */
export class NumberSet<K, KIn, S extends Source<KIn> = Source<KIn>> {
  protected readonly source: S;

  constructor(source: S) {
    this.source = source;
  }

  get size(): number {
    return this.source.size;
  }

  has(key: KIn): boolean {
    return this.source.has(key);
  }

  insert(key: KIn): boolean {
    return this.source.insert(key);
  }

  delete(key: KIn): boolean {
    return this.source.delete(key);
  }

  minKey(from?: KIn): K | undefined {
    return this.#shown(outermostKey(this.source, from, false));
  }

  maxKey(to?: KIn): K | undefined {
    return this.#shown(outermostKey(this.source, to, true));
  }

  keys(range?: Range<KIn>): IterableIterator<K> {
    return keysOf(this.source, range, this.source._p_family.key.showNumber);
  }

  [Symbol.iterator](): IterableIterator<unknown> {
    return this.keys();
  }

  #shown(key: unknown): K | undefined {
    return key === undefined ? undefined : (this.source._p_family.key.showNumber(key) as K);
  }
}

interface MappingSource<KIn, VIn> extends Source<KIn> {
  set(key: KIn, value: VIn): unknown;
}

/** Reads numbers; what reads throws RangeError where an integer is beyond 2^53. Writes go to the mapping itself. */
export class NumberMapping<K, V, KIn, VIn> extends NumberSet<K, KIn, MappingSource<KIn, VIn>> {
  get(key: KIn): V | undefined {
    const content = contentOf(stateOf(this.source));
    const value = valueAt(content, content.family.key.hold(key));
    return value === undefined ? undefined : (content.family.value.showNumber(value) as V);
  }

  set(key: KIn, value: VIn): this {
    this.source.set(key, value);
    return this;
  }

  override insert(key: KIn, value?: VIn): boolean {
    return this.source.insert(key, value);
  }

  values(range?: Range<KIn>): IterableIterator<V> {
    return valuesOf(this.source, range, this.source._p_family.value.showNumber);
  }

  entries(range?: Range<KIn>): IterableIterator<[K, V]> {
    const { key, value } = this.source._p_family;
    return entriesOf(this.source, range, key.showNumber, value.showNumber);
  }

  override [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }
}

// The objects of one connection: at most one object per oid while anything refers to it. Ghosts are held weakly; loaded
// objects stand in a ring and are kept until a clock hand finds them unused and the cache over its limits.

import vm from 'node:vm';
import type { Oid } from './ids.ts';
import { GHOST, type ObjectState, UPTODATE } from './object-state.ts';
import type { Persistent } from './persistent.ts';

/** How many loads pass between two looks at the limits within one synchronous job. */
const LOADS_BETWEEN_LOOKS = 1000;

// V8 frees nothing that a WeakRef was made of or asked for within the same job. Running a script in a context that drains
// its own microtask queue ends the job as far as V8 is concerned, and touches no promise of the application.
const endOfJob = new vm.Script('0');
const drained = vm.createContext({}, { microtaskMode: 'afterEvaluate' });

export interface CacheLimits {
  /** How many loaded objects to keep. */
  readonly objects: number;
  /** How many bytes of records to keep, 0 for no limit. */
  readonly bytes: number;
}

/** Ids below 2^53 are kept as numbers: V8 hashes them much faster than bigints. */
function keyOf(oid: Oid): number | bigint {
  const number = Number(oid);
  return number <= Number.MAX_SAFE_INTEGER ? number : oid;
}

export class ObjectCache {
  readonly #limits: CacheLimits;
  // An object and its state keep each other alive, and a state is asked without the traps of a Proxy.
  readonly #objects = new Map<number | bigint, WeakRef<ObjectState>>();
  #hand: ObjectState | undefined;
  #loaded = 0;
  #bytes = 0;
  #loads = 0;
  #deadAbove = 4 * LOADS_BETWEEN_LOOKS;

  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  /** How many objects are loaded (not ghosts), and the bytes of their records. */
  get loadedCount(): number {
    return this.#loaded;
  }

  get loadedBytes(): number {
    return this.#bytes;
  }

  get(oid: Oid): Persistent | undefined {
    return this.#objects.get(keyOf(oid))?.deref()?.self;
  }

  /** Adds an object: a ghost, or a new object that has just been given its oid. */
  add(oid: Oid, state: ObjectState): void {
    this.#objects.set(keyOf(oid), new WeakRef(state));
    if (state.code !== GHOST) this.#enter(state);
  }

  /** Takes an object out: it never got into the database. */
  remove(oid: Oid): void {
    const key = keyOf(oid);
    const state = this.#objects.get(key)?.deref();
    this.#objects.delete(key);
    if (state !== undefined) this.#leave(state);
  }

  /** An object has been loaded. Once in a while this is the moment to evict others. */
  loaded(state: ObjectState): void {
    this.#enter(state);
    if (++this.#loads % LOADS_BETWEEN_LOOKS === 0) this.#withinJob();
  }

  /** An object has become a ghost. */
  ghosted(state: ObjectState): void {
    this.#leave(state);
  }

  /** The record of an object has another length now. */
  resized(state: ObjectState, size: number): void {
    if (state.newer !== undefined) this.#bytes += size - state.size;
    state.size = size;
  }

  /** Makes ghosts of unused, unchanged objects until the cache is within its limits. */
  shrink(limits: CacheLimits = this.#limits): void {
    // Twice around: the first pass may only take away the second chances.
    for (let steps = 2 * this.#loaded; steps > 0 && this.#above(limits); steps--) {
      const state = this.#hand;
      if (state === undefined) return;
      this.#hand = state.newer;
      if (state.used && limits.objects > 0) state.used = false;
      else if (state.code === UPTODATE && !state.loading) state.self._p_deactivate();
    }
  }

  /** Makes ghosts of all unchanged objects. */
  minimize(): void {
    this.shrink({ objects: 0, bytes: 0 });
  }

  /** All objects that are alive, ghosts included. */
  *objects(): IterableIterator<Persistent> {
    for (const reference of this.#objects.values()) {
      const state = reference.deref();
      if (state !== undefined) yield state.self;
    }
  }

  #above(limits: CacheLimits): boolean {
    return this.#loaded > limits.objects || (limits.bytes > 0 && this.#bytes > limits.bytes);
  }

  #withinJob(): void {
    this.shrink();
    endOfJob.runInContext(drained);
    if (this.#objects.size > this.#deadAbove) {
      for (const [key, reference] of this.#objects) {
        if (reference.deref() === undefined) this.#objects.delete(key);
      }
      endOfJob.runInContext(drained);
      this.#deadAbove = Math.max(4 * LOADS_BETWEEN_LOOKS, 2 * this.#objects.size);
    }
  }

  #enter(state: ObjectState): void {
    if (state.newer !== undefined) return;
    const hand = this.#hand;
    if (hand === undefined) {
      state.newer = state;
      state.older = state;
      this.#hand = state;
    } else {
      const newest = hand.older as ObjectState;
      state.older = newest;
      state.newer = hand;
      newest.newer = state;
      hand.older = state;
    }
    this.#loaded++;
    this.#bytes += state.size;
  }

  #leave(state: ObjectState): void {
    const { newer, older } = state;
    if (newer === undefined || older === undefined) return;
    if (newer === state) {
      this.#hand = undefined;
    } else {
      older.newer = newer;
      newer.older = older;
      if (this.#hand === state) this.#hand = newer;
    }
    state.newer = undefined;
    state.older = undefined;
    this.#loaded--;
    this.#bytes -= state.size;
  }
}

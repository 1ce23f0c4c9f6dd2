// What the object layer knows about one persistent object: identity, state of loading, its place in the cache. It hangs
// on the object itself under one symbol, so that reading an attribute costs no look-up elsewhere.

import type { Kinds } from '../pickle/index.ts';
import { ArgumentError } from './errors.ts';
import { type Oid, type Tid, ZERO_TID } from './ids.ts';
import type { Persistent } from './persistent.ts';

export const STATE: unique symbol = Symbol.for('zodb/1.state') as never;

/** `_p_state` of a ghost: nothing loaded yet. */
export const GHOST = -1;
/** `_p_state` of an object that equals the database, or was never saved. */
export const UPTODATE = 0;
/** `_p_state` of an object that the next commit stores. */
export const CHANGED = 1;
/** `_p_state` of a loaded object that is not to be evicted. */
export const STICKY = 2;

/** What an object asks of the connection it belongs to. */
export interface Jar {
  /** Loads a ghost's state. @throws POSKeyError, StateLoadError, ReadConflictError, ClosedError */
  setstate(object: Persistent): void;
  /** The object is about to change for the first time in this transaction. @throws ReadOnlyError */
  register(object: Persistent): void;
  /** The object has become a ghost. */
  ghosted(object: Persistent): void;
  /** Commit fails if another transaction changes this object meanwhile, although it is only read. */
  readCurrent(object: Persistent): void;
  /** Whether nobody but the object itself has its state: it is new, and no savepoint has stored it. */
  isUnstored?(oid: Oid): boolean;
  /** As long as this is the same object, `readCurrent` need not be called again for an object. */
  readonly readMark?: object;
}

/** How a record spells the class in references, by oid. */
export type ReferenceForms = Map<Oid, unknown>;

/** What is known about one persistent object. */
export class ObjectState {
  oid: Oid | undefined = undefined;
  jar: Jar | undefined = undefined;
  serial: Tid = ZERO_TID;
  code: number = UPTODATE;
  /** Being filled from a record: changes are not changes now. */
  loading = false;
  /** Not to be evicted while it is up to date. */
  sticky = false;
  /** The constructor has run on this object (it runs once, also for objects that come from a record). */
  constructed = false;
  /** The object as everyone else sees it: the proxy, or the object itself for types that do without one. */
  self!: Persistent;
  /** What the attributes are stored on: the object behind the proxy, or the object itself. */
  target!: Persistent;
  /** The class as records and references spell it: a PyGlobal, a (module, name) tuple or a reference. */
  pyClass: unknown = undefined;
  /** The class as the reference spelled it that this object was first met by. */
  referenceClass: unknown = undefined;
  /** The references of the record that have no usual form: the class beside the oid, `undefined` where it stands alone. */
  forms: ReferenceForms | undefined = undefined;
  /** The arguments beside the class in the record; `undefined` when the record holds the class alone. */
  newArgs: unknown = undefined;
  /** Which integral numbers of the record were floats (see pickle/kinds.ts). */
  kinds: Kinds | undefined = undefined;
  /** The same of the record's class description. */
  classKinds: Kinds | undefined = undefined;
  /** Bytes of the record: what the object is taken to weigh in the cache. */
  size = 0;
  /** What a direct type keeps of its loaded record, where that is not in fields: found with one look-up. */
  content: unknown = undefined;
  /** Attributes that Python keeps in slots: they stand in the second half of the state. */
  slots: ReadonlySet<string> | undefined = undefined;

  /** The cache's ring of objects that are not ghosts, and whether this one was used since the hand passed. */
  newer: ObjectState | undefined = undefined;
  older: ObjectState | undefined = undefined;
  used = false;
}

/** The state of a persistent object. @throws TypeError (from the engine) for anything else */
export function stateOf(object: Persistent): ObjectState {
  return (object as unknown as { [STATE]: ObjectState })[STATE];
}

/** The state of what a caller passed as a persistent object. @throws ArgumentError if it is none */
export function checkedState(object: unknown): ObjectState {
  if (isPersistent(object)) return stateOf(object);
  const given = typeof object === 'object' && object !== null ? object.constructor?.name : object;
  throw new ArgumentError(`a persistent object is needed, got ${String(given)}`);
}

/** Whether a value is a persistent object, of this copy of the package or another. */
export function isPersistent(value: unknown): value is Persistent {
  return typeof value === 'object' && value !== null && STATE in value;
}

/** Loads the object if it is a ghost. */
export function activate(state: ObjectState): void {
  if (state.code === GHOST && !state.loading) state.jar?.setstate(state.self);
}

/** Loads the object if it is a ghost and tells its connection, once a transaction, that it changes. */
export function markChanged(state: ObjectState): void {
  if (state.loading) return;
  activate(state);
  if (state.code !== UPTODATE || state.jar === undefined) return;
  state.jar.register(state.self);
  state.code = CHANGED;
}

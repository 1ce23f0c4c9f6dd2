// Persistent: the base of every object that has a record of its own. Reading an attribute of a ghost loads it; assigning
// marks it changed and joins the transaction. A Proxy does this, so attributes that the class never declared take part
// too. Types whose access is hot (mappings, BTrees, arrays) do without: they declare themselves `direct` and call
// `_p_activate` and `_p_changed` themselves; their subclasses get the Proxy.

import { InvalidObjectError } from './errors.ts';
import { type Oid, type Tid, ZERO_TID } from './ids.ts';
import { type Inspect, type InspectOptions, inspectObject } from './inspect.ts';
import { objectHandler } from './object-handler.ts';
import {
  activate,
  CHANGED,
  GHOST,
  type Jar,
  markChanged,
  ObjectState,
  STATE,
  STICKY,
  stateOf,
  UPTODATE,
} from './object-state.ts';
import { dateOfTid } from './time.ts';

/**
 * Whether objects of exactly this class do without a Proxy: it says so with `static readonly _p_direct: boolean = true`. Its
 * subclasses do not inherit that.
 */
export function isDirect(cls: PersistentClass): boolean {
  return Object.hasOwn(cls, '_p_direct');
}

/** A class of persistent objects. It must be constructible without arguments. */
export type PersistentClass<T extends Persistent = Persistent> = new (...args: any[]) => T;

/** The ghost whose constructor runs now: Persistent's constructor returns it instead of making a new object. */
let adopting: { readonly cls: PersistentClass; readonly state: ObjectState } | undefined;

export class Persistent {
  constructor() {
    if (adopting !== undefined && adopting.cls === new.target) {
      const { state } = adopting;
      adopting = undefined;
      // biome-ignore lint/correctness/noConstructorReturn: fields are to land on the ghost that already exists
      return state.self;
    }
    const state = new ObjectState();
    state.constructed = true;
    // biome-ignore lint/correctness/noConstructorReturn: the proxy is the object
    return attach(this, state, new.target as PersistentClass);
  }

  /** The object's id; `undefined` until it belongs to a connection. */
  get _p_oid(): Oid | undefined {
    return stateOf(this).oid;
  }

  /** The connection it belongs to. */
  get _p_jar(): Jar | undefined {
    return stateOf(this).jar;
  }

  /** The transaction that wrote the loaded state; zero for an object never stored. */
  get _p_serial(): Tid {
    return stateOf(this).serial;
  }

  /** -1 ghost, 0 up to date or unsaved, 1 changed, 2 sticky. */
  get _p_state(): number {
    const { code, sticky } = stateOf(this);
    return sticky && code === UPTODATE ? STICKY : code;
  }

  /** `'unsaved'`, `'ghost'`, `'saved'`, `'changed'` or `'sticky'`. */
  get _p_status(): string {
    const { code, jar, sticky } = stateOf(this);
    if (jar === undefined) return 'unsaved';
    if (code === UPTODATE) return sticky ? 'sticky' : 'saved';
    return code === GHOST ? 'ghost' : 'changed';
  }

  /**
   * Whether the object stays loaded until this is assigned `false` again, whatever the cache's limits: for code that keeps
   * parts of its state at hand. It still becomes a ghost when others change it. Assigning `true` loads a ghost.
   */
  get _p_sticky(): boolean {
    return stateOf(this).sticky;
  }

  set _p_sticky(sticky: boolean) {
    if (sticky) this._p_activate();
    stateOf(this).sticky = sticky;
  }

  /** When the loaded state was committed; `undefined` for an object never stored. Loads a ghost. */
  get _p_mtime(): Date | undefined {
    const state = stateOf(this);
    activate(state);
    return state.serial === ZERO_TID ? undefined : dateOfTid(state.serial);
  }

  /** What the object weighs in the cache: the bytes of its record, in steps of 64; 0 if it was never loaded or stored. */
  get _p_estimated_size(): number {
    const { size } = stateOf(this);
    return size === 0 ? 0 : (Math.floor(size / 64) + 1) * 64;
  }

  /** Whether the next commit stores it; `undefined` for a ghost. Assign `true` after changing a plain list or dict inside. */
  get _p_changed(): boolean | undefined {
    const { code } = stateOf(this);
    return code === GHOST ? undefined : code === CHANGED;
  }

  set _p_changed(changed: boolean | undefined) {
    const state = stateOf(this);
    if (changed === true) markChanged(state);
    else if (changed === undefined) this._p_deactivate();
    else if (state.code === CHANGED) state.code = UPTODATE;
  }

  /** Loads it if it is a ghost. @throws POSKeyError, StateLoadError, ReadConflictError */
  _p_activate(): void {
    const state = stateOf(this);
    if (state.code === GHOST) activate(state);
    state.used = true;
  }

  /** Forgets the loaded state of an unchanged object; the next access loads it again. */
  _p_deactivate(): void {
    const state = stateOf(this);
    if (state.code !== UPTODATE || !isStored(state)) return;
    if (!state.loading && !state.sticky) becomeGhost(state);
  }

  /** Forgets the state, changes included. */
  _p_invalidate(): void {
    const state = stateOf(this);
    if (state.code !== GHOST && isStored(state)) becomeGhost(state);
  }

  /** Drops the data of an object that becomes a ghost. Direct types override it. */
  _p_clear(): void {
    const target = targetOf(this);
    deleteAll(target, Object.keys(target));
  }
}

/** Deletes properties, the last first: V8 then goes back to the shape before, where it would make the object a slow one. */
export function deleteAll(target: object, names: readonly string[]): void {
  for (let at = names.length - 1; at >= 0; at--)
    delete (target as Record<string, unknown>)[names[at] as string];
}

/** The object behind a proxy: what attributes are stored on. */
export function targetOf(object: Persistent): Persistent {
  return stateOf(object).target;
}

/** The JavaScript class of an object, whatever its data say. */
export function constructorOf(object: Persistent): PersistentClass {
  return (Object.getPrototypeOf(object) as { constructor: PersistentClass }).constructor;
}

function attach(target: Persistent, state: ObjectState, cls: PersistentClass): Persistent {
  state.target = target;
  if (isDirect(cls)) {
    Object.defineProperty(target, STATE, { value: state, configurable: true });
    state.self = target;
    return target;
  }
  // The traps hide it.
  (target as unknown as { [STATE]: ObjectState })[STATE] = state;
  // Generic objects look their attributes up elsewhere.
  const handler = (cls as { _p_handler?: ProxyHandler<Persistent> })._p_handler ?? objectHandler;
  const proxy = new Proxy(target, handler);
  state.self = proxy;
  return proxy;
}

/**
 * Makes the ghost of a stored object, without running its constructor (a direct type's constructor does run: it only
 * sets up empty fields).
 */
export function makeGhost(cls: PersistentClass, jar: Jar, oid: Oid): ObjectState {
  const state = new ObjectState();
  state.oid = oid;
  state.jar = jar;
  state.code = GHOST;
  attach(Object.create(cls.prototype) as Persistent, state, cls);
  if (isDirect(cls)) constructOnto(cls, state);
  return state;
}

/** Runs the class's constructor, without arguments, on an object that exists already; fields and #private arrive on it. */
export function constructOnto(cls: PersistentClass, state: ObjectState): void {
  const before = adopting;
  const { loading } = state;
  adopting = { cls, state };
  state.loading = true;
  state.constructed = true;
  try {
    new cls();
  } finally {
    adopting = before;
    state.loading = loading;
  }
}

/** Whether the state of an object can be loaded again. */
function isStored({ jar, oid, serial }: ObjectState): boolean {
  if (jar === undefined || oid === undefined) return false;
  return serial !== ZERO_TID || jar.isUnstored?.(oid) !== true;
}

function becomeGhost(state: ObjectState): void {
  state.self._p_clear();
  state.sticky = false;
  state.code = GHOST;
  state.kinds = undefined;
  state.classKinds = undefined;
  state.forms = undefined;
  state.jar?.ghosted(state.self);
}

/** Gives a new object its place in a database. */
export function assignIdentity(object: Persistent, jar: Jar, oid: Oid): void {
  const state = stateOf(object);
  state.jar = jar;
  state.oid = oid;
}

/** Takes it away again: the transaction that would have stored the object was aborted. */
export function forgetIdentity(object: Persistent): void {
  const state = stateOf(object);
  state.oid = undefined;
  if (state.code === GHOST) {
    state.jar = lost;
    return;
  }
  state.jar = undefined;
  state.serial = ZERO_TID;
  state.code = UPTODATE;
}

/**
 * The connection of objects whose only state went away: stored by a savepoint, evicted from memory, and given up with the
 * transaction.
 */
const lost: Jar = {
  setstate: () => {
    throw new InvalidObjectError(
      'the data of this new object went into a transaction that was given up; nobody has them any more: make the object anew',
    );
  },
  register: () => undefined,
  ghosted: () => undefined,
  readCurrent: () => undefined,
};

Object.defineProperty(Persistent.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value: inspectPersistent,
});

/** What `console.log` shows. */
function inspectPersistent(
  this: Persistent,
  depth: number | null,
  options: InspectOptions,
  inspect: Inspect,
): string {
  return inspectObject(this, depth, options, (inner) => {
    const data = Object.fromEntries(Object.entries(this));
    return Object.keys(data).length === 0 ? undefined : inspect(data, inner);
  });
}

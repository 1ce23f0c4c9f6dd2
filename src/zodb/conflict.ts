// Conflict resolution: where two transactions changed one object, its class may make one state of the two. That is done on
// bare states, without connection and objects: what states refer to stands there as PersistentReference.

import {
  type Kinds,
  Pickler,
  PyDict,
  PyFrozenSet,
  PyObject,
  PySet,
  Unpickler,
} from '../pickle/index.ts';
import { defineKey, unhashable } from '../pickle/key.ts';
import type { Oid } from './ids.ts';
import {
  classDescriptionValue,
  classNameOf,
  readClassDescription,
  readReference,
} from './record.ts';
import type { Conflict, ConflictResolver } from './storage.ts';

/**
 * A reference in a state that is being merged: in all states of one conflict the same object for the same target, written in
 * the same form. It is no key of a dictionary and no member of a set, as in Python: such states cannot be merged.
 */
export class PersistentReference {
  /** As it stands in the record. */
  readonly pid: unknown;
  readonly oid: Oid;
  /** The database it names; `undefined` for the one it stands in. */
  readonly databaseName: string | undefined;
  readonly weak: boolean;
  /** The class beside the oid, where there is one. */
  readonly cls: unknown;

  constructor(pid: unknown) {
    const { oid, database, kind, cls } = readReference(pid);
    this.pid = pid;
    this.oid = oid;
    this.databaseName = database;
    this.weak = kind === 'weak';
    this.cls = cls;
  }

  /**
   * Whether both refer to one object.
   * @throws TypeError where that cannot be said without the objects, as in Python: for different ones, for weak ones, and
   * for what is no reference
   */
  equals(other: unknown): boolean {
    if (other === this) return true;
    const same =
      other instanceof PersistentReference &&
      !this.weak &&
      !other.weak &&
      this.oid === other.oid &&
      this.databaseName === other.databaseName;
    if (same) return true;
    throw new TypeError('references in a conflict cannot be compared unless they are equal');
  }
}

defineKey(PersistentReference.prototype, unhashable);

/**
 * A class whose conflicts can be resolved: by a static method, or one of its instances, which has neither state nor
 * connection then. States are as records have them, floats as PyFloat, references as PersistentReference.
 */
export interface ResolvingClass {
  /** The merged state. What it throws makes it a ConflictError. `old` is what both began with. */
  _p_resolveConflict(old: unknown, committed: unknown, changed: unknown): unknown;
}

/** What became of a conflict: the merged record, or why there is none, where that is known. */
export interface Merge {
  readonly merged: Uint8Array | undefined;
  readonly cause?: unknown;
}

/** What `resolve` makes of a conflict. Whatever keeps states from being merged, to the caller it is a conflict. */
export function mergeOf(resolve: ConflictResolver | undefined, conflict: Conflict): Merge {
  try {
    return { merged: resolve?.(conflict) };
  } catch (cause) {
    return { merged: undefined, cause };
  }
}

/**
 * The merged record, or `undefined` if the class merges none. `find` gives the class that a record names.
 * @throws whatever kept the states from being merged
 */
export function resolveConflict(
  conflict: Conflict,
  find: (spelling: unknown) => object | undefined,
): Uint8Array | undefined {
  const references = new Map<string, PersistentReference>();
  const unpickler = new Unpickler({
    exact: true,
    oid: conflict.oid,
    persistentLoad: (pid) => reference(references, pid),
  });
  const description = readClassDescription(unpickler, conflict.data);
  const resolver = resolverOf(find(description.cls));
  if (resolver === undefined) return undefined;
  const changed = unpickler.load(conflict.data, unpickler.position);
  const { python2 } = unpickler;
  const stateOf = (record: Uint8Array): unknown => {
    readClassDescription(unpickler, record);
    return unpickler.load(record, unpickler.position);
  };
  const old = stateOf(conflict.original());
  const committed = stateOf(conflict.committedData);
  if (references.size > 0) refuseMembers([old, committed, changed]);
  const state = resolver._p_resolveConflict(old, committed, changed);
  const pickler = new Pickler({
    oid: conflict.oid,
    dialect: python2 === undefined ? 'python3' : 'python2',
    persistentId: (value) => (value instanceof PersistentReference ? value.pid : undefined),
  });
  pickler.writeAs(python2);
  pickler.dump(classDescriptionValue(description));
  pickler.dump(state, python2 && python2Kinds(conflict.data));
  return pickler.take();
}

/** What is `unicode`, `long` or `binary` in a record of Python 2: so are equal values in the merged one. */
function python2Kinds(record: Uint8Array): Kinds | undefined {
  const unpickler = new Unpickler({ persistentLoad: () => null });
  readClassDescription(unpickler, record);
  unpickler.load(record, unpickler.position);
  return unpickler.kinds?.withoutPlaces();
}

/**
 * Dictionaries refuse references as keys when they are made; a set of them becomes a generic object, which says nothing.
 * @throws TypeError if a set has a reference as a member, or in a tuple that is one
 */
function refuseMembers(values: readonly unknown[]): void {
  const seen = new Set<unknown>();
  const pending: (readonly [value: unknown, hashed: boolean])[] = values.map((v) => [v, false]);
  const push = (items: Iterable<unknown>, hashed: boolean): void => {
    for (const item of items) pending.push([item, hashed]);
  };
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [value, hashed] = next;
    if (hashed && value instanceof PersistentReference)
      throw new TypeError('a set of references cannot be merged');
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (Array.isArray(value)) push(value, hashed);
    else if (value instanceof PySet || value instanceof PyFrozenSet) push(value, true);
    else if (value instanceof PyDict) push(value.values(), false);
    else if (value instanceof PyObject) {
      push(value.args.flat(), isSet(value.callable));
      push([value.state, value.listItems, value.dictItems], false);
    }
  }
}

function isSet(callable: unknown): boolean {
  const name = classNameOf(callable);
  const builtin = name?.module === 'builtins' || name?.module === '__builtin__';
  return builtin && (name?.name === 'set' || name?.name === 'frozenset');
}

function resolverOf(cls: object | undefined): ResolvingClass | undefined {
  const resolves = (given: unknown): given is ResolvingClass =>
    typeof (given as Partial<ResolvingClass> | undefined)?._p_resolveConflict === 'function';
  if (resolves(cls)) return cls;
  const { prototype } = (cls ?? {}) as { prototype?: object };
  return resolves(prototype) ? (Object.create(prototype) as ResolvingClass) : undefined;
}

function reference(known: Map<string, PersistentReference>, pid: unknown): PersistentReference {
  const made = new PersistentReference(pid);
  const name = classNameOf(made.cls);
  const form = `${Array.isArray(pid)} ${made.cls === undefined} ${name?.module} ${name?.name}`;
  const key = `${made.oid} ${made.databaseName} ${made.weak} ${form}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  known.set(key, made);
  return made;
}

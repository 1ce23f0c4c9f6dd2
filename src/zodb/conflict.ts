// Conflict resolution: where two transactions changed one object, its class may make one state of the two. That is done on
// bare states, without connection and objects: what states refer to stands there as PersistentReference.

import { Pickler, Unpickler } from '../pickle/index.ts';
import { classDescriptionValue, readClassDescription, readReference } from './record.ts';
import type { Conflict } from './storage.ts';

/** A reference in a state that is being merged: in all states of one conflict the same object for the same target. */
export class PersistentReference {
  /** As it stands in the record. */
  readonly pid: unknown;

  constructor(pid: unknown) {
    this.pid = pid;
  }
}

/** A class whose conflicts can be resolved: a static method, called with states as records have them, floats as PyFloat. */
export interface ResolvingClass {
  /** The merged state. What it throws makes it a ConflictError. `old` is what both began with. */
  _p_resolveConflict(old: unknown, committed: unknown, changed: unknown): unknown;
}

/** The merged record, or `undefined` if the class cannot merge these states. `find` gives the class that a record names. */
export function resolveConflict(
  conflict: Conflict,
  find: (spelling: unknown) => object | undefined,
): Uint8Array | undefined {
  try {
    return merged(conflict, find);
  } catch {
    // Whatever kept the states from being merged, to the caller it is a conflict, and trying again is the way out.
    return undefined;
  }
}

function merged(
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
  const cls = find(description.cls) as Partial<ResolvingClass> | undefined;
  if (typeof cls?._p_resolveConflict !== 'function') return undefined;
  const changed = unpickler.load(conflict.data, unpickler.position);
  const stateOf = (record: Uint8Array): unknown => {
    readClassDescription(unpickler, record);
    return unpickler.load(record, unpickler.position);
  };
  const old = stateOf(conflict.original());
  const committed = stateOf(conflict.committedData);
  const state = cls._p_resolveConflict(old, committed, changed);
  const pickler = new Pickler({
    oid: conflict.oid,
    persistentId: (value) => (value instanceof PersistentReference ? value.pid : undefined),
  });
  pickler.dump(classDescriptionValue(description));
  pickler.dump(state);
  return pickler.take();
}

function reference(known: Map<string, PersistentReference>, pid: unknown): PersistentReference {
  const { kind, oid, database } = readReference(pid);
  const key = `${kind} ${oid} ${database ?? ''}`;
  let found = known.get(key);
  if (found === undefined) {
    found = new PersistentReference(pid);
    known.set(key, found);
  }
  return found;
}

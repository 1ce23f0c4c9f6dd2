// The objects that an object refers to, found as a program finds them: in its state, through values of all kinds.

import { Persistent } from '../../src/main.ts';
import { PersistentRef, PyDict, PyFrozenSet, PyObject, PySet } from '../../src/pickle/index.ts';
import { getAttributes } from '../../src/zodb/attributes.ts';
import { stateOf } from '../../src/zodb/object-state.ts';

/** The persistent objects that `object` refers to, each once; loads it. */
export function objectsIn(object: Persistent): Set<Persistent> {
  object._p_activate();
  const { pyClass, newArgs } = stateOf(object);
  const hooks = object as { __getstate__?(): unknown };
  const found = new Set<Persistent>();
  const met = new Set<object>();
  const todo: unknown[] = [pyClass, newArgs, hooks.__getstate__?.() ?? getAttributes(object)];
  while (todo.length > 0) {
    const value = todo.pop();
    if (typeof value !== 'object' || value === null || met.has(value)) continue;
    met.add(value);
    if (value instanceof Persistent) found.add(value);
    else todo.push(...partsOf(value));
  }
  return found;
}

function partsOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof PyDict) return [...value.keys(), ...value.values()];
  if (value instanceof PySet || value instanceof PyFrozenSet) return [...value];
  if (value instanceof PyObject) {
    const { callable, args, kwargs, state, listItems, dictItems } = value;
    return [callable, args, kwargs, state, listItems, dictItems];
  }
  return value instanceof PersistentRef ? [value.pid] : [];
}

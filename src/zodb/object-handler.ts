// The Proxy traps of persistent objects of registered classes: attributes are own properties of the target.
//
// Symbols, `then` and `_p_*` never load an object: otherwise awaiting or printing a ghost would. `_v_*` attributes are
// volatile: kept, never stored, never a change.

import { activate, GHOST, markChanged, type ObjectState, STATE, stateOf } from './object-state.ts';
import type { Persistent } from './persistent.ts';

type Target = Persistent & Record<PropertyKey, unknown>;

const UNDERSCORE = 95;

/** Whether reading this name needs the object's data. */
export function isDataName(key: PropertyKey): key is string {
  if (typeof key !== 'string') return false;
  if (key.charCodeAt(0) === UNDERSCORE && key.startsWith('_p_')) return false;
  return key !== 'then' && key !== 'constructor';
}

/** Whether a change of this name is stored. */
export function isStoredName(key: PropertyKey): key is string {
  return isDataName(key) && !(key.charCodeAt(0) === UNDERSCORE && key.startsWith('_v_'));
}

function loaded(target: Target): ObjectState {
  const state = stateOf(target);
  if (state.code === GHOST) activate(state);
  state.used = true;
  return state;
}

function touched(target: Target, key: PropertyKey): void {
  if (!isDataName(key)) return;
  const state = loaded(target);
  if (isStoredName(key)) markChanged(state);
}

function inherited(target: object, key: PropertyKey): PropertyDescriptor | undefined {
  for (
    let proto = Object.getPrototypeOf(target);
    proto !== null;
    proto = Object.getPrototypeOf(proto)
  ) {
    const descriptor = Object.getOwnPropertyDescriptor(proto, key);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

export const objectHandler: ProxyHandler<Persistent> = {
  get(target, key, receiver) {
    if (key === STATE) return stateOf(target);
    if (isDataName(key)) loaded(target as Target);
    return Reflect.get(target, key, receiver);
  },

  set(target, key, value, receiver) {
    if (Object.hasOwn(target, key)) {
      touched(target as Target, key);
      (target as Target)[key] = value;
      return true;
    }
    if (isDataName(key)) loaded(target as Target);
    const descriptor =
      key === '__proto__' || Object.hasOwn(target, key) ? undefined : inherited(target, key);
    if (descriptor?.set !== undefined) {
      descriptor.set.call(receiver, value);
      return true;
    }
    if (descriptor?.get !== undefined || descriptor?.writable === false) return false;
    touched(target as Target, key);
    return Reflect.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  },

  has(target, key) {
    if (isDataName(key)) loaded(target as Target);
    return Reflect.has(target, key);
  },

  deleteProperty(target, key) {
    touched(target as Target, key);
    return Reflect.deleteProperty(target, key);
  },

  defineProperty(target, key, descriptor) {
    touched(target as Target, key);
    return Reflect.defineProperty(target, key, descriptor);
  },

  ownKeys(target) {
    loaded(target as Target);
    return Reflect.ownKeys(target).filter((key) => key !== STATE);
  },

  getOwnPropertyDescriptor(target, key) {
    if (isDataName(key)) loaded(target as Target);
    return Reflect.getOwnPropertyDescriptor(target, key);
  },
};

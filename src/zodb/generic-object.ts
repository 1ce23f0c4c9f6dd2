// Objects whose class is not known here. They show their attributes, can be changed, and are written back losslessly:
// the raw state is kept as it was read, and attributes are looked up in the dictionaries it holds.

import { PyDict, PyTuple } from '../pickle/index.ts';
import { InvalidObjectError } from './errors.ts';
import { isDataName, isStoredName } from './object-handler.ts';
import { activate, GHOST, markChanged, type ObjectState, STATE, stateOf } from './object-state.ts';
import { Persistent } from './persistent.ts';

/** The raw state of a generic object: on the target, where the proxy's own keys never look. */
const RAW = Symbol('zodb.raw-state');

interface RawHolder {
  [RAW]: unknown;
  readonly [STATE]: ObjectState;
}

/** The dictionaries that attributes live in: the instance dictionary, then the slots. */
function dictionaries(raw: unknown): readonly PyDict[] {
  if (raw instanceof PyDict) return [raw];
  if (raw instanceof PyTuple && raw.length === 2) {
    const [attributes, slots] = raw as unknown[];
    const ofDictForm = (part: unknown): boolean => part === null || part instanceof PyDict;
    if (ofDictForm(attributes) && ofDictForm(slots)) {
      return [attributes, slots].filter((part): part is PyDict => part instanceof PyDict);
    }
  }
  return [];
}

function holding(raw: unknown, name: string): PyDict | undefined {
  return dictionaries(raw).find((dictionary) => dictionary.has(name));
}

function loadedRaw(target: object): unknown {
  const holder = target as RawHolder;
  const state = holder[STATE];
  if (state.code === GHOST) activate(state);
  state.used = true;
  return holder[RAW];
}

/** The dictionary that new attributes go to; made where the state has none but may have one. */
function instanceDictionary(target: RawHolder): PyDict {
  const raw = target[RAW];
  if (raw === null || raw === undefined) {
    const made = new PyDict();
    target[RAW] = made;
    return made;
  }
  const [first] = dictionaries(raw);
  if (first !== undefined && (!(raw instanceof PyTuple) || raw[0] === first)) return first;
  if (raw instanceof PyTuple && raw[0] === null) {
    const made = new PyDict();
    raw[0] = made;
    return made;
  }
  throw new InvalidObjectError('an object whose state is no dictionary takes no attributes', {
    oid: target[STATE].oid,
  });
}

const genericHandler: ProxyHandler<Persistent> = {
  get(target, key, receiver) {
    if (key === STATE) return stateOf(target);
    if (isDataName(key)) {
      const raw = loadedRaw(target);
      const dictionary = raw instanceof PyDict ? raw : holding(raw, key);
      const value = dictionary?.get(key);
      if (value !== undefined) return value;
    }
    return Reflect.get(target, key, receiver);
  },

  set(target, key, value) {
    if (!isStoredName(key)) return Reflect.set(target, key, value);
    const raw = loadedRaw(target);
    markChanged((target as unknown as RawHolder)[STATE]);
    const dictionary = holding(raw, key) ?? instanceDictionary(target as unknown as RawHolder);
    dictionary.set(key, value);
    return true;
  },

  has(target, key) {
    return (
      (isDataName(key) && holding(loadedRaw(target), key) !== undefined) || Reflect.has(target, key)
    );
  },

  deleteProperty(target, key) {
    if (!isStoredName(key)) return Reflect.deleteProperty(target, key);
    const dictionary = holding(loadedRaw(target), key);
    if (dictionary === undefined) return true;
    markChanged((target as unknown as RawHolder)[STATE]);
    dictionary.delete(key);
    return true;
  },

  defineProperty(target, key, descriptor) {
    if (!isStoredName(key)) return Reflect.defineProperty(target, key, descriptor);
    if (!('value' in descriptor)) return false;
    return genericHandler.set?.(target, key, descriptor.value, undefined) ?? false;
  },

  ownKeys(target) {
    const raw = loadedRaw(target);
    const names = new Set<string>();
    for (const dictionary of dictionaries(raw)) {
      for (const name of dictionary.keys()) if (typeof name === 'string') names.add(name);
    }
    return [...names];
  },

  getOwnPropertyDescriptor(target, key) {
    if (!isDataName(key)) {
      return key === STATE || key === RAW
        ? undefined
        : Reflect.getOwnPropertyDescriptor(target, key);
    }
    const dictionary = holding(loadedRaw(target), key);
    if (dictionary === undefined) return Reflect.getOwnPropertyDescriptor(target, key);
    return { value: dictionary.get(key), writable: true, enumerable: true, configurable: true };
  },
};

/** A persistent object of a class that no JavaScript class is registered for. */
export class GenericObjectBase extends Persistent {
  static readonly _p_handler: ProxyHandler<Persistent> = genericHandler;

  /** The state as the record has it. */
  __getstate__(): unknown {
    return rawState(this);
  }

  __setstate__(raw: unknown): void {
    setRawState(this, raw);
  }

  override _p_clear(): void {
    setRawState(this, undefined);
  }
}

/** What an object of an unknown class looks like to TypeScript. */
export type GenericObject = GenericObjectBase & Record<string, any>;

/** The state of a generic object as its record has it; loads a ghost. */
export function rawState(object: Persistent): unknown {
  activate(stateOf(object));
  return (object as unknown as RawHolder)[RAW];
}

/** An attribute by name, from the dictionaries in the state of a loaded object. */
export function rawAttribute(object: Persistent, name: string): unknown {
  return holding((object as unknown as RawHolder)[RAW], name)?.get(name);
}

function setRawState(object: Persistent, raw: unknown): void {
  (object as unknown as RawHolder)[RAW] = raw;
}

// The data record: two pickles back to back, the class description and the state, that share one memo; and the forms in
// which records refer to other objects.

import { PyGlobal, PyTuple, tuple, type Unpickler } from '../pickle/index.ts';
import { readU64 } from './bytes.ts';
import { CorruptedDataError } from './errors.ts';
import { type Oid, oid } from './ids.ts';

/** A Python class by name. */
export interface ClassName {
  readonly module: string;
  readonly name: string;
}

/** The Python name in a class spelling: a global, or a (module, name) tuple of old records. */
export function classNameOf(spelling: unknown): ClassName | undefined {
  if (spelling instanceof PyTuple) {
    const [module, name] = spelling as unknown[];
    if (typeof module === 'string' && typeof name === 'string') return { module, name };
    return undefined;
  }
  if (spelling instanceof PyGlobal) return { module: spelling.module, name: spelling.name };
  return undefined;
}

/** What the first pickle says. */
export interface ClassDescription {
  /** The class: a PyGlobal, a (module, name) tuple in old records, or a reference to a class in the database. */
  readonly cls: unknown;
  /** The arguments beside it; `undefined` when the class stands alone, `null` where Python wrote None. */
  readonly args: unknown;
}

/** A reference to another object, whatever form it was written in. */
export interface Reference {
  readonly kind: 'strong' | 'weak' | 'other-database';
  readonly oid: Oid;
  /** The class beside the oid, where there is one. */
  readonly cls: unknown;
  readonly database: string | undefined;
}

/** Reads the first pickle of a record; the state follows at `unpickler.position`. */
export function readClassDescription(unpickler: Unpickler, record: Uint8Array): ClassDescription {
  unpickler.clearMemo();
  const value = unpickler.load(record, 0);
  // (class, args), where class may itself be (module, name); a bare (module, name) is the class alone.
  if (value instanceof PyTuple && value.length === 2) {
    const [cls, args] = value as unknown[];
    if (typeof cls !== 'string' && (args === null || args instanceof PyTuple)) return { cls, args };
  }
  return { cls: value, args: undefined };
}

/** What `readClassDescription` undoes: the value of the first pickle. */
export function classDescriptionValue(description: ClassDescription): unknown {
  const { cls, args } = description;
  return args === undefined ? cls : tuple(cls, args);
}

/**
 * What a persistent id refers to.
 * @throws CorruptedDataError for a value of no known form
 */
export function readReference(pid: unknown): Reference {
  if (pid instanceof PyTuple) {
    const [id, cls] = pid as unknown[];
    if (pid.length === 2) return strong(id, cls);
  } else if (Array.isArray(pid)) {
    return readListReference(pid);
  } else {
    return strong(pid, undefined);
  }
  throw unknownForm(pid);
}

function strong(id: unknown, cls: unknown): Reference {
  return { kind: 'strong', oid: readOid(id), cls, database: undefined };
}

function readListReference(pid: readonly unknown[]): Reference {
  const [type, args] = pid as readonly [unknown, unknown];
  if (pid.length === 1)
    return { kind: 'weak', oid: readOid(type), cls: undefined, database: undefined };
  if (pid.length === 2 && args instanceof PyTuple) {
    const [first, second, third] = args as unknown[];
    if (type === 'w') {
      return {
        kind: 'weak',
        oid: readOid(first),
        cls: undefined,
        database: second as string | undefined,
      };
    }
    if (type === 'n' || type === 'm') {
      return { kind: 'other-database', oid: readOid(second), cls: third, database: String(first) };
    }
  }
  throw unknownForm(pid);
}

/** An oid as records hold it: 8 bytes, or in Python 2's records text, if its bytes are all ASCII. */
function readOid(value: unknown): Oid {
  if (value instanceof Uint8Array && value.length === 8) return readU64(value) as Oid;
  if (typeof value === 'bigint') return oid(value);
  if (typeof value === 'string' && value.length === 8) {
    const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
    return readU64(bytes) as Oid;
  }
  const wrapped = value as { bytes?: unknown } | null;
  if (wrapped?.bytes instanceof Uint8Array && wrapped.bytes.length === 8)
    return readU64(wrapped.bytes) as Oid;
  throw unknownForm(value);
}

function unknownForm(pid: unknown): CorruptedDataError {
  const kind = Array.isArray(pid) ? `a sequence of ${pid.length}` : typeof pid;
  return new CorruptedDataError(`a persistent reference has no known form: ${kind}`);
}

/** The persistent id of an ordinary reference; without a class where the target's class needs arguments. */
export function writeReference(id: Uint8Array, cls: PyGlobal | PyTuple | undefined): unknown {
  return cls === undefined ? id : tuple<unknown>(id, cls);
}

/** The persistent id of a reference to an object of another database; without a class where the target's needs arguments. */
export function writeCrossReference(database: string, id: Uint8Array, cls: unknown): unknown {
  if (cls === undefined) return ['n', tuple<unknown>(database, id)];
  return ['m', tuple<unknown>(database, id, cls)];
}

/** The persistent id of a weak reference, to an object of another database if one is named. */
export function writeWeakReference(id: Uint8Array, database: string | undefined): unknown {
  return ['w', database === undefined ? tuple<unknown>(id) : tuple<unknown>(id, database)];
}

// The types that decode to a class of ours instead of a PyObject: only where the pickle spells them exactly as the encoder
// will write them, so that nothing is lost by it. Another type goes into the table below.

import { COMPLEX_TYPE } from './complex.ts';
import { DATETIME_TYPES } from './datetime-pickle.ts';
import { PyDateTime } from './datetimes.ts';
import { DECIMAL_TYPE } from './decimal.ts';
import { isHashable } from './key.ts';
import { ContainerKinds } from './kinds.ts';
import type { KnownType } from './known-type.ts';
import { PyFrozenSet, PySet, rawMembers } from './sets.ts';
import { spellUuid, UUID } from './uuid.ts';
import { PyByteArray, type PyGlobal, PyObject, PyTuple, pyGlobal, tuple } from './values.ts';

const SET_TYPE: KnownType = {
  callable: pyGlobal('builtins', 'set'),
  prototype: PySet.prototype,
  construct: (args) => (isOneList(args) ? new PySet(args[0] as unknown[]) : undefined),
  args: membersArgs,
};

const FROZENSET_TYPE: KnownType = {
  callable: pyGlobal('builtins', 'frozenset'),
  prototype: PyFrozenSet.prototype,
  construct: (args) => (isOneList(args) ? new PyFrozenSet(args[0] as unknown[]) : undefined),
  args: membersArgs,
};

const BYTEARRAY_TYPE: KnownType = {
  callable: pyGlobal('builtins', 'bytearray'),
  prototype: PyByteArray.prototype,
  construct: constructByteArray,
  args: ({ bytes }: PyByteArray) => (bytes.length === 0 ? tuple() : tuple(bytes.slice())),
};

const TYPES: readonly KnownType[] = [
  SET_TYPE,
  FROZENSET_TYPE,
  BYTEARRAY_TYPE,
  COMPLEX_TYPE,
  DECIMAL_TYPE,
  ...DATETIME_TYPES,
];

const byCallable = new Map(TYPES.map((type) => [type.callable, type]));
const byPrototype = new Map(TYPES.map((type) => [type.prototype, type]));

/** The value of a call, or undefined where it stays a PyObject. */
export function constructKnown(callable: PyGlobal, args: PyTuple): unknown {
  return byCallable.get(callable)?.construct(args);
}

/** How Python makes a value of a known type, or undefined for any other value. */
export function spellKnown(value: object): PyObject | undefined {
  const type = byPrototype.get(Object.getPrototypeOf(value));
  if (type !== undefined) return new PyObject('reduce', type.callable, type.args(value));
  if (value instanceof UUID) return spellUuid(value);
  if (value instanceof Set) {
    return new PyObject('reduce', SET_TYPE.callable, tuple(Array.from(value)));
  }
  return value instanceof Date ? spellKnown(PyDateTime.fromDate(value)) : undefined;
}

function isOneList(args: PyTuple): boolean {
  const [items] = args;
  return (
    args.length === 1 &&
    Array.isArray(items) &&
    !(items instanceof PyTuple) &&
    items.every(isHashable)
  );
}

function membersArgs(set: PySet | PyFrozenSet): PyTuple {
  const members = rawMembers(set);
  const list: unknown[] = [];
  for (let at = 0; at < members.length; at += 2) list.push(members[at]);
  return tuple(list);
}

function constructByteArray(args: PyTuple): PyByteArray | undefined {
  if (args.length === 0) return new PyByteArray();
  const [bytes] = args;
  return args.length === 1 && bytes instanceof Uint8Array && bytes.length > 0
    ? new PyByteArray(bytes.slice())
    : undefined;
}

/** The kinds of the call that spells a set, from those of the set. */
export function spelledKinds(kinds: ContainerKinds): ContainerKinds {
  const args = new ContainerKinds();
  args.children = new Map([[0, kinds]]);
  const object = new ContainerKinds();
  object.children = new Map([['args', args]]);
  return object;
}

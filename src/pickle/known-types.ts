// The types that decode to a class of ours instead of a PyObject: only where the pickle spells them exactly as the encoder
// will write them, so that nothing is lost by it. Another type goes into the table below.

import { COLLECTION_TYPES } from './collections.ts';
import { COMPLEX_TYPE } from './complex.ts';
import { ContainerKinds } from './container-kinds.ts';
import { DATETIME_TYPES } from './datetime-pickle.ts';
import { PyDateTime } from './datetimes.ts';
import { DECIMAL_TYPE } from './decimal.ts';
import { FRACTION_TYPE } from './fraction.ts';
import { checkKey, checkMember, isHashable } from './key.ts';
import { type KnownType, methodOf, remember, spelled, TypeTable } from './known-type.ts';
import { NUMPY_TYPES } from './numpy-array.ts';
import { DTYPE_TYPE } from './numpy-dtype.ts';
import { RANGE_TYPE, SLICE_TYPE } from './range.ts';
import { isDate, isSet } from './realms.ts';
import { PyFrozenSet, PySet, rawMembers } from './sets.ts';
import { latin1Bytes, latin1Text } from './text.ts';
import { UUID_TYPE } from './uuid.ts';
import { PyByteArray, type PyGlobal, PyObject, PyTuple, pyGlobal, tuple } from './values.ts';
import { ZONE_TYPES } from './zones.ts';

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

/** The types of the module that Python 2 called so, as they are in `builtins` but for their name. */
function ofPython2(type: KnownType, name = type.callable.name): KnownType {
  return { ...type, callable: pyGlobal('__builtin__', name), isOther: true };
}

/** Python 2 wrote text, and the encoding by which it becomes bytes. */
const BYTEARRAY_2: KnownType = {
  callable: pyGlobal('__builtin__', 'bytearray'),
  prototype: PyByteArray.prototype,
  isOther: true,
  construct([text, encoding, ...more]: PyTuple) {
    if (typeof text !== 'string' || encoding !== 'latin-1' || more.length > 0) return undefined;
    const bytes = latin1Bytes(text);
    return bytes && new PyByteArray(bytes);
  },
  args: ({ bytes }: PyByteArray) => tuple(latin1Text(bytes, 0, bytes.length), 'latin-1'),
};

/** Those of Python itself and of its library; `registerType` adds to them. */
export const KNOWN_TYPES: TypeTable = new TypeTable([
  SET_TYPE,
  FROZENSET_TYPE,
  BYTEARRAY_TYPE,
  COMPLEX_TYPE,
  DECIMAL_TYPE,
  FRACTION_TYPE,
  UUID_TYPE,
  ...DATETIME_TYPES,
  RANGE_TYPE,
  SLICE_TYPE,
  ...COLLECTION_TYPES,
  ...ZONE_TYPES,
  DTYPE_TYPE,
  ...NUMPY_TYPES,
  ofPython2(SET_TYPE),
  ofPython2(FROZENSET_TYPE),
  ofPython2(COMPLEX_TYPE),
  ofPython2(RANGE_TYPE, 'xrange'),
  ofPython2(SLICE_TYPE),
  BYTEARRAY_2,
]);

/** How many objects were decoded that may become values of a known type when their pickle has ended. */
export let describedCount = 0;

/** The value of a call, or undefined where it stays a PyObject. */
export function constructKnown(callable: PyGlobal, args: PyTuple): unknown {
  const type = KNOWN_TYPES.called(callable);
  if (type === undefined) return undefined;
  if (type.construct !== undefined) {
    const value = type.construct(args);
    if (type.isOther === true) remember(type, value);
    return value;
  }
  describedCount += 1;
  return undefined;
}

/** Counts an object that NEWOBJ makes. */
export function noticeKnown(callable: PyGlobal): void {
  if (KNOWN_TYPES.called(callable) !== undefined) describedCount += 1;
}

/** Counts an object that is made by a method of a class. */
export function noticeMethod(callable: unknown): void {
  const method = methodOf(callable);
  if (method !== undefined) noticeKnown(method.owner);
}

/**
 * How Python makes a value of a type that has a class here (`Decimal`, a registered one, ...): the PyObject that is written
 * for it. undefined for any other value.
 */
export function spellKnown(value: object): PyObject | undefined {
  const type = KNOWN_TYPES.ofValue(value);
  if (type !== undefined) return spelled(type, value);
  if (isSet(value)) {
    const members = Array.from(value);
    members.forEach(checkKey);
    return new PyObject('reduce', SET_TYPE.callable, tuple(members));
  }
  return isDate(value) ? spellKnown(PyDateTime.fromDate(value)) : undefined;
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
  for (let at = 0; at < members.length; at += 2) {
    const member = members[at];
    if (typeof member === 'object' && member !== null) checkMember(member);
    list.push(member);
  }
  return tuple(list);
}

function constructByteArray(args: PyTuple): PyByteArray | undefined {
  if (args.length === 0) return new PyByteArray();
  const [bytes] = args;
  return args.length === 1 && bytes instanceof Uint8Array && bytes.length > 0
    ? new PyByteArray(bytes.slice())
    : undefined;
}

/**
 * The kinds of the description of a value, from those of the value. Types that are made by a call alone say themselves what
 * is a float, but for sets, whose kinds are those of their members.
 */
export function spelledKinds(value: object, kinds: ContainerKinds): ContainerKinds | undefined {
  if (!(value instanceof PySet || value instanceof PyFrozenSet || isSet(value))) {
    const type = KNOWN_TYPES.ofPrototype(Object.getPrototypeOf(value));
    return type?.construct === undefined ? kinds : undefined;
  }
  const args = new ContainerKinds();
  args.children = new Map([[0, kinds]]);
  const object = new ContainerKinds();
  object.children = new Map([['args', args]]);
  return object;
}

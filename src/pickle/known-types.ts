// The types that decode to a class of ours instead of a PyObject: only where the pickle spells them exactly as the encoder
// will write them, so that nothing is lost by it.

import { isHashable } from './key.ts';
import { ContainerKinds } from './kinds.ts';
import { PyFrozenSet, PySet, rawMembers } from './sets.ts';
import { PyByteArray, type PyGlobal, PyObject, PyTuple, pyGlobal, tuple } from './values.ts';

export const SET: PyGlobal = pyGlobal('builtins', 'set');
export const FROZENSET: PyGlobal = pyGlobal('builtins', 'frozenset');
export const BYTEARRAY: PyGlobal = pyGlobal('builtins', 'bytearray');

/** From the arguments of a call to a value, or undefined where the encoder would spell it differently. */
type Constructor = (args: PyTuple) => unknown;

const constructors = new Map<PyGlobal, Constructor>([
  [SET, (args) => (isOneList(args) ? new PySet(args[0] as unknown[]) : undefined)],
  [FROZENSET, (args) => (isOneList(args) ? new PyFrozenSet(args[0] as unknown[]) : undefined)],
  [BYTEARRAY, constructByteArray],
]);

/** The value of a call, or undefined where it stays a PyObject. */
export function constructKnown(callable: PyGlobal, args: PyTuple): unknown {
  return constructors.get(callable)?.(args);
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

function constructByteArray(args: PyTuple): PyByteArray | undefined {
  if (args.length === 0) return new PyByteArray();
  const [bytes] = args;
  return args.length === 1 && bytes instanceof Uint8Array && bytes.length > 0
    ? new PyByteArray(bytes.slice())
    : undefined;
}

/** The call that makes a value of a known type, or undefined for any other value. */
export function spellKnown(value: object): PyObject | undefined {
  if (value instanceof PySet || value instanceof PyFrozenSet) {
    const members = rawMembers(value);
    const list: unknown[] = [];
    for (let at = 0; at < members.length; at += 2) list.push(members[at]);
    return call(value instanceof PySet ? SET : FROZENSET, list);
  }
  if (value instanceof Set) return call(SET, Array.from(value));
  if (value instanceof PyByteArray) {
    return value.bytes.length === 0 ? call(BYTEARRAY) : call(BYTEARRAY, value.bytes.slice());
  }
  return undefined;
}

function call(callable: PyGlobal, ...args: unknown[]): PyObject {
  return new PyObject('reduce', callable, tuple(...args));
}

/** The kinds of the call that spells a set, from those of the set. */
export function spelledKinds(kinds: ContainerKinds): ContainerKinds {
  const args = new ContainerKinds();
  args.children = new Map([[0, kinds]]);
  const object = new ContainerKinds();
  object.children = new Map([['args', args]]);
  return object;
}

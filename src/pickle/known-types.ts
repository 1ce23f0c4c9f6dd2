// The types that decode to a class of ours instead of a PyObject: only where the pickle spells them exactly as the encoder
// will write them, so that nothing is lost by it.

import { isHashable } from './key.ts';
import { PyFrozenSet, PySet } from './sets.ts';
import { PyByteArray, type PyGlobal, PyTuple, pyGlobal } from './values.ts';

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

// Which tuples Python 2 gives no place in the memo. It goes by how many references it has to an object; a tuple that it made
// while it wrote the pickle has only the one it writes from. Where such tuples stand is known, and that is told here.

import { PyDict } from './dict.ts';
import type { Frame, FrameStack } from './frames.ts';
import { isMadeByNumpy, STATE_BEGUN } from './python2-numpy.ts';
import { PyGlobal, type PyObject, type PyTuple } from './values.ts';

/** How deep a state may hold tuples that were made for it: ((((key, value, ...),),),) is that of a small BTree. */
const STATE_DEPTH = 3;

/** The step of an object's frame during which its arguments are written. */
const ARGS_BEGUN = 2;

const PROVIDES = /^(Class)?Provides$/;
/** They keep the name of a file apart from their two arguments, and put all three together to be pickled. */
const OS_ERRORS = /^(EnvironmentError|IOError|OSError|WindowsError)$/;
const CLASS_NAME = /^_*[A-Z]/;
/** Exceptions without attributes can be told by their names alone. */
const EXCEPTION_NAME = /(Error|Exception|Warning)$/;

/**
 * Whether the tuple of the topmost frame is one that was made while the pickle was written. `isDescription`: the pickle is the
 * first of a record.
 */
export function isMadeForPickle(frames: FrameStack, isDescription: boolean): boolean {
  let inner = frames.depth - 1;
  if (inner === 0) return isDescription;
  const parent = frames.at(inner - 1);
  if (parent.kind === 'pid') return true;
  const isMade = isMadeByNumpy(frames);
  if (isMade !== undefined) return isMade;
  if (parent.kind === 'object') {
    if (parent.index === ARGS_BEGUN) return !keepsArguments(parent.items[0] as PyObject);
    return parent.index === STATE_BEGUN;
  }
  if (parent.kind === 'dict') return isVariadic(frames, parent);
  if (parent.kind !== 'tuple') return false;
  if (inner > 1 && frames.at(inner - 2).kind === 'pid') return true;
  if (isDescription || inner > STATE_DEPTH) return false;
  for (; inner > 0; inner--) if (!isAlone(frames.at(inner - 1), inner === 1)) return false;
  return true;
}

/** Whether an object has the tuple of its arguments at hand: exceptions do, and what says which interfaces something provides. */
function keepsArguments({ callable, args, state }: PyObject): boolean {
  if (!(callable instanceof PyGlobal)) return false;
  const { module, name } = callable;
  if (module === 'exceptions') return !(OS_ERRORS.test(name) && args.length === 3);
  if (module === 'zope.interface.declarations') return PROVIDES.test(name);
  if (EXCEPTION_NAME.test(name)) return true;
  return CLASS_NAME.test(name) && state instanceof PyDict && state.size > 0 && !areItems(args);
}

// Of Python's own classes only exceptions and containers are called with arguments and then get attributes.
function areItems(args: PyTuple): boolean {
  return args[1] === 'latin-1' || args.some((arg) => Array.isArray(arg));
}

/**
 * Whether the tuple is an attribute with the name that programs give to the tuple that a function's `*args` makes: no constant
 * of the program, so that nobody else has it.
 */
function isVariadic(frames: FrameStack, { items, index }: Frame): boolean {
  if (items[index - 2] !== 'args' || frames.depth < 3) return false;
  const holder = frames.at(frames.depth - 3);
  return holder.kind === 'object' && holder.index === STATE_BEGUN;
}

/** Whether a tuple stands for what is in its first item: alone, or with a reference to the next one beside it. */
function isAlone({ kind, items, index }: Frame, isOutermost: boolean): boolean {
  return kind === 'tuple' && index === 1 && items.length <= (isOutermost ? 2 : 1);
}

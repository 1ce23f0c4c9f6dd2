// What the object opcodes do to values: calls become descriptions of calls, or values of known types where the spelling is
// exactly ours.

import { appendRawItems, PyDict } from './dict.ts';
import { PickleError } from './errors.ts';
import { isHashable, unhashableKey } from './key.ts';
import { constructKnown, noticeKnown, noticeMethod } from './known-types.ts';
import { APPENDS, DICT, FROZENSET, LIST, NEWOBJ, OBJ, REDUCE, SETITEMS } from './opcodes.ts';
import { unmarkedArgs } from './python2-scalars.ts';
import { PyFrozenSet, PySet, rawMemberDict } from './sets.ts';
import {
  PyByteArray,
  PyFloat,
  PyGlobal,
  PyObject,
  type PyObjectForm,
  PyRawText,
  PyString2,
  PyTuple,
} from './values.ts';

/** REDUCE, NEWOBJ and NEWOBJ_EX of what stands at `stack[at]` with what follows there. */
export function call(code: number, stack: readonly unknown[], at: number): unknown {
  if (code === REDUCE) return reduce(stack[at], stack[at + 1]);
  return code === NEWOBJ
    ? construct('newobj', stack[at], stack[at + 1])
    : construct('newobj_ex', stack[at], stack[at + 1], stack[at + 2]);
}

/** REDUCE: a value of a known type, or the description of the call. */
function reduce(callable: unknown, args: unknown): unknown {
  if (args === null) return construct('basicnew', callable, new PyTuple());
  const checked = checkedArgs(args);
  if (callable instanceof PyGlobal)
    return knownCall(callable, checked) ?? new PyObject('reduce', callable, checked);
  checkCallable(callable);
  noticeMethod(callable);
  return new PyObject('reduce', callable, checked);
}

function knownCall(callable: PyGlobal, args: PyTuple): unknown {
  for (const plain of unmarkedArgs(args)) {
    const known = constructKnown(callable, plain);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** NEWOBJ, NEWOBJ_EX, INST and OBJ. */
export function construct(
  form: PyObjectForm,
  callable: unknown,
  args: unknown,
  kwargs?: unknown,
): PyObject {
  const checked = checkedArgs(args);
  if (callable instanceof PyGlobal) noticeKnown(callable);
  else checkCallable(callable);
  const object = new PyObject(form, callable, checked);
  if (form === 'newobj_ex') {
    if (!(kwargs instanceof PyDict)) throw new PickleError('keyword arguments are not a dict');
    object.kwargs = kwargs;
  }
  return object;
}

function checkedArgs(args: unknown): PyTuple {
  if (args instanceof PyTuple) return args;
  throw new PickleError('the arguments of a call are not a tuple');
}

function checkCallable(callable: unknown): void {
  if (
    typeof callable !== 'object' ||
    callable === null ||
    Array.isArray(callable) ||
    callable instanceof Uint8Array ||
    callable instanceof PyDict ||
    callable instanceof PySet ||
    callable instanceof PyFrozenSet ||
    callable instanceof PyByteArray ||
    callable instanceof PyFloat ||
    callable instanceof PyString2 ||
    callable instanceof PyRawText
  ) {
    throw new PickleError('what is called is neither a class nor a function');
  }
}

/** BUILD: the state of an object. */
export function setState(object: unknown, state: unknown): void {
  if (!(object instanceof PyObject)) throw new PickleError('only an object can have a state');
  if (object.hasState) throw new PickleError('an object has two states');
  object.state = state;
  object.hasState = true;
}

/** APPEND and APPENDS: the items `stack[from]` to `stack[to - 1]` at the end of a list or object. */
export function appendItems(
  target: unknown,
  stack: readonly unknown[],
  from: number,
  to: number,
): void {
  let list: unknown[];
  if (Array.isArray(target) && !(target instanceof PyTuple)) list = target;
  else if (target instanceof PyObject) {
    checkOrder(target, target.dictItems !== undefined);
    target.listItems ??= [];
    list = target.listItems;
  } else throw new PickleError('only a list or an object takes items');
  for (let at = from; at < to; at++) list.push(stack[at]);
}

/** APPENDS, SETITEMS and ADDITEMS: `stack[from]` to `stack[to - 1]` go into the target. */
export function addTo(
  target: unknown,
  code: number,
  stack: readonly unknown[],
  from: number,
  to: number,
): void {
  if (code === APPENDS) appendItems(target, stack, from, to);
  else if (code === SETITEMS) appendRawItems(itemsOf(target), stack, from, to);
  else addMembers(target, stack, from, to);
}

function addMembers(target: unknown, stack: readonly unknown[], from: number, to: number): void {
  if (!(target instanceof PySet)) throw new PickleError('only a set takes members');
  appendRawItems(rawMemberDict(target), withNulls(stack, from, to), 0, (to - from) * 2);
}

/** What TUPLE, LIST, DICT, FROZENSET and OBJ make of the items above a mark. */
export function collect(
  code: number,
  stack: readonly unknown[],
  from: number,
  to: number,
): unknown {
  switch (code) {
    case LIST:
      return stack.slice(from, to);
    case DICT: {
      const dict = new PyDict();
      appendRawItems(dict, stack, from, to);
      return dict;
    }
    case FROZENSET: {
      const items = stack.slice(from, to);
      const unhashable = items.find((item) => !isHashable(item));
      if (unhashable !== undefined) throw unhashableKey(unhashable);
      return new PyFrozenSet(items);
    }
    case OBJ:
      if (from === to) throw new PickleError('an object without a class');
      return construct('obj', stack[from], tupleFrom(stack, from + 1, to));
    default:
      return tupleFrom(stack, from, to);
  }
}

// V8 makes an array in place where its length is a literal.

/** A tuple of `stack[at]`. */
export function single(stack: readonly unknown[], at: number): PyTuple {
  const made = new PyTuple(1);
  made[0] = stack[at];
  return made;
}

/** A tuple of `stack[at]` and what follows it. */
export function pair(stack: readonly unknown[], at: number): PyTuple {
  const made = new PyTuple(2);
  made[0] = stack[at];
  made[1] = stack[at + 1];
  return made;
}

/** A tuple of `stack[at]` and the two that follow it. */
export function triple(stack: readonly unknown[], at: number): PyTuple {
  const made = new PyTuple(3);
  made[0] = stack[at];
  made[1] = stack[at + 1];
  made[2] = stack[at + 2];
  return made;
}

/** A tuple of `stack[from]` to `stack[to - 1]`. */
export function tupleFrom(stack: readonly unknown[], from: number, to: number): PyTuple {
  const length = to - from;
  const made = new PyTuple(length);
  for (let i = 0; i < length; i++) made[i] = stack[from + i];
  return made;
}

/** The dict that SETITEM and SETITEMS set in. */
export function itemsOf(target: unknown): PyDict {
  return target instanceof PyDict ? target : objectItems(target);
}

function withNulls(stack: readonly unknown[], from: number, to: number): unknown[] {
  const items: unknown[] = [];
  for (let at = from; at < to; at++) items.push(stack[at], null);
  return items;
}

function objectItems(target: unknown): PyDict {
  if (!(target instanceof PyObject)) throw new PickleError('only a dict or an object takes keys');
  checkOrder(target, false);
  target.dictItems ??= new PyDict();
  return target.dictItems as PyDict;
}

// The encoder writes list items, dict items and state in this order, as Python does.
function checkOrder(object: PyObject, late: boolean): void {
  if (late || object.hasState) {
    throw new PickleError('items of an object come after its state or its keys');
  }
}

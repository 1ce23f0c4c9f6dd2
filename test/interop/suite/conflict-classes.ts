// The twins of the classes whose conflicts Python's tests resolve, or cannot.

import type { PyDict } from '../../../src/pickle/index.ts';
import { classNameOf } from '../../../src/zodb/record.ts';

/** The difference that each made to a counter, added up. */
const PCounter = {
  _p_resolveConflict(old: PyDict, committed: PyDict, changed: PyDict): PyDict {
    const value = (state: PyDict): number => Number(state.get('_value'));
    old.set('_value', value(committed) + value(changed) - value(old));
    return old;
  },
};

const Unresolvable = {
  _p_resolveConflict(): never {
    throw new Error('cannot be resolved');
  },
};

const MODULE = 'ZODB.tests.ConflictResolution';

const TWINS: Readonly<Record<string, object>> = {
  PCounter,
  PCounter2: Unresolvable,
  PCounter3: Unresolvable,
  PCounter4: Unresolvable,
};

/** The class that a record names, if it is one of them. */
export function twinOf(spelling: unknown): object | undefined {
  const { module, name } = classNameOf(spelling) ?? {};
  return module === MODULE ? TWINS[name as string] : undefined;
}

// What goes wrong when a record is made into an object's state, as an error that names the object.

import { isZodbError } from '../errors.ts';
import { StateLoadError } from './errors.ts';
import { stateOf } from './object-state.ts';
import type { Persistent } from './persistent.ts';
import { classNameOf } from './record.ts';

/** Errors that say enough themselves, or that callers act upon. */
const PASSED = new Set(['POS_KEY', 'CONFLICT', 'READ_CONFLICT', 'CLASS', 'CLOSED']);

/** The error to throw for one that came up while `object` was being loaded. */
export function stateError(object: Persistent, cause: unknown, file: string): unknown {
  if (isZodbError(cause) && PASSED.has(cause.code)) return cause;
  const { oid, pyClass } = stateOf(object);
  const name = classNameOf(pyClass);
  const className = name === undefined ? undefined : `${name.module}.${name.name}`;
  return new StateLoadError(
    `the state of an object${className === undefined ? '' : ` of class ${className}`} cannot be loaded: ${String((cause as Error)?.message ?? cause)}`,
    { file, oid, className, cause },
  );
}

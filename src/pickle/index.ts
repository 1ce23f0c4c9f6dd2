// The pickle codec: bytes <-> Python values. Knows nothing of databases, runs nothing that a pickle says, works in a browser.

export { type StringsPolicy, Unpickler, type UnpicklerOptions } from './decode.ts';
export { PyDict } from './dict.ts';
export { Pickler, type PicklerOptions } from './encode.ts';
export { PickleError, type PickleErrorCode, type PicklePlace } from './errors.ts';
export { Kinds } from './kinds.ts';
export { PyFrozenSet, PySet } from './sets.ts';
export {
  float,
  PersistentRef,
  PyByteArray,
  PyExtension,
  PyFloat,
  PyGlobal,
  PyObject,
  type PyObjectForm,
  type PyObjectParts,
  PyRawText,
  PyString2,
  PyTuple,
  pyGlobal,
  tuple,
} from './values.ts';

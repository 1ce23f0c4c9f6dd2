// The pickle codec: bytes <-> Python values. Knows nothing of databases, runs nothing that a pickle says, works in a browser.

export { decode, decodeAll, type EncodeOptions, encode } from './codec.ts';
export { Unpickler } from './decode.ts';
export { type DescribeOptions, describe } from './describe.ts';
export { PyDict } from './dict.ts';
export { Pickler, type PicklerOptions } from './encode.ts';
export { PickleError, type PickleErrorCode, type PicklePlace } from './errors.ts';
export { Kinds } from './kinds.ts';
export type { PickleLimits, UnpicklerOptions } from './options.ts';
export { scanReferences } from './scan.ts';
export { PyFrozenSet, PySet } from './sets.ts';
export type { StringsPolicy } from './strings2.ts';
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

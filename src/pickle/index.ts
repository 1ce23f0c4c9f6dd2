// The pickle codec: bytes <-> Python values. Knows nothing of databases, runs nothing that a pickle says, works in a browser.

export { decode, decodeAll, type EncodeOptions, encode } from './codec.ts';
export { PyCounter, PyDefaultDict, PyDeque, PyOrderedDict } from './collections.ts';
export { PyComplex } from './complex.ts';
export { PyDate, PyDateTime, PyTime, type ZoneAndFold } from './datetimes.ts';
export { Decimal } from './decimal.ts';
export { Unpickler } from './decode.ts';
export { type DescribeOptions, describe } from './describe.ts';
export { PyDict } from './dict.ts';
export {
  DisassembledOpcode,
  type DisassembleOptions,
  disassemble,
} from './disassemble.ts';
export { type PickleDialect, Pickler, type PicklerOptions } from './encode.ts';
export { PickleError, type PickleErrorCode, type PicklePlace } from './errors.ts';
export { Fraction } from './fraction.ts';
export { Kinds, type Python2Writer } from './kinds.ts';
export { kindsWritten } from './kinds-written.ts';
export { spellKnown } from './known-types.ts';
export { NumpyArray, NumpyScalar } from './numpy-array.ts';
export { NumpyDType, type NumpyField } from './numpy-dtype.ts';
export type { NumpyData } from './numpy-elements.ts';
export type { PickleLimits, UnpicklerOptions } from './options.ts';
export { PyRange, PySlice } from './range.ts';
export { type PickledType, registerType } from './register-type.ts';
export { scanReferences } from './scan.ts';
export { PyFrozenSet, PySet } from './sets.ts';
export type { StringsPolicy } from './strings2.ts';
export { asBytes, asText } from './text-or-bytes.ts';
export { PyTimeDelta, PyTimeZone } from './timezones.ts';
export { type ToJSOptions, toJS } from './to-js.ts';
export { UUID } from './uuid.ts';
export type { StoredReference } from './value-encoder.ts';
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
export { type PytzRules, PytzZone, ZoneInfo } from './zones.ts';

// Values as JSON that says everything: type, value, order and sharing. test/interop/pickle/neutral.py writes the same for the
// objects of Python.

import {
  PersistentRef,
  PyByteArray,
  PyDict,
  PyExtension,
  PyFloat,
  PyFrozenSet,
  PyGlobal,
  PyObject,
  PyRawText,
  PySet,
  PyString2,
  PyTuple,
  spellKnown,
} from '../../src/pickle/index.ts';
import { toHex } from '../hex.ts';

export type Neutral = null | boolean | string | number | Neutral[];

/** Decode with `exact` for whole-number floats to show. Containers get numbers in the order they are met. */
export function neutral(value: unknown, seen: Map<object, number> = new Map()): Neutral {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'bigint':
      return ['int', String(value)];
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0)
        ? ['int', String(value)]
        : floatBits(value);
    case 'string':
      return ['str', value];
    case 'object':
      break;
    default:
      return ['?', String(value)];
  }
  if (value === null) return null;
  if (value instanceof PyFloat) {
    return value.bits === undefined ? floatBits(value.value) : ['float', hex64(value.bits)];
  }
  if (value instanceof Uint8Array) return ['bytes', toHex(value)];
  if (value instanceof PyString2) return ['str2', toHex(value.bytes)];
  if (value instanceof PyRawText) return ['raw', toHex(value.utf8)];
  if (value instanceof PyGlobal) return ['global', value.module, value.name];
  if (value instanceof PyExtension) return ['extension', value.code];
  const known = seen.get(value);
  if (known !== undefined) return ['again', known];
  const number = seen.size;
  seen.set(value, number);
  const part = (item: unknown): Neutral => neutral(item, seen);
  if (value instanceof PyTuple) return ['tuple', number, Array.from(value, part)];
  if (Array.isArray(value)) return ['list', number, value.map(part)];
  if (value instanceof PyByteArray) return ['bytearray', number, toHex(value.bytes)];
  if (value instanceof PyDict || value instanceof Map) {
    return ['dict', number, Array.from(value, ([key, item]) => [part(key), part(item)])];
  }
  if (value instanceof PySet) return ['set', number, Array.from(value, part)];
  if (value instanceof PyFrozenSet) return ['frozenset', number, Array.from(value, part)];
  if (value instanceof PersistentRef) return ['persistent', number, part(value.pid)];
  if (value instanceof PyObject) {
    return [
      value.form,
      number,
      part(value.callable),
      part(value.args),
      ['kwargs', value.kwargs === undefined ? null : part(value.kwargs)],
      ['items', value.listItems === undefined ? null : value.listItems.map(part)],
      ['dict', value.dictItems === undefined ? null : part(value.dictItems)],
      value.hasState ? ['state', part(value.state)] : null,
    ];
  }
  const spelled = spellKnown(value);
  return spelled === undefined ? ['?', Object.prototype.toString.call(value)] : part(spelled);
}

function floatBits(value: number): Neutral {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return ['float', hex64(view.getBigUint64(0))];
}

function hex64(bits: bigint): string {
  return bits.toString(16).padStart(16, '0');
}

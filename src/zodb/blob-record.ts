// Which records are a blob's: the content of a blob is a file beside the database, its record only says that it is one.

import { isZodbError } from '../errors.ts';
import { PyGlobal, Unpickler } from '../pickle/index.ts';
import { readClassDescription } from './record.ts';

const MODULE = 'ZODB.blob';
const NEEDLE = Uint8Array.from(MODULE, (character) => character.charCodeAt(0));
/** The pickle of the class stands first, and is short. */
const HEAD = 256;

/** Whether a record is one of class `ZODB.blob.Blob`. */
export function isBlobRecord(record: Uint8Array): boolean {
  if (!contains(record.subarray(0, HEAD), NEEDLE)) return false;
  try {
    const { cls, args } = readClassDescription(
      new Unpickler({ persistentLoad: () => null }),
      record,
    );
    return (
      args === undefined && cls instanceof PyGlobal && cls.module === MODULE && cls.name === 'Blob'
    );
  } catch (error) {
    // What cannot be read is no blob either; who reads the object will say so.
    if (isZodbError(error)) return false;
    throw error;
  }
}

function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  const last = bytes.length - part.length;
  for (let at = bytes.indexOf(part[0] as number); at >= 0 && at <= last; ) {
    if (part.every((byte, i) => bytes[at + i] === byte)) return true;
    at = bytes.indexOf(part[0] as number, at + 1);
  }
  return false;
}

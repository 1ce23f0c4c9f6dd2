// What was a `str` of Python 2 arrives as text in one record and as bytes in the next: both in the form that is wanted.

import { PickleError } from './errors.ts';
import { isBytes } from './realms.ts';
import { latin1Bytes, latin1Text, utf8Text } from './text.ts';
import { PyByteArray, PyRawText, PyString2 } from './values.ts';

/**
 * Text of a string, a PyString2, or bytes: those as UTF-8 if they are valid, else as Latin-1.
 * @throws PickleError (`PICKLE_VALUE`) for any other value.
 */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof PyString2 || value instanceof PyRawText) return String(value);
  if (value instanceof PyByteArray) return asText(value.bytes);
  if (!isBytes(value)) throw neither(value);
  try {
    const text = utf8Text(value, 0, value.length);
    if (typeof text === 'string') return text;
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
  }
  return latin1Text(value, 0, value.length);
}

/**
 * The bytes of bytes, a PyString2, or text: of text one byte for each character, as of what was binary and happened to be ASCII.
 * @throws PickleError (`PICKLE_VALUE`) for text beyond Latin-1, and for any other value.
 */
export function asBytes(value: unknown): Uint8Array {
  if (isBytes(value)) return value;
  if (value instanceof PyString2 || value instanceof PyByteArray) return value.bytes;
  if (typeof value !== 'string') throw neither(value);
  const bytes = latin1Bytes(value);
  if (bytes !== undefined) return bytes;
  const [character] = /[^\0-\xff]/u.exec(value) as RegExpExecArray;
  throw new PickleError(`${JSON.stringify(character)} in a text is no byte`, {}, 'PICKLE_VALUE');
}

function neither(value: unknown): PickleError {
  const what = value === null ? 'null' : typeof value;
  return new PickleError(`neither text nor bytes, but ${what}`, {}, 'PICKLE_VALUE');
}

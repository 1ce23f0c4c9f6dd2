// Python 2's `str`: text or bytes, and the pickle does not say which.

import { PickleError } from './errors.ts';
import { notePython2, type Python2Scalar, python2Scalar } from './python2-scalars.ts';
import { PLAIN, STR } from './scalar-kinds.ts';
import { isAscii, latin1Text, SHORT_SLOTS, shortSlot, shortText, utf8Text } from './text.ts';
import { PyString2 } from './values.ts';

/**
 * What becomes of a Python 2 `str`. `auto`: text if it is ASCII, else bytes. `latin1`, `utf8`: text (bytes, if it is not
 * UTF-8). `bytes`: always bytes. `wrap`: always a PyString2, which is written back as what it was.
 */
export type StringsPolicy = (typeof POLICIES)[number];

const POLICIES = ['auto', 'latin1', 'utf8', 'bytes', 'wrap'] as const;

/** @throws PickleError for a policy that there is not */
export function checkPolicy(policy: StringsPolicy): StringsPolicy {
  if (POLICIES.includes(policy)) return policy;
  throw new PickleError(`strings must be one of ${POLICIES.join(', ')}, not ${String(policy)}`);
}

/** The value of a Python 2 `str` of these bytes, marked as one until the pickle has ended. */
export function decodeString2(
  bytes: Uint8Array,
  start: number,
  end: number,
  policy: StringsPolicy,
): unknown {
  switch (policy) {
    case 'auto':
      return python2Scalar(
        isAscii(bytes, start, end) ? asciiText(bytes, start, end) : bytes.slice(start, end),
      );
    case 'latin1':
      return asText(latin1Text(bytes, start, end));
    case 'utf8':
      return asText(utf8OrBytes(bytes, start, end));
    case 'bytes':
      return python2Scalar(bytes.slice(start, end));
    case 'wrap':
      return new PyString2(bytes.slice(start, end));
  }
}

/** The marks of short strings that came lately, by their place in the cache of these. */
const recent: (Python2Scalar | undefined)[] = new Array<undefined>(SHORT_SLOTS).fill(undefined);

/** As `decodeString2` by the policy `auto`, for lengths and places that `shortText` can do. */
export function decodeShortString2(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  start: number,
  length: number,
): unknown {
  const text = shortText(bytes, view, base, start, length, true);
  if (text === undefined) return python2Scalar(bytes.slice(start, start + length));
  const known = recent[shortSlot];
  if (known !== undefined && known.value === text) {
    notePython2();
    return known;
  }
  const made = python2Scalar(text);
  recent[shortSlot] = made;
  return made;
}

function asText(value: unknown): Python2Scalar {
  const beyond = typeof value === 'string' && /[^\0-\x7f]/.test(value);
  return python2Scalar(value, beyond ? STR : PLAIN);
}

function asciiText(bytes: Uint8Array, start: number, end: number): unknown {
  return end - start < 6 ? utf8Text(bytes, start, end) : latin1Text(bytes, start, end);
}

function utf8OrBytes(bytes: Uint8Array, start: number, end: number): unknown {
  try {
    const text = utf8Text(bytes, start, end);
    return typeof text === 'string' ? text : bytes.slice(start, end);
  } catch (error) {
    if (error instanceof PickleError) return bytes.slice(start, end);
    throw error;
  }
}

// What can be wrong with a pickle, or with a value that is to become one. Codes tell the cases apart.

import { ZodbError } from '../errors.ts';

/**
 * `PICKLE_EMPTY`: there is no pickle at this position. `PICKLE_TRUNCATED`: the bytes end before STOP.
 * `PICKLE_LIMIT`: a limit of size, depth or memory was reached. `PICKLE_VALUE`: a value that no pickle of ours can
 * hold, or that may not be a key. `PICKLE`: everything else, always damage or an opcode used wrongly.
 */
export type PickleErrorCode =
  | 'PICKLE'
  | 'PICKLE_EMPTY'
  | 'PICKLE_TRUNCATED'
  | 'PICKLE_LIMIT'
  | 'PICKLE_VALUE';

/** Where in which pickle: the typed fields of a PickleError. */
export interface PicklePlace {
  /** Byte offset of the opcode, from the start of the bytes given. */
  readonly offset?: number | undefined;
  readonly opcode?: string | undefined;
  /** The object whose record this is, where the caller said so. */
  readonly oid?: bigint | undefined;
  readonly cause?: unknown;
}

/** A pickle that cannot be decoded, or a value that cannot be encoded. */
export class PickleError extends ZodbError {
  readonly offset: number | undefined;
  readonly opcode: string | undefined;
  readonly oid: bigint | undefined;

  constructor(message: string, place: PicklePlace = {}, code: PickleErrorCode = 'PICKLE') {
    super(
      code,
      message + describePlace(place),
      place.cause === undefined ? undefined : { cause: place.cause },
    );
    this.offset = place.offset;
    this.opcode = place.opcode;
    this.oid = place.oid;
  }
}

function describePlace({ offset, opcode, oid }: PicklePlace): string {
  const parts: string[] = [];
  if (opcode !== undefined) parts.push(`opcode ${opcode}`);
  if (offset !== undefined) parts.push(`at byte ${offset}`);
  if (oid !== undefined) parts.push(`oid ${oid.toString(16).padStart(16, '0')}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

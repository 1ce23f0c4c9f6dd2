// Errors of BTrees beside those of the object layer.

import { ZodbError } from '../errors.ts';
import { ConflictError } from '../zodb/errors.ts';

/** Two keys have no order, as text and a number have none, or a key is of a class that defines none. */
export class KeyOrderError extends ZodbError {
  constructor(message: string) {
    super('KEY_ORDER', message);
  }
}

const REASONS = [
  'the bucket was split, or its successor removed',
  'both changed the same value, or one changed what the other deleted',
  'ours deleted a key whose value was changed',
  'a key was deleted whose value ours changed',
  'both inserted, or both deleted, at the same place',
  'both deleted keys at the same place',
  'both inserted the same key at the end',
  'ours deleted a key at the end that was changed or deleted',
  'a key at the end was deleted that ours changed or deleted',
  'both deleted keys at the end',
  'nothing would be left',
  'an inner node of a tree changed',
  'one of them has emptied the bucket',
  'the first key was deleted',
] as const;

/** Two transactions changed one bucket or tree in ways that do not go together. */
export class BTreesConflictError extends ConflictError {
  /** How many items of the original, the committed and our state had been looked at; -1 where all had been. */
  readonly positions: readonly [original: number, committed: number, ours: number];
  /** Why, by the numbers that Python's BTrees use, 0 to 13. */
  readonly reason: number;

  constructor(positions: readonly [number, number, number], reason: number) {
    super(`BTrees conflict at ${positions.join('/')}: ${REASONS[reason]}`, {}, 'BTREES_CONFLICT');
    this.positions = positions;
    this.reason = reason;
  }
}

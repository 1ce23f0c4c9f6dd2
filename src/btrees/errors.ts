// Errors of BTrees beside those of the object layer.

import { ZodbError } from '../errors.ts';

/** Two keys have no order, as text and a number have none, or a key is of a class that defines none. */
export class KeyOrderError extends ZodbError {
  constructor(message: string) {
    super('KEY_ORDER', message);
  }
}

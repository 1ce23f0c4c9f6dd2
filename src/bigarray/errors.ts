// What goes wrong in array code: a wrong index, shape, dtype or value. All are found before anything is written.

import { ZodbError } from '../errors.ts';

/** An index does not exist, or is of a kind that arrays do not take. numpy's IndexError. */
export class ArrayIndexError extends ZodbError {
  constructor(message: string) {
    super('INDEX', message);
  }
}

/** Shapes that do not fit together, or sizes beyond what can be addressed. */
export class ShapeError extends ZodbError {
  constructor(message: string) {
    super('SHAPE', message);
  }
}

/** A dtype that is unknown, not allowed here, or cannot be converted to another. */
export class DTypeError extends ZodbError {
  constructor(message: string) {
    super('DTYPE', message);
  }
}

/** A value that an element of this dtype cannot hold. */
export class ElementValueError extends ZodbError {
  constructor(message: string) {
    super('ELEMENT_VALUE', message);
  }
}

/** The state of an array in the database contradicts itself, or is not an array's state at all. */
export class ArrayStateError extends ZodbError {
  constructor(message: string, options?: ErrorOptions) {
    super('ARRAY_STATE', message, options);
  }
}

/** A long computation was stopped by its `onProgress`, which returned false. */
export class StoppedError extends ZodbError {
  constructor(what: string) {
    super('STOPPED', `${what} was stopped by onProgress`);
  }
}

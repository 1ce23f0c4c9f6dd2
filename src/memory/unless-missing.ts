// Asking one storage, and another where the first has no such object or revision.

import { isZodbError } from '../errors.ts';

export function unlessMissing<T>(first: () => T, second: () => T): T {
  try {
    return first();
  } catch (error) {
    if (!isZodbError(error, 'POS_KEY')) throw error;
  }
  return second();
}

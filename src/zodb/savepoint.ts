// A savepoint: a state within a transaction to which everything that joined it can return. Whoever joins later had no
// changes then, so for it returning means aborting.

import { TransactionError } from './errors.ts';
import type { ResourceManager, ResourceSavepoint } from './resource-manager.ts';

/** What `transaction.savepoint()` gives. */
export class Savepoint {
  readonly #parts: ResourceSavepoint[] = [];
  #rollback: ((parts: readonly ResourceSavepoint[]) => void) | undefined;

  /** `rollback` is how the transaction returns to the savepoint made of these parts. */
  constructor(rollback: (parts: readonly ResourceSavepoint[]) => void) {
    this.#rollback = rollback;
  }

  /** Whether the transaction can still return to it: false once the transaction ended or returned to an earlier one. */
  get valid(): boolean {
    return this.#rollback !== undefined;
  }

  /**
   * Undoes what was changed since; may be done again later. Savepoints set since become invalid.
   * @throws TransactionError if it is not valid, or was set optimistically and a resource manager cannot return to it
   */
  rollback(): void {
    if (this.#rollback === undefined) {
      throw new TransactionError(
        'this savepoint is not valid any more: its transaction has ended, or returned to an earlier savepoint',
        'SAVEPOINT',
      );
    }
    this.#rollback(this.#parts);
  }

  /** Adds what one resource manager has kept. */
  add(part: ResourceSavepoint): void {
    this.#parts.push(part);
  }

  /** The transaction cannot return to it any more. */
  invalidate(): void {
    this.#rollback = undefined;
    this.#parts.length = 0;
  }
}

/** What a resource manager keeps for a savepoint. @throws TransactionError if it keeps none, unless `optimistic` */
export function keep(resource: ResourceManager, optimistic: boolean): ResourceSavepoint {
  if (resource.savepoint !== undefined) return resource.savepoint();
  const refuse = (): TransactionError =>
    new TransactionError(
      `the resource manager ${resource.sortKey()} supports no savepoints`,
      'SAVEPOINT',
    );
  if (!optimistic) throw refuse();
  return {
    rollback: () => {
      throw refuse();
    },
  };
}

// Who wants to know of commits.

import type { Oid, Tid } from '../zodb/ids.ts';

export type Listener = (tid: Tid, oids: readonly Oid[]) => void;

export class Listeners {
  readonly #listeners = new Set<Listener>();

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls all, and `onCommit` last. What one throws keeps no other from knowing; it is put into `errors`. */
  tell(
    tid: Tid,
    oids: readonly Oid[],
    errors: unknown[],
    onCommit?: ((tid: Tid) => void) | undefined,
  ): void {
    for (const listener of [...this.#listeners]) attempt(() => listener(tid, oids), errors);
    if (onCommit !== undefined) attempt(() => onCommit(tid), errors);
  }
}

function attempt(call: () => void, errors: unknown[]): void {
  try {
    call();
  } catch (error) {
    errors.push(error);
  }
}

// Hooks of one transaction: functions that run around its commit or abort, in the order in which they were added. They may
// add more hooks of their own kind.

import { ArgumentError } from './errors.ts';

export class Hooks<Args extends unknown[] = []> {
  readonly #hooks: ((...args: Args) => void)[] = [];

  /** @throws ArgumentError */
  add(hook: (...args: Args) => void): void {
    if (typeof hook !== 'function')
      throw new ArgumentError(`a hook is a function, got ${String(hook)}`);
    this.#hooks.push(hook);
  }

  /** Runs all; the first error ends it. */
  run(...args: Args): void {
    for (let i = 0; i < this.#hooks.length; i++) this.#hooks[i]?.(...args);
  }

  /** Runs all when nothing can be changed any more: an error of one is a warning of the process. */
  runAfter(...args: Args): void {
    for (let i = 0; i < this.#hooks.length; i++) {
      try {
        this.#hooks[i]?.(...args);
      } catch (error) {
        process.emitWarning(
          `a hook that runs after a transaction threw: ${String((error as Error)?.stack ?? error)}`,
          { code: 'ZODB_HOOK' },
        );
      }
    }
  }
}

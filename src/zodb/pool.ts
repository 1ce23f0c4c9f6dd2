// Idle connections, kept with their caches for the next `open`. The one used last is taken first: its cache is warmest.

import type { Connection } from './connection.ts';

interface Idle {
  readonly connection: Connection;
  readonly since: number;
}

export class ConnectionPool {
  readonly #idle: Idle[] = [];
  readonly #size: number;
  readonly #timeout: number;

  /** Keeps at most `size` connections, each for at most `timeout` milliseconds. */
  constructor(size: number, timeout: number) {
    this.#size = size;
    this.#timeout = timeout;
  }

  get size(): number {
    return this.#idle.length;
  }

  connections(): Connection[] {
    return this.#idle.map(({ connection }) => connection);
  }

  /** An idle connection; of those to past moments only one to the same moment will do. */
  take(fits: (connection: Connection) => boolean): Connection | undefined {
    this.#expire();
    for (let i = this.#idle.length - 1; i >= 0; i--) {
      const { connection } = this.#idle[i] as Idle;
      if (!fits(connection)) continue;
      this.#idle.splice(i, 1);
      return connection;
    }
    return undefined;
  }

  give(connection: Connection): void {
    this.#idle.push({ connection, since: Date.now() });
    this.#expire();
    while (this.#idle.length > this.#size) this.#idle.shift()?.connection.discard();
  }

  clear(): void {
    for (const { connection } of this.#idle.splice(0)) connection.discard();
  }

  #expire(): void {
    const oldest = Date.now() - this.#timeout;
    while (this.#idle[0] !== undefined && this.#idle[0].since < oldest)
      this.#idle.shift()?.connection.discard();
  }
}

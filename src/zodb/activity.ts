// How much a database's connections load and store: figures of the last while, in seconds.

import { checkOptions, count } from './options.ts';

/** What the connections did in one part of the time. */
export interface Activity {
  readonly start: Date;
  readonly end: Date;
  /** Records loaded from and stored into the storage. */
  readonly loads: number;
  readonly stores: number;
  /** Connections that were closed. */
  readonly connections: number;
}

interface Second {
  readonly at: number;
  loads: number;
  stores: number;
  connections: number;
}

export class ActivityMonitor {
  readonly #period: number;
  readonly #seconds: Second[] = [];

  /** Keeps figures for `period` seconds. */
  constructor(period = 3600) {
    this.#period = period;
  }

  /** Notes what a connection did since it was last noted. */
  record(loads: number, stores: number, connections: number): void {
    if (loads === 0 && stores === 0 && connections === 0) return;
    const at = Math.floor(Date.now() / 1000);
    let last = this.#seconds.at(-1);
    if (last?.at !== at) {
      last = { at, loads: 0, stores: 0, connections: 0 };
      this.#seconds.push(last);
      const expired = this.#seconds.findIndex((second) => second.at >= at - this.#period);
      this.#seconds.splice(0, expired);
    }
    last.loads += loads;
    last.stores += stores;
    last.connections += connections;
  }

  /** The figures of the whole time kept, in `divisions` (default 10) equal parts, oldest first. @throws ArgumentError */
  analysis(options: { readonly divisions?: number } = {}): Activity[] {
    checkOptions('activity.analysis', options, ['divisions']);
    const divisions = Math.max(1, count('divisions', options.divisions, 10));
    const end = Math.floor(Date.now() / 1000) + 1;
    const start = end - this.#period;
    const border = (i: number): number => start + (i * this.#period) / divisions;
    return Array.from({ length: divisions }, (_, i) => {
      const within = this.#seconds.filter(({ at }) => at >= border(i) && at < border(i + 1));
      const sum = (name: 'loads' | 'stores' | 'connections'): number =>
        within.reduce((total, second) => total + second[name], 0);
      return {
        start: new Date(border(i) * 1000),
        end: new Date(border(i + 1) * 1000),
        loads: sum('loads'),
        stores: sum('stores'),
        connections: sum('connections'),
      };
    });
  }
}

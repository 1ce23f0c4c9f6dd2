// What a database's connections hold in memory, in figures.

import type { Connection } from './connection.ts';
import type { Tid } from './ids.ts';
import { GHOST, stateOf } from './object-state.ts';
import { constructorOf, type Persistent } from './persistent.ts';
import { classNameOf } from './record.ts';

/** How many objects of a class are in memory. */
export interface CacheDetail {
  /** The Python class, `module.name`. */
  readonly className: string;
  readonly count: number;
}

/** What one connection holds. */
export interface ConnectionInfo {
  readonly isOpen: boolean;
  /** When it was opened; `undefined` while it is idle. */
  readonly opened: Date | undefined;
  readonly before: Tid;
  /** Objects that are loaded, and the bytes of their records. */
  readonly loaded: number;
  readonly bytes: number;
  readonly ghosts: number;
  readonly loads: number;
  readonly stores: number;
}

export function connectionInfo(connection: Connection): ConnectionInfo {
  const { cache, isOpen, opened, before } = connection;
  let ghosts = 0;
  for (const object of cache.objects()) if (stateOf(object).code === GHOST) ghosts++;
  return {
    isOpen,
    opened,
    before,
    loaded: cache.loadedCount,
    bytes: cache.loadedBytes,
    ghosts,
    ...connection.transferCounts(),
  };
}

export function cacheDetail(connections: readonly Connection[]): CacheDetail[] {
  const counts = new Map<string, number>();
  for (const { cache } of connections) {
    for (const object of cache.objects()) {
      const name = className(object);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([name, count]) => ({ className: name, count }))
    .sort((a, b) => b.count - a.count || (a.className < b.className ? -1 : 1));
}

function className(object: Persistent): string {
  const known = classNameOf(stateOf(object).pyClass);
  return known === undefined ? constructorOf(object).name : `${known.module}.${known.name}`;
}

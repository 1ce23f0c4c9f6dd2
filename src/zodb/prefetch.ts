// Loading objects ahead of need without holding up the event loop: for servers, whose other requests go on meanwhile.

import { isZodbError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { ClosedError } from './errors.ts';
import { type IdInput, type Oid, oid as toOid } from './ids.ts';
import { GHOST, isPersistent, stateOf } from './object-state.ts';
import type { Persistent } from './persistent.ts';

/** How long one slice may hold up the event loop, in milliseconds. */
const SLICE = 4;

/**
 * Loads the objects with these ids into the connection's cache, or has a storage behind a network send their records. What
 * does not exist is left out: using it is the error.
 */
export async function prefetchObjects(
  connection: Connection,
  wanted: Iterable<IdInput | Persistent>,
): Promise<void> {
  const oids: Oid[] = [];
  for (const each of wanted) {
    if (!isPersistent(each)) oids.push(toOid(each));
    else if (stateOf(each).oid !== undefined) oids.push(stateOf(each).oid as Oid);
  }
  const { storage } = connection;
  if (storage.prefetch !== undefined) {
    const missing = oids.filter((oid) => isGhost(connection.cache.get(oid)));
    await storage.prefetch(missing, connection.before);
    return;
  }
  for (let next = 0; next < oids.length; ) {
    const until = performance.now() + SLICE;
    do loadOne(connection, oids[next++] as Oid);
    while (next < oids.length && performance.now() < until);
    await new Promise((resolve) => setImmediate(resolve));
    if (!connection.isOpen && next < oids.length)
      throw new ClosedError(`the connection to ${storage.name} was closed while it loaded ahead`);
  }
}

function isGhost(object: Persistent | undefined): boolean {
  return object === undefined || stateOf(object).code === GHOST;
}

function loadOne(connection: Connection, oid: Oid): void {
  try {
    connection.get(oid)._p_activate();
  } catch (error) {
    if (!isZodbError(error, 'POS_KEY')) throw error;
  }
}

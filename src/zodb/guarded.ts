// Application code that runs inside a transaction may touch memory that fails to load. The layer that owns such memory
// registers its guard here; without one, code just runs.

type Guard = <T>(fn: () => T) => T;

const GUARD: unique symbol = Symbol.for('zodb/1.guard') as never;
const holder = globalThis as unknown as { [GUARD]?: Guard };

/** Makes `guard` run the functions of transactions from now on. */
export function registerGuard(guard: Guard): void {
  holder[GUARD] = guard;
}

/** Runs a function of a transaction under the guard, if there is one. */
export function guarded<T>(fn: () => T): T {
  const guard = holder[GUARD];
  return guard === undefined ? fn() : guard(fn);
}

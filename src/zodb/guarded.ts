// Application code that runs inside a transaction may touch memory that fails to load. The layer that owns such memory
// registers its guard here, one for each copy of the package in the process, since they share the default transaction
// manager; without any, code just runs.

type Guard = <T>(fn: () => T) => T;

const GUARDS: unique symbol = Symbol.for('zodb/1.guards') as never;
const holder = globalThis as unknown as { [GUARDS]?: Guard[] };

/** Makes `guard` run the functions of transactions, within the guards that there are. */
export function registerGuard(guard: Guard): void {
  holder[GUARDS] ??= [];
  holder[GUARDS].push(guard);
}

/** Runs a function of a transaction under all guards. */
export function guarded<T>(fn: () => T): T {
  let run = fn;
  for (const guard of holder[GUARDS] ?? []) {
    const inner = run;
    run = () => guard(inner);
  }
  return run();
}

// The extension registry (Python's copyreg): short codes that stand for classes and functions.

import { PickleError } from './errors.ts';
import { PyGlobal } from './values.ts';

/** The code of each global in a registry. @throws PickleError (`PICKLE_VALUE`) for a code that no opcode can hold */
export function extensionCodes(
  extensions: ReadonlyMap<number, PyGlobal> | undefined,
): ReadonlyMap<PyGlobal, number> | undefined {
  if (extensions === undefined) return undefined;
  const codes = new Map<PyGlobal, number>();
  for (const [code, global] of extensions) {
    if (
      !Number.isInteger(code) ||
      code < 1 ||
      code > 0x7fff_ffff ||
      !(global instanceof PyGlobal)
    ) {
      throw new PickleError(
        `extensions must map codes from 1 to 2147483647 to PyGlobals, got ${String(code)}: ${String(global)}`,
        {},
        'PICKLE_VALUE',
      );
    }
    codes.set(global, code);
  }
  return codes;
}

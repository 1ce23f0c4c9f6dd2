// A separate addon in C that works on typed arrays, as native code of any package does. Build it with
// `node examples/counteven/build.mjs` (npm run demo and npm test do).

import { createRequire } from 'node:module';

export type IntegerArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

interface Addon {
  counteven(array: IntegerArray): number;
}

const addon = createRequire(import.meta.url)('./build/counteven.node') as Addon;

/** How many numbers of a typed array of integers are even. @throws TypeError for anything else */
export const counteven: (array: IntegerArray) => number = addon.counteven;

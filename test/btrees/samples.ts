// Keys and values of every family, by number, in their order: the twin of test/interop/btrees/samples.py. The same number
// gives the same object, so that both write what is shared as shared.

import type { Family } from '../../src/btrees/index.ts';
import { tuple } from '../../src/pickle/index.ts';

/** How many keys there are, and of how many kinds in the O families. */
export const KEYS = 4000;
export const KINDS = 6;

function objectKey(n: number, kind: number): unknown {
  switch (kind) {
    case 0:
      return n - 2000;
    case 1:
      return n === 0 ? null : `key ${String(n).padStart(4, '0')}`;
    case 2:
      return Uint8Array.of(0xf0, n >> 8, n);
    case 3:
      return tuple<unknown>(n >> 9, tuple<unknown>((n >> 3) & 63, n & 7), null);
    case 4:
      return String.fromCodePoint(n < 2000 ? 0xf000 + n : 0x10000 + n);
    default:
      return n / 4 - 500;
  }
}

const madeKeys = new Map<string, unknown>();

/** Key `n` of a family; in O families of one of the kinds. */
export function keyAt(family: Family, n: number, kind = 1): unknown {
  switch (family.name === 'fs' ? 'fs' : family.name[0]) {
    case 'I':
      return (n - 2000) * 1_000_003;
    case 'U':
      return n * 1_000_003;
    case 'L':
      if (n >= 1000) return n < 3000 ? n - 2000 : BigInt(n - 2990) * 2n ** 53n;
      return BigInt(n) - 2n ** 63n;
    case 'Q':
      return n < 2000 ? n : 2n ** 64n - 4000n + BigInt(n);
    case 'fs':
      return Uint8Array.of(n >> 8, n);
    default:
      return remembered(madeKeys, `${kind} ${n}`, () => objectKey(n, kind));
  }
}

const madeValues = new Map<string, unknown>();

/** Value `n` of a family, 0 to 9. */
export function valueAt(family: Family, n: number): unknown {
  switch (family.name === 'fs' ? 'fs' : family.name[1]) {
    case 'I':
      return n - 5;
    case 'U':
      return n * 400_000_000;
    case 'L':
      return BigInt(n - 5) * 2n ** 60n;
    case 'Q':
      return 2n ** 64n - 1n - BigInt(n);
    case 'F':
      return n / 8;
    case 'fs':
      return Uint8Array.of(n, 0, 255, n, 1, 2);
    default:
      if (n % 2 === 0) return `value ${n}`;
      return remembered(madeValues, String(n), () => tuple(n, n));
  }
}

function remembered(made: Map<string, unknown>, name: string, make: () => unknown): unknown {
  if (!made.has(name)) made.set(name, make());
  return made.get(name);
}

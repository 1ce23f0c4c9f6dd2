// Keys and values of every family, numbered in their order: the same numbers in test/interop/btrees/samples.py.

import type { Family } from '../../src/btrees/families.ts';
import { tuple } from '../../src/pickle/index.ts';

/** Keys of O families: None, text beyond the surrogates, or what `kind` asks for. */
const OBJECT_KEYS: readonly (readonly unknown[])[] = [
  numbered((n) => n - 40),
  numbered((n) => (n === 0 ? null : `key ${String(n).padStart(3, '0')}`)),
  numbered((n) => Uint8Array.of(0xf0, n)),
  numbered((n) => tuple<unknown>('a', n >> 3, `${n & 7}`)),
  numbered((n) => (n < 40 ? String.fromCharCode(0xffd0 + n) : String.fromCodePoint(0x10000 + n))),
  numbered((n) => n / 4 - 5),
];

function numbered(key: (n: number) => unknown): unknown[] {
  return Array.from({ length: 80 }, (_, n) => key(n));
}

/** Key `n` of a family, 0 to 79; in O families of one kind out of six. */
export function keyAt(family: Family, n: number, kind = 1): unknown {
  switch (family.name === 'fs' ? 'fs' : family.name[0]) {
    case 'I':
      return n < 40 ? n - 40 : (n - 40) * 50_000_000;
    case 'U':
      return n * 54_000_000;
    case 'L':
      return n < 40 ? -(2n ** 63n) + BigInt(n) : (BigInt(n) - 60n) * 2n ** 52n;
    case 'Q':
      return n < 40 ? n : 2n ** 64n - 80n + BigInt(n);
    case 'fs':
      return Uint8Array.of(n >> 2, n * 64);
    default:
      return OBJECT_KEYS[kind]?.[n];
  }
}

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
      return n % 2 === 0 ? `value ${n}` : tuple(n, n);
  }
}

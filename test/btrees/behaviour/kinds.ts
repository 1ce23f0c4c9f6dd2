// All classes of all families under test: how to make one, and the keys and values it takes, by number. docs/btrees-tests.md
// lists what is tested beside the tests of Python's package.

import type { Family } from '../../../src/btrees/index.ts';
import * as btrees from '../../../src/btrees/index.ts';

export type Type = 'BTree' | 'Bucket' | 'TreeSet' | 'Set';

/** One class. */
export interface Kind {
  readonly name: string;
  readonly family: Family;
  readonly type: Type;
  readonly class: new (content?: Iterable<any>) => any;
  /** Whether keys and values may be below 0. */
  readonly signedKeys: boolean;
  readonly signedValues: boolean;
}

export const KINDS: readonly Kind[] = [...btrees.FAMILIES.values()].flatMap((family) =>
  (['BTree', 'Bucket', 'TreeSet', 'Set'] as const).map((type) => {
    const name = family.name + type;
    const made = (btrees as unknown as Record<string, Kind['class']>)[name]!;
    return {
      name,
      family,
      type,
      class: made,
      signedKeys: 'OIL'.includes(family.name[0]!),
      signedValues: 'OILF'.includes(family.name[1]!),
    };
  }),
);

export const MAPPINGS: readonly Kind[] = KINDS.filter(({ type }) => /BTree|Bucket/.test(type));
export const SETS: readonly Kind[] = KINDS.filter(({ type }) => /Set/.test(type));
export const TREES: readonly Kind[] = KINDS.filter(({ type }) => /Tree/.test(type));
export const BTREES: readonly Kind[] = KINDS.filter(({ type }) => type === 'BTree');
export const INTEGER_KEYS: readonly Kind[] = KINDS.filter(({ name }) => /^[IULQ]/.test(name));
/** The classes of a set operation's arguments: all four of one family. */
export const FAMILIES: readonly (readonly Kind[])[] = BTREES.map(({ family }) =>
  KINDS.filter((kind) => kind.family === family),
);

/** Runs a check for each class, and says which one it was that failed. */
export function each(kinds: readonly Kind[], check: (kind: Kind) => void): void {
  for (const kind of kinds) {
    try {
      check(kind);
    } catch (error) {
      if (error instanceof Error) error.message = `${kind.name}: ${error.message}`;
      throw error;
    }
  }
}

function fsBytes(n: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set([n >> 8, n & 255], length - 2);
  return bytes;
}

/** Key `n` as it is given. */
export function key({ family }: Kind, n: number): any {
  return family.name === 'fs' ? fsBytes(n, 2) : n;
}

/** Value `n` as it is given. */
export function value({ family }: Kind, n: number): any {
  return family.name === 'fs' ? fsBytes(n, 6) : n;
}

/** Key `n` as it comes out. */
export function shownKey(kind: Kind, n: number): unknown {
  return 'LQ'.includes(kind.family.name[0]!) ? BigInt(n) : key(kind, n);
}

/** Value `n` as it comes out. */
export function shownValue(kind: Kind, n: number): unknown {
  return 'LQ'.includes(kind.family.name[1]!) ? BigInt(n) : value(kind, n);
}

export function isMapping({ type }: Kind): boolean {
  return type === 'BTree' || type === 'Bucket';
}

/** What a collection of these numbers is made of: pairs of equal numbers, or keys. */
export function content(kind: Kind, numbers: Iterable<number>): any[] {
  return Array.from(numbers, (n) =>
    isMapping(kind) ? [key(kind, n), value(kind, n)] : key(kind, n),
  );
}

export function make(kind: Kind, numbers: Iterable<number> = []): any {
  return new kind.class(content(kind, numbers));
}

export function keys(kind: Kind, numbers: Iterable<number>): unknown[] {
  return Array.from(numbers, (n) => shownKey(kind, n));
}

export function values(kind: Kind, numbers: Iterable<number>): unknown[] {
  return Array.from(numbers, (n) => shownValue(kind, n));
}

export function entries(kind: Kind, numbers: Iterable<number>): [unknown, unknown][] {
  return Array.from(numbers, (n) => [shownKey(kind, n), shownValue(kind, n)]);
}

/** What iterating gives for these numbers. */
export function shown(kind: Kind, numbers: Iterable<number>): unknown[] {
  return isMapping(kind) ? entries(kind, numbers) : keys(kind, numbers);
}

export function range(from: number, to: number, step = 1): number[] {
  return Array.from(
    { length: Math.max(0, Math.ceil((to - from) / step)) },
    (_, i) => from + i * step,
  );
}

/** The numbers from 0 to below `count` in an order that is always the same. */
export function shuffled(count: number): number[] {
  return range(0, count)
    .map((n) => [(n * 7919 + 13) % 10007, n] as const)
    .sort(([a], [b]) => a - b)
    .map(([, n]) => n);
}

// The 22 families of BTrees, and how many entries their nodes hold before they are split. Both are part of the format:
// Python finds a tree in the classes of its module, and builds the same nodes from the same operations.

import {
  BYTES2,
  BYTES6,
  type Datatype,
  FLOAT32,
  INT32,
  INT64,
  type KeyDatatype,
  OBJECT,
  UINT32,
  UINT64,
} from './datatypes.ts';

/** What keys and values a family has, and how large its nodes grow. */
export interface Family {
  /** The letters of key and value: `LO`. Also the beginning of its Python names. */
  readonly name: string;
  readonly key: KeyDatatype;
  readonly value: Datatype;
  /** The most entries of a bucket or set. */
  readonly maxLeafSize: number;
  /** The most children of an inner node; a root may have up to twice as many. */
  readonly maxInternalSize: number;
}

const KEYS = { O: OBJECT, I: INT32, U: UINT32, L: INT64, Q: UINT64, fs: BYTES2 } as const;
const VALUES = { ...KEYS, F: FLOAT32, fs: BYTES6 } as const;

type Row = readonly [
  key: keyof typeof KEYS,
  values: readonly (keyof typeof VALUES)[],
  maxLeafSize: number,
  maxInternalSize: number,
];

const ROWS: readonly Row[] = [
  ['O', ['O'], 30, 250],
  ['O', ['I', 'U', 'L', 'Q'], 60, 250],
  ['I', ['O'], 60, 500],
  ['U', ['O'], 60, 500],
  ['L', ['O'], 60, 500],
  ['Q', ['O'], 60, 500],
  ['I', ['I', 'U', 'F'], 120, 500],
  ['U', ['U', 'I', 'F'], 120, 500],
  ['L', ['L', 'Q', 'F'], 120, 500],
  ['Q', ['Q', 'L', 'F'], 120, 500],
  ['fs', ['fs'], 500, 500],
];

/** By name: `FAMILIES.get('LO')`. */
export const FAMILIES: ReadonlyMap<string, Family> = new Map(
  ROWS.flatMap(([key, values, maxLeafSize, maxInternalSize]) =>
    values.map((value): [string, Family] => {
      const name = key === 'fs' ? 'fs' : key + value;
      return [name, { name, key: KEYS[key], value: VALUES[value], maxLeafSize, maxInternalSize }];
    }),
  ),
);

// The classes and the storage of the sequences of operations; sequences.py has them for Python.

import * as btrees from '../../../src/btrees/index.ts';
import { FileStorage } from '../../../src/filestorage/index.ts';
import {
  Blob,
  Persistent,
  PersistentList,
  PersistentMapping,
  type Tid,
  type TransactionMetadata,
} from '../../../src/main.ts';
import { PyDict } from '../../../src/pickle/index.ts';
import type { PersistentClass } from '../../../src/zodb/persistent.ts';
import { classFor } from '../btrees/programs.ts';

/** How many conflicts were merged. */
export const merged = { trees: 0, counters: 0 };

export class Item extends Persistent {
  [attribute: string]: any;
}

export class Fields extends Persistent {
  [attribute: string]: any;
  first = 1;
  second = 'two';
  third = null;
}

export class Counter extends Persistent {
  count = 0;

  _p_resolveConflict(old: PyDict, committed: PyDict, changed: PyDict): PyDict {
    const count = (state: PyDict): number => state.get('count') as number;
    const state = new PyDict(committed);
    state.set('count', count(committed) + count(changed) - count(old));
    merged.counters++;
    return state;
  }
}

export class Dictionary extends PersistentMapping {}

export class Row extends PersistentList {}

export const CLASSES: Readonly<Record<string, new () => Persistent>> = {
  Item,
  Fields,
  Counter,
  Dictionary,
  Row,
  PersistentMapping,
  PersistentList,
  Length: btrees.Length,
  Blob,
};

const OWN = [Item, Fields, Counter, Dictionary, Row];
const SMALL: readonly [number, number] = [4, 3];
export const trees: Map<string, new () => Persistent> = new Map();
for (const family of btrees.FAMILIES.keys()) {
  for (const type of ['BTree', 'TreeSet', 'Bucket', 'Set'] as const) {
    const name = family + type;
    const program = { family, type: type as 'BTree', kind: 0, operations: [] };
    trees.set(name, classFor({ ...program, sizes: null }));
    if (type === 'Bucket' || type === 'Set') continue;
    const small = classFor({ ...program, sizes: SMALL });
    Object.defineProperty(small, 'name', { value: `Small${name}` });
    trees.set(`Small${name}`, small);
  }
}

/** The classes of the sequences by their names in Python. */
export const classes: Readonly<Record<string, PersistentClass>> = Object.fromEntries([
  ...OWN.map((cls) => [`zoo.${cls.name}`, cls]),
  ...[...trees]
    .filter(([name]) => name.startsWith('Small'))
    .map(([name, cls]) => [`small.${name}`, cls]),
]);

export const FIRST_TID = 0x03f0000000000000n;
const STEP = 1n << 32n;

/** Transactions a minute apart, whatever the clock says. */
export class Storage extends FileStorage {
  override begin(
    metadata: TransactionMetadata,
    tid?: Tid,
    status?: ' ' | 'p',
  ): ReturnType<FileStorage['begin']> {
    const last = this.lastTransaction();
    const next = (last === 0n ? FIRST_TID : last + STEP) as Tid;
    return super.begin(metadata, tid ?? next, status);
  }
}

// The decoder's memo: dense for the numbers that writers use, bounded for all others. References recognised as a unit leave
// their two entries (the oid and the pid tuple) unmade until a GET asks for them.

import { PickleError } from './errors.ts';
import { PyTuple } from './values.ts';

/** In the place of an entry that `get` makes when it is asked for. */
export const LATER: unique symbol = Symbol('later');
/** How many slots of the dense part may be empty. */
const SLACK = 1024;

export class Memo {
  /** Entries by index, undefined where there is none. Use `put` and `get` for anything but a plain append. */
  readonly dense: unknown[] = [];
  /** Entries far beyond the end of the dense part; undefined as long as there are none. */
  sparse: Map<number, unknown> | undefined;
  #holes = 0;
  // Indexes of unmade oids, ascending; each pid tuple follows its oid.
  #laterIndexes: number[] = [];
  #laterOids: bigint[] = [];
  #laterClasses: unknown[] = [];

  /** Number of entries: the index that MEMOIZE stores at. */
  get count(): number {
    return this.dense.length - this.#holes + (this.sparse?.size ?? 0);
  }

  put(index: number, value: unknown): void {
    const { dense } = this;
    if (index < dense.length) {
      if (dense[index] === undefined) this.#holes -= 1;
      dense[index] = value;
    } else if (index <= dense.length - this.#holes + SLACK) {
      for (; dense.length < index; this.#holes++) dense.push(undefined);
      dense.push(value);
    } else {
      this.sparse ??= new Map();
      this.sparse.set(index, value);
      return;
    }
    this.sparse?.delete(index);
  }

  /** Appends the entries of a reference: its oid's, and after it its pid tuple's. */
  putReference(oid: bigint, cls: unknown): void {
    this.#laterIndexes.push(this.dense.length);
    this.#laterOids.push(oid);
    this.#laterClasses.push(cls);
    this.dense.push(LATER, LATER);
  }

  /** @throws PickleError if nothing was put there. */
  get(index: number): unknown {
    let value = index < this.dense.length ? this.dense[index] : undefined;
    if (value === undefined) value = this.sparse?.get(index);
    if (value === undefined) throw new PickleError(`the memo has no entry ${index}`);
    if (value !== LATER) return value;
    const later = this.#findLater(index);
    const first = this.#laterIndexes[later] as number;
    const { dense } = this;
    if (dense[first] === LATER) {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, this.#laterOids[later] as bigint);
      dense[first] = bytes;
    }
    if (dense[first + 1] === LATER && index !== first) {
      const pid = new PyTuple(2);
      pid[0] = dense[first];
      pid[1] = this.#laterClasses[later];
      dense[first + 1] = pid;
    }
    return dense[index];
  }

  /** The last reference whose oid's index is not above `index`. */
  #findLater(index: number): number {
    let low = 0;
    let high = this.#laterIndexes.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#laterIndexes[middle] as number) <= index) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Puts `replace(entry)` in the place of each entry. */
  replace(replace: (value: unknown) => unknown): void {
    const { dense, sparse } = this;
    for (let i = 0; i < dense.length; i++) dense[i] = replace(dense[i]);
    if (sparse !== undefined) for (const [i, value] of sparse) sparse.set(i, replace(value));
  }

  clear(): void {
    this.dense.length = 0;
    this.sparse = undefined;
    this.#holes = 0;
    if (this.#laterIndexes.length > 0) {
      this.#laterIndexes = [];
      this.#laterOids = [];
      this.#laterClasses = [];
    }
  }
}

// The decoder's memo: dense for the numbers that writers use, bounded for all others. References recognised as a unit leave
// their two entries (the oid and the pid tuple) unmade until a GET asks for them.

import { PickleError } from './errors.ts';
import { decodeString2, type StringsPolicy } from './strings2.ts';
import { PyTuple } from './values.ts';

/** How many slots of the dense part may be empty. */
const SLACK = 1024;
/** Up to this many slots are kept for the next record. */
const KEPT = 16384;

/** In the places of a reference's entries, its oid and its pid tuple, until one of them is asked for. */
export class UnmadeReference {
  readonly #oid: bigint;
  readonly #cls: unknown;
  /** The index of the oid, -1 if it has none. */
  readonly #index: number;
  /** What becomes of Python 2's `str`, if the oid was one. */
  readonly #strings: StringsPolicy | undefined;
  #id: unknown;

  constructor(oid: bigint, cls: unknown, index: number, strings?: StringsPolicy) {
    this.#oid = oid;
    this.#cls = cls;
    this.#index = index;
    this.#strings = strings;
    this.#id = undefined;
  }

  /** The entry at an index. */
  made(index: number): unknown {
    if (this.#id === undefined) {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, this.#oid);
      this.#id = this.#strings === undefined ? bytes : decodeString2(bytes, 0, 8, this.#strings);
    }
    if (index === this.#index) return this.#id;
    const pid = new PyTuple(2);
    pid[0] = this.#id;
    pid[1] = this.#cls;
    return pid;
  }
}

export class Memo {
  /** Entries by index below `length`, undefined where there is none. Use `put` and `get` for anything but a plain append. */
  readonly dense: unknown[] = [];
  /** Number of slots of the dense part that are in use. */
  length = 0;
  /** Entries far beyond the end of the dense part; undefined as long as there are none. */
  sparse: Map<number, unknown> | undefined;
  #holes = 0;

  /** Number of entries: the index that MEMOIZE stores at. */
  get count(): number {
    return this.length - this.#holes + (this.sparse?.size ?? 0);
  }

  /** Puts at the end of the dense part; only while `sparse` is undefined. */
  append(value: unknown): void {
    this.dense[this.length++] = value;
  }

  /** Whether the entries are numbered from 1, as Python 2's picklers do. Neither is so while there are none. */
  get startsAtOne(): boolean {
    return this.length > 1 && this.dense[0] === undefined;
  }

  get startsAtZero(): boolean {
    return this.dense.length > 0 && this.dense[0] !== undefined;
  }

  put(index: number, value: unknown): void {
    const { dense } = this;
    if (index < this.length) {
      if (dense[index] === undefined) this.#holes -= 1;
      dense[index] = value;
    } else if (index <= this.length - this.#holes + SLACK) {
      for (; this.length < index; this.#holes++) this.append(undefined);
      this.append(value);
    } else {
      this.sparse ??= new Map();
      this.sparse.set(index, value);
      return;
    }
    this.sparse?.delete(index);
  }

  /** Appends the entries of a reference: its oid's, and after it its pid tuple's. */
  putReference(oid: bigint, cls: unknown): void {
    const { dense } = this;
    const unmade = new UnmadeReference(oid, cls, this.length);
    dense[this.length++] = unmade;
    dense[this.length++] = unmade;
  }

  /** The same as Python 2 writes it, where either entry may be missing: `puts` is 1 with the oid's alone, 2 with the tuple's, 3 with both. */
  putReference2(oid: bigint, cls: unknown, strings: StringsPolicy, puts: number): void {
    if (puts === 0) return;
    const unmade = new UnmadeReference(oid, cls, puts === 2 ? -1 : this.length, strings);
    this.append(unmade);
    if (puts === 3) this.append(unmade);
  }

  /** @throws PickleError if nothing was put there. */
  get(index: number): unknown {
    let value = index < this.length ? this.dense[index] : undefined;
    if (value === undefined) value = this.sparse?.get(index);
    if (value === undefined) throw new PickleError(`the memo has no entry ${index}`);
    if (!(value instanceof UnmadeReference)) return value;
    const made = value.made(index);
    this.dense[index] = made;
    return made;
  }

  /** Puts `replace(entry)` in the place of each entry. */
  replace(replace: (value: unknown) => unknown): void {
    const { dense, sparse } = this;
    for (let i = 0; i < this.length; i++) dense[i] = replace(dense[i]);
    if (sparse !== undefined) for (const [i, value] of sparse) sparse.set(i, replace(value));
  }

  clear(): void {
    const { dense } = this;
    if (dense.length > KEPT) dense.length = 0;
    else for (let i = 0; i < this.length; i++) dense[i] = undefined;
    this.length = 0;
    this.sparse = undefined;
    this.#holes = 0;
  }
}

// Length: a number in a record of its own. Two transactions that change it at once do not conflict: both changes count.

import { ArgumentError } from '../zodb/errors.ts';
import { Persistent } from '../zodb/persistent.ts';

/** A counter beside a tree, whose own `size` loads all its buckets. */
export class Length extends Persistent {
  static readonly _p_direct: boolean = true;

  #value: unknown = 0;

  constructor(value: number = 0) {
    super();
    if (value !== 0) this.#value = checked(value);
  }

  get value(): number {
    this._p_activate();
    return this.#value as number;
  }

  /** @throws ArgumentError */
  set(value: number): void {
    checked(value);
    this._p_changed = true;
    this.#value = value;
  }

  /** Adds to the value. @throws ArgumentError */
  change(delta: number): void {
    this.set(this.value + delta);
  }

  override valueOf(): number {
    return this.value;
  }

  __getstate__(): unknown {
    return this.value;
  }

  __setstate__(state: unknown): void {
    this.#value = state;
  }

  override _p_clear(): void {
    this.#value = 0;
  }

  /** What two changes of one value come to. */
  static _p_resolveConflict(old: unknown, committed: unknown, changed: unknown): number {
    return (committed as number) + (changed as number) - (old as number);
  }
}

function checked(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new ArgumentError(`a length is an integer below 2^53, got ${String(value)}`);
}

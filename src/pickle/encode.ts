// Values to bytes: protocol 3, as zodbpickle's C pickler writes it.

import { PickleError } from './errors.ts';
import type { Kinds } from './kinds.ts';

export interface PicklerOptions {
  /**
   * The persistent id of an object: an oid of 8 bytes, a PyTuple or an Array; undefined: it is written by value.
   * Asked for every object but strings and numbers, before anything else.
   */
  readonly persistentId?: ((value: object) => unknown) | undefined;
  /** The object whose record this is, for error messages. */
  readonly oid?: bigint | undefined;
}

/** Writes pickles one after the other; the memo goes on until `clearMemo`. */
export class Pickler {
  oid: bigint | undefined;

  constructor(options: PicklerOptions = {}) {
    this.oid = options.oid;
  }

  /** Appends one pickle. `kinds` says which whole numbers are floats. @throws PickleError (`PICKLE_VALUE`) */
  dump(_value: unknown, _kinds?: Kinds): void {
    throw new PickleError('the encoder is not written yet', { oid: this.oid });
  }

  /** What was written since the last `take`: bytes of their own. */
  take(): Uint8Array {
    return new Uint8Array(0);
  }

  clearMemo(): void {}
}

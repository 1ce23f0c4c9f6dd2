// Bytes to values: one pickle after the other on one memo.

import { PickleError } from './errors.ts';
import type { Kinds } from './kinds.ts';

/** What becomes of a Python 2 `str`. `auto`: text if ASCII, else bytes. `wrap`: always a PyString2. */
export type StringsPolicy = 'auto' | 'latin1' | 'utf8' | 'bytes' | 'wrap';

export interface UnpicklerOptions {
  /** What a persistent reference becomes; `pid` is the value as it stands in the pickle. Default: a PersistentRef. */
  readonly persistentLoad?: ((pid: unknown) => unknown) | undefined;
  /** The same for the usual form (oid of 8 bytes, class) alone, which then costs no tuple and no byte array. */
  readonly loadReference?: ((oid: bigint, cls: unknown) => unknown) | undefined;
  readonly strings?: StringsPolicy | undefined;
  /** Whole-number floats become PyFloat everywhere, and no kinds are made. */
  readonly exact?: boolean | undefined;
  /** The object whose record this is, for error messages. */
  readonly oid?: bigint | undefined;
}

/** Decodes pickles one at a time; the memo goes on from one to the next until `clearMemo`. */
export class Unpickler {
  /** Offset after the STOP of the last pickle. */
  position = 0;
  /** Where floats stood in the last pickle; undefined if nowhere. */
  kinds: Kinds | undefined;
  /** May be changed between pickles, as may `oid`. */
  exact: boolean;
  oid: bigint | undefined;

  constructor(options: UnpicklerOptions = {}) {
    this.exact = options.exact ?? false;
    this.oid = options.oid;
  }

  /** Decodes the pickle that starts at `offset`. @throws PickleError */
  load(_bytes: Uint8Array, offset = 0): unknown {
    throw new PickleError('the decoder is not written yet', { offset, oid: this.oid });
  }

  /** Forgets the values that GET opcodes may fetch. */
  clearMemo(): void {}
}

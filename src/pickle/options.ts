// How to decode: hooks, policies and limits.

import type { PickledType } from './register-type.ts';
import type { StringsPolicy } from './strings2.ts';
import type { PyGlobal } from './values.ts';

/** Bounds on what one pickle may cost. */
export interface PickleLimits {
  /** Estimated bytes of memory for what one pickle decodes to. Default: 32 times the input, at least 16 MiB. */
  readonly memory?: number | undefined;
  /** Digits of a number written as text. Default 4300, as in Python. */
  readonly digits?: number | undefined;
  /** Bytes of one LONG4. Default 65536. */
  readonly integer?: number | undefined;
  /** Length of the name of a module, or of a class or function. Default 1024. */
  readonly name?: number | undefined;
}

/** How to decode; all of it may be left out. */
export interface UnpicklerOptions {
  /** What a persistent reference becomes; `pid` is the value as it stands in the pickle. Default: a PersistentRef. */
  readonly persistentLoad?: ((pid: unknown) => unknown) | undefined;
  /** The same for the usual form (oid of 8 bytes, class) alone, which then costs no tuple and no byte array. */
  readonly loadReference?: ((oid: bigint, cls: unknown) => unknown) | undefined;
  /** What becomes of a Python 2 `str`. Default `auto`. */
  readonly strings?: StringsPolicy | undefined;
  /** Whole-number floats become PyFloat everywhere, and no kinds are made. */
  readonly exact?: boolean | undefined;
  /** The object whose record this is, for error messages. */
  readonly oid?: bigint | undefined;
  /** The buffers that NEXT_BUFFER takes, in order. */
  readonly buffers?: Iterable<Uint8Array> | undefined;
  /** Types of one's own that hold for this alone, before those of `registerType`. */
  readonly types?: Iterable<PickledType> | undefined;
  /** The extension registry, by code: what EXT1, EXT2 and EXT4 stand for. Others become a PyExtension. */
  readonly extensions?: ReadonlyMap<number, PyGlobal> | undefined;
  readonly limits?: PickleLimits | undefined;
}

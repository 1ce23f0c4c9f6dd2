// Pickles, one after the other: the options, and what is done about errors.

import { Python2Encoder } from './encode-python2.ts';
import { Python3Encoder } from './encode-python3.ts';
import { PickleError, type PickleErrorCode } from './errors.ts';
import { extensionCodes } from './extensions.ts';
import type { Kinds, Python2Writer } from './kinds.ts';
import { type PickledType, typeTable } from './register-type.ts';
import type { StoredReference, ValueEncoder } from './value-encoder.ts';
import type { PyGlobal } from './values.ts';

/** Which Python's picklers are followed: they spell strings, longs, tuples and their memo differently. */
export type PickleDialect = 'python3' | 'python2';

/** How to encode; all of it may be left out. */
export interface PicklerOptions {
  /**
   * The persistent id of an object: an oid (8 bytes, or a bigint), a PyTuple such as (oid, class) or an Array; undefined: the
   * object is written by value. Asked before anything else, for every object but the value types of this module, plain
   * arrays and Uint8Arrays.
   */
  readonly persistentId?: ((value: object) => unknown) | undefined;
  /** The same for ordinary references alone, asked before it: costs no tuple and no byte array. */
  readonly reference?: ((value: object) => StoredReference | undefined) | undefined;
  /** Default `python3`: protocol 3 as Python 3 writes it. `python2`: as Python 2's ZODB does, for its databases. */
  readonly dialect?: PickleDialect | undefined;
  /** With `python2`: 1, 2 or 3. Default: the one that the kinds come from, else 2. May be changed between pickles. */
  readonly protocol?: 1 | 2 | 3 | undefined;
  /** The object whose record this is, for error messages. */
  readonly oid?: bigint | undefined;
  /** How deep values may be nested; default 100 000. */
  readonly maxDepth?: number | undefined;
  /** Types of one's own that hold for this alone, before those of `registerType`. */
  readonly types?: Iterable<PickledType> | undefined;
  /** The extension registry, by code: these globals are written as EXT1, EXT2 or EXT4. */
  readonly extensions?: ReadonlyMap<number, PyGlobal> | undefined;
}

/** Writes pickles one after the other on one memo, until `clearMemo`, as the two pickles of a database record are. */
export class Pickler {
  /** As in the options; may be changed between pickles. */
  oid: bigint | undefined;

  readonly #encoder: ValueEncoder;
  readonly #python2: Python2Encoder | undefined;

  /** @throws PickleError (`PICKLE_VALUE`) for a dialect, a protocol or an extension code that there is not */
  constructor(options: PicklerOptions = {}) {
    this.oid = options.oid;
    const hooks = {
      persistentId: options.persistentId,
      reference: options.reference,
      maxDepth: options.maxDepth ?? 100_000,
      types: typeTable(options.types),
      extensions: extensionCodes(options.extensions),
    };
    this.#python2 = isPython2(options) ? new Python2Encoder(hooks) : undefined;
    this.#encoder = this.#python2 ?? new Python3Encoder(hooks);
    if (options.protocol !== undefined) this.writeAs({ protocol: options.protocol });
  }

  /** In the dialect of Python 2: how the next pickles are written, whatever their kinds say; undefined: as those say. */
  writeAs(writer: Partial<Python2Writer> | undefined): void {
    if (this.#python2 === undefined) return;
    this.#python2.writer = writer && { protocol: 2, putsAll: false, strings: undefined, ...writer };
  }

  /**
   * Appends one pickle. `kinds` (of the pickle that was decoded) says which whole numbers are floats, and in Python 2's
   * dialect which strings are `unicode`.
   * @throws PickleError `PICKLE_VALUE` for a value that no pickle can hold, such as undefined or a function, and
   * `PICKLE_LIMIT` beyond the depth; then the memo is cleared, and nothing of this pickle is written.
   */
  dump(value: unknown, kinds?: Kinds): void {
    const encoder = this.#encoder;
    const start = encoder.out.mark();
    encoder.metNewFloat = false;
    try {
      encoder.run(value, kinds);
    } catch (error) {
      encoder.out.rewind(start);
      const path = encoder.path();
      encoder.reset();
      throw placed(error, path, this.oid);
    }
  }

  /** Whether the last pickle has floats in places where its kinds did not tell of any: they will be kinds now. */
  get metNewFloat(): boolean {
    return this.#encoder.metNewFloat;
  }

  /** What was written since the last `take`: bytes of their own. */
  take(): Uint8Array {
    this.#python2?.taken();
    return this.#encoder.out.take();
  }

  /**
   * What was written since the last `take`, in pieces: long byte strings as the arrays that were dumped, not copies, the
   * rest as memory that the next dump uses again.
   */
  takePieces(): readonly Uint8Array[] {
    this.#python2?.taken();
    return this.#encoder.out.takePieces();
  }

  /** Forgets what was written, so that nothing refers to it. */
  clearMemo(): void {
    this.#encoder.clear();
  }
}

function isPython2({ dialect, protocol }: PicklerOptions): boolean {
  if (dialect !== undefined && dialect !== 'python3' && dialect !== 'python2') {
    throw refused(`dialect must be 'python3' or 'python2', not ${String(dialect)}`);
  }
  const isKnown =
    dialect === 'python2'
      ? protocol === undefined || [1, 2, 3].includes(protocol)
      : (protocol ?? 3) === 3;
  if (isKnown) return dialect === 'python2';
  throw refused(
    `protocol ${String(protocol)} cannot be written: protocol 3, and in the dialect 'python2' also 1 and 2`,
  );
}

function refused(message: string): PickleError {
  return new PickleError(message, {}, 'PICKLE_VALUE');
}

function placed(error: unknown, path: string, oid: bigint | undefined): unknown {
  if (!(error instanceof PickleError)) return error;
  const where = path === '' ? '' : ` (at value${path})`;
  return new PickleError(error.message + where, { oid }, error.code as PickleErrorCode);
}

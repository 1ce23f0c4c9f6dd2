// ZBigArray: a BigArray in a database. Its record holds dtype, shape and order, and refers to the ZBigFile whose blocks
// are the elements. Class of wendelin.bigarray.array_zodb.

import { LivePersistent, ZBigFile } from '../bigfile/zbigfile.ts';
import type { BlockFormat } from '../bigfile/zblk.ts';
import { registerClass } from '../zodb/classes.ts';
import { BigArray } from './bigarray.ts';
import type { DType } from './dtype.ts';
import { type DTypeSpec, dtype as toDType } from './dtype-parse.ts';
import { ArrayStateError } from './errors.ts';
import { FileMemory } from './file-memory.ts';
import { Geometry } from './geometry.ts';
import type { Order, ShapeLike } from './layout.ts';
import type { ArrayMemory } from './memory.ts';
import { type ArrayState, arrayStateFromPickle, arrayStateToPickle } from './state.ts';

/** How to make an array in a database. */
export interface ZBigArrayOptions {
  /** 'C', the default, grows along the first axis, 'F' along the last. */
  readonly order?: Order | undefined;
  /** How changed blocks are stored: 'ZBlk0', the default, whole; 'ZBlk1' in chunks of 4 KiB. Not part of the array: it holds for this object, in this process. */
  readonly blockFormat?: BlockFormat | undefined;
}

/**
 * An array of elements of dtype `D` in a database. Until it is committed it has no memory: `view`, `append` and the rest
 * throw InvalidObjectError.
 *
 * Changes of elements are found by themselves, and stored by the commit of the transaction; `append` and `resize` change
 * the object.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods of BigArray are put on the prototype below
export class ZBigArray<D extends string = any> extends LivePersistent {
  static readonly _p_direct: boolean = true;
  #geometry: Geometry<D> | undefined;
  #zfile: ZBigFile | undefined;
  #memory: FileMemory | undefined;
  /** What the array was loaded from. */
  #read: ArrayState | undefined;

  /**
   * Throws ShapeError, DTypeError, and ArgumentError for another block format.
   *
   * @example
   * root.set('B', new ZBigArray([10], 'int64'));
   */
  constructor(shape: ShapeLike, dtype: D | DType<D>, options?: ZBigArrayOptions);
  constructor(shape: ShapeLike, dtype: DTypeSpec, options?: ZBigArrayOptions);
  constructor(shape?: ShapeLike, dtype?: DTypeSpec, options: ZBigArrayOptions = {}) {
    super();
    // An object that comes from the database is made without arguments.
    if (shape === undefined && dtype === undefined) return;
    this.#geometry = new Geometry(toDType(dtype as D), shape as ShapeLike, options.order ?? 'C');
    this.#zfile = new ZBigFile();
    if (options.blockFormat !== undefined) this.#zfile.blockFormat = options.blockFormat;
  }

  get geometry(): Geometry<D> {
    this._p_activate();
    if (this.#geometry === undefined) {
      throw new ArrayStateError('an array needs a shape and a dtype: new ZBigArray([10], "int64")');
    }
    return this.#geometry;
  }

  set geometry(geometry: Geometry<D>) {
    this._p_changed = true;
    this.#geometry = geometry;
  }

  /** The file whose blocks are the elements. */
  get zfile(): ZBigFile {
    this._p_activate();
    if (this.#zfile === undefined) throw new ArrayStateError('an array without a file');
    return this.#zfile;
  }

  get memory(): ArrayMemory {
    const { zfile } = this;
    this.#memory ??= new FileMemory(zfile);
    return this.#memory;
  }

  __getstate__(): unknown {
    return arrayStateToPickle(this.geometry, this.zfile, this.#read);
  }

  __setstate__(state: unknown): void {
    const read = arrayStateFromPickle(state);
    if (!(read.zfile instanceof ZBigFile)) {
      throw new ArrayStateError('the zfile of an array is no ZBigFile');
    }
    this.#read = read;
    this.#geometry = read.geometry;
    if (this.#zfile !== read.zfile) this.#memory = undefined;
    this.#zfile = read.zfile;
  }

  override _p_clear(): void {
    this.#geometry = undefined;
    this.#read = undefined;
  }
}

export interface ZBigArray<D extends string = any> extends BigArray<D> {}

for (const key of Reflect.ownKeys(BigArray.prototype)) {
  if (key === 'constructor') continue;
  const descriptor = Object.getOwnPropertyDescriptor(BigArray.prototype, key);
  Object.defineProperty(ZBigArray.prototype, key, descriptor as PropertyDescriptor);
}

/** Makes the class known under its Python name. */
export function registerBigArrays(): void {
  registerClass(ZBigArray as never, 'wendelin.bigarray.array_zodb.ZBigArray');
}

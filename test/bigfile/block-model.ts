/**
 * What arrays of a database have to hold: their files as plain blocks of bytes, committed and in the sessions that change
 * them. Blocks are never changed in place, so that a snapshot is a copy of maps. It also says which commits must conflict.
 */
import { BLOCK_SIZE } from '../../src/bigfile/index.ts';

/** Which elements of one axis. `step` may be negative; `whole` says that the axis is gone from the result. */
export interface Axis {
  readonly start: number;
  readonly count: number;
  readonly step: number;
  readonly single?: boolean;
}

interface Block {
  readonly bytes: Uint8Array;
  /** How many commits wrote the block, and how many of them changed a byte. */
  readonly touched: number;
  readonly changed: number;
  readonly format: string;
}

export interface ArrayModel {
  readonly dtype: string;
  readonly itemsize: number;
  readonly order: 'C' | 'F';
  readonly shape: readonly number[];
  readonly shapes: number;
  readonly blocks: ReadonlyMap<number, Block>;
}

/** Whether a commit must be refused, may be, or must succeed. */
export type Verdict = 'conflict' | 'either' | 'success';

const ZEROS = new Uint8Array(BLOCK_SIZE);

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

export function stridesOf({ shape, itemsize, order }: ArrayModel): number[] {
  return shape.map(
    (_, axis) => itemsize * sizeOf(order === 'C' ? shape.slice(axis + 1) : shape.slice(0, axis)),
  );
}

/** What is committed. */
export class CommittedModel {
  arrays: ReadonlyMap<string, ArrayModel> = new Map();
  values: ReadonlyMap<string, unknown> = new Map();
  tree: ReadonlyMap<string, number> = new Map();
  /** Commits that changed the root or the tree. */
  roots = 0;
  trees = 0;
}

/** One connection's view of it. */
export class SessionModel {
  readonly #committed: CommittedModel;
  #base = new CommittedModel();
  #arrays = new Map<string, ArrayModel>();
  #written = new Map<string, Map<number, Uint8Array>>();
  values: Map<string, unknown> = new Map();
  tree: Map<string, number> = new Map();
  #rootTouched = false;
  #treeTouched = false;

  constructor(committed: CommittedModel) {
    this.#committed = committed;
    this.begin();
  }

  /** Forgets what was not committed, and moves to what is committed now. */
  begin(): void {
    this.#base = Object.assign(new CommittedModel(), this.#committed);
    this.#arrays = new Map(this.#base.arrays);
    this.#written.clear();
    this.values = new Map(this.#base.values);
    this.tree = new Map(this.#base.tree);
    this.#rootTouched = false;
    this.#treeTouched = false;
  }

  get names(): string[] {
    return [...this.#arrays.keys()];
  }

  array(name: string): ArrayModel {
    return this.#arrays.get(name) as ArrayModel;
  }

  create(name: string, array: Pick<ArrayModel, 'dtype' | 'itemsize' | 'order' | 'shape'>): void {
    this.#arrays.set(name, { ...array, shapes: 0, blocks: new Map() });
    this.#rootTouched = true;
  }

  resize(name: string, shape: readonly number[]): void {
    const array = this.array(name);
    this.#arrays.set(name, { ...array, shape, shapes: array.shapes + 1 });
  }

  setValue(name: string, value: unknown): void {
    this.values.set(name, value);
    this.#rootTouched = true;
  }

  setInTree(key: string, value: number | undefined): void {
    if (value === undefined) this.tree.delete(key);
    else this.tree.set(key, value);
    this.#treeTouched = true;
  }

  /** Puts bytes at a place of an array's file. */
  put(name: string, at: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const block = Math.floor((at + done) / BLOCK_SIZE);
      const offset = at + done - block * BLOCK_SIZE;
      const length = Math.min(bytes.length - done, BLOCK_SIZE - offset);
      this.#writable(name, block).set(bytes.subarray(done, done + length), offset);
      done += length;
    }
  }

  /** Puts elements, in C order, at their places. A view selects from the array as it was: then that is `array`. */
  write(
    name: string,
    axes: readonly Axis[],
    elements: Uint8Array,
    array: ArrayModel = this.array(name),
  ): void {
    const strides = stridesOf(array);
    const last = axes.length - 1;
    const inner = axes[last] as Axis;
    const run = inner.step === 1 && strides[last] === array.itemsize ? inner.count : 1;
    const bytes = run * array.itemsize;
    let from = 0;
    const visit = (axis: number, at: number): void => {
      const { start, count, step } = axes[axis] as Axis;
      const stride = strides[axis] as number;
      for (let i = 0; i < count; i += axis === last ? run : 1) {
        const place = at + (start + i * step) * stride;
        if (axis < last) {
          visit(axis + 1, place);
        } else {
          this.put(name, place, elements.subarray(from, from + bytes));
          from += bytes;
        }
      }
    };
    visit(0, 0);
  }

  /** The bytes [from, to) of an array's file. */
  bytes(name: string, from: number, to: number): Uint8Array {
    const bytes = new Uint8Array(to - from);
    for (let block = Math.floor(from / BLOCK_SIZE); block * BLOCK_SIZE < to; block++) {
      const first = Math.max(from, block * BLOCK_SIZE);
      const end = Math.min(to, (block + 1) * BLOCK_SIZE);
      const offset = block * BLOCK_SIZE;
      bytes.set(this.#block(name, block).subarray(first - offset, end - offset), first - from);
    }
    return bytes;
  }

  /** All elements in C order. */
  elements(name: string): Uint8Array {
    const { itemsize, order, shape } = this.array(name);
    const raw = this.bytes(name, 0, sizeOf(shape) * itemsize);
    if (order === 'C' || shape.length < 2) return raw;
    const elements = new Uint8Array(raw.length);
    const strides = stridesOf(this.array(name));
    let to = 0;
    const visit = (axis: number, at: number): void => {
      for (let i = 0; i < (shape[axis] as number); i++) {
        const place = at + i * (strides[axis] as number);
        if (axis < shape.length - 1) visit(axis + 1, place);
        else for (let k = 0; k < itemsize; k++) elements[to++] = raw[place + k] as number;
      }
    };
    if (raw.length > 0) visit(0, 0);
    return elements;
  }

  /** Blocks that were written since the session began or were ever committed. */
  blocks(name: string): number[] {
    const written = this.#written.get(name)?.keys() ?? [];
    return [...new Set([...this.array(name).blocks.keys(), ...written])].sort((a, b) => a - b);
  }

  get touched(): boolean {
    const resized = this.names.some(
      (name) => this.array(name).shapes !== this.#base.arrays.get(name)?.shapes,
    );
    return this.#rootTouched || this.#treeTouched || resized || this.#written.size > 0;
  }

  /** What a commit of this session has to come to, if blocks are stored in this format. */
  verdict(format: string): Verdict {
    const [base, now] = [this.#base, this.#committed];
    if (this.#rootTouched && now.roots !== base.roots) return 'conflict';
    let verdict: Verdict = this.#treeTouched && now.trees !== base.trees ? 'either' : 'success';
    for (const name of this.names) {
      const [was, is] = [base.arrays.get(name), now.arrays.get(name)];
      if (was === undefined || is === undefined || was === is) continue;
      if (this.array(name).shapes !== was.shapes && is.shapes !== was.shapes) return 'conflict';
      for (const [block, bytes] of this.#written.get(name) ?? []) {
        const [old, other] = [was.blocks.get(block), is.blocks.get(block)];
        // Who adds blocks to the table, or changes objects in it, may meet another one who does.
        if (old?.format !== format) verdict = 'either';
        if (old === other) continue;
        const real = !equal(bytes, old?.bytes ?? ZEROS);
        if (real && (other?.changed ?? 0) !== (old?.changed ?? 0)) return 'conflict';
        verdict = 'either';
      }
    }
    return verdict;
  }

  /** The commit has succeeded. */
  commit(format: string): void {
    const now = this.#committed;
    const arrays = new Map(now.arrays);
    for (const name of this.names) {
      const mine = this.array(name);
      const was = this.#base.arrays.get(name);
      const is = arrays.get(name) ?? mine;
      const blocks = new Map(is.blocks);
      for (const [block, bytes] of this.#written.get(name) ?? []) {
        const old = blocks.get(block);
        const changed = equal(bytes, was?.blocks.get(block)?.bytes ?? ZEROS) ? 0 : 1;
        blocks.set(block, {
          // What was written but is the same need not have been stored over what others changed.
          bytes: changed === 1 ? bytes : (old?.bytes ?? ZEROS),
          touched: (old?.touched ?? 0) + 1,
          changed: (old?.changed ?? 0) + changed,
          // Without a change it depends on the memory whether the block is stored.
          format: changed === 1 || old?.format === format ? format : 'unknown',
        });
      }
      const { shape, shapes } = mine.shapes === was?.shapes ? is : mine;
      arrays.set(name, { ...is, shape, shapes, blocks });
    }
    now.arrays = arrays;
    if (this.#rootTouched) {
      now.values = new Map(this.values);
      now.roots++;
    }
    if (this.#treeTouched) {
      const tree = new Map(now.tree);
      for (const key of new Set([...this.#base.tree.keys(), ...this.tree.keys()])) {
        const value = this.tree.get(key);
        if (value === this.#base.tree.get(key)) continue;
        if (value === undefined) tree.delete(key);
        else tree.set(key, value);
      }
      now.tree = tree;
      now.trees++;
    }
    this.begin();
  }

  #block(name: string, block: number): Uint8Array {
    return (
      this.#written.get(name)?.get(block) ?? this.array(name).blocks.get(block)?.bytes ?? ZEROS
    );
  }

  #writable(name: string, block: number): Uint8Array {
    let written = this.#written.get(name);
    if (written === undefined) {
      written = new Map();
      this.#written.set(name, written);
    }
    let bytes = written.get(block);
    if (bytes === undefined) {
      bytes = this.#block(name, block).slice();
      written.set(block, bytes);
    }
    return bytes;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Where two byte strings first differ, as text; `undefined` if they do not. */
export function difference(found: Uint8Array, expected: Uint8Array): string | undefined {
  if (equal(found, expected)) return undefined;
  if (found.length !== expected.length) return `${found.length} bytes, not ${expected.length}`;
  const differs = (byte: number, i: number): boolean => byte !== expected[i];
  const [first, last] = [found.findIndex(differs), found.findLastIndex(differs)];
  return `bytes ${first} to ${last}: ${found[first]}, not ${expected[first]}`;
}

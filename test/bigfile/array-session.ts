/** A connection to a database of arrays that does random things and is compared with a model after them. */
import {
  type ArrayView,
  type Index,
  RAMArray,
  slice,
  ZBigArray,
} from '../../src/bigarray/index.ts';
import { BLOCK_SIZE, type BlockFormat } from '../../src/bigfile/index.ts';
import type { OOBTree } from '../../src/btrees/index.ts';
import { type Connection, type DB, isZodbError, TransactionManager } from '../../src/main.ts';
import {
  type ArrayModel,
  type Axis,
  type CommittedModel,
  difference,
  SessionModel,
  sizeOf,
} from './block-model.ts';
import {
  type Pattern,
  patternBytes,
  type Random,
  randomAxes,
  randomPattern,
} from './random-arrays.ts';

export function sliceOf({ start, count, step, single }: Axis): Index {
  if (single === true) return start;
  const stop = start + count * step;
  return slice(start, stop < 0 ? null : stop, step);
}

/** The memory of a view whose elements lie one behind the other. */
function memoryOf(view: ArrayView<string>): Uint8Array {
  const { buffer, byteOffset, byteLength } = view.data;
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

interface HeldView {
  readonly name: string;
  readonly view: ArrayView<string>;
  readonly array: ArrayModel;
}

export class ArraySession {
  readonly manager: TransactionManager = new TransactionManager();
  readonly connection: Connection;
  readonly model: SessionModel;
  readonly #random: Random;
  #held: HeldView[] = [];
  /** What was done, newest last. */
  readonly log: string[];
  readonly #name: string;

  constructor(db: DB, committed: CommittedModel, random: Random, log: string[], name: string) {
    this.connection = db.open({ transactionManager: this.manager });
    this.model = new SessionModel(committed);
    this.#random = random;
    this.log = log;
    this.#name = name;
  }

  array(name: string): ZBigArray<string> {
    return this.connection.root.get(name) as ZBigArray<string>;
  }

  create(name: string, array: Pick<ArrayModel, 'dtype' | 'itemsize' | 'order' | 'shape'>): void {
    this.#note(`create ${name} ${array.dtype} ${array.order} (${array.shape})`);
    this.connection.root.set(name, new ZBigArray(array.shape, array.dtype, { order: array.order }));
    this.model.create(name, array);
  }

  /** Writes a selection in one of the ways there are. */
  write(name: string, axes: readonly Axis[], pattern: Pattern | undefined): void {
    const random = this.#random;
    const array = this.model.array(name);
    const length = sizeOf(axes.map((axis) => axis.count)) * array.itemsize;
    const elements = patternBytes(pattern, array.dtype, length);
    const way = random.below(3);
    this.#note(`write ${name} ${JSON.stringify(axes)} ${JSON.stringify(pattern)} way ${way}`);
    const indexes = axes.map(sliceOf);
    const shape = axes.filter((axis) => axis.single !== true).map((axis) => axis.count);
    const target = this.array(name);
    if (way === 2 && axes.length === 1 && shape.length === 1 && axes[0]?.step === 1) {
      memoryOf(target.view(indexes)).set(elements);
    } else {
      const values = new RAMArray(shape, array.dtype);
      memoryOf(values.view()).set(elements);
      if (way === 0) target.write(indexes, values.view());
      else target.view(indexes).assign(values);
    }
    this.model.write(name, axes, elements);
  }

  append(name: string, shape: readonly number[], pattern: Pattern | undefined): void {
    this.#note(`append ${name} (${shape}) ${JSON.stringify(pattern)}`);
    const array = this.model.array(name);
    const elements = patternBytes(pattern, array.dtype, sizeOf(shape) * array.itemsize);
    const values = new RAMArray(shape, array.dtype);
    memoryOf(values.view()).set(elements);
    this.array(name).append(values);
    appendTo(this.model, name, shape, elements);
  }

  resize(name: string, shape: readonly number[]): void {
    this.#note(`resize ${name} (${shape})`);
    this.array(name).resize(shape);
    this.model.resize(name, shape);
  }

  /** Zeros over a whole block, where blocks begin at elements. */
  clear(name: string): void {
    const { shape, itemsize } = this.model.array(name);
    const each = BLOCK_SIZE / itemsize;
    const most = shape.length === 1 ? Math.floor((shape[0] as number) / each) : 0;
    if (most < 1 || !Number.isInteger(each)) return;
    this.write(name, [{ start: this.#random.below(most) * each, count: each, step: 1 }], undefined);
  }

  writeSomething(name: string): void {
    const array = this.model.array(name);
    if (sizeOf(array.shape) === 0) return;
    const axes = randomAxes(this.#random, array).map((axis): Axis => {
      if (this.#random.chance(0.1)) return { ...axis, count: 1, step: 1, single: true };
      if (this.#random.chance(0.1))
        return {
          start: axis.start + (axis.count - 1) * axis.step,
          count: axis.count,
          step: -axis.step,
        };
      return axis;
    });
    this.write(name, axes, randomPattern(this.#random));
  }

  /** Keeps a view, to be written later, whatever happens until then. */
  hold(name: string): void {
    const array = this.model.array(name);
    const length = sizeOf(array.shape) * array.itemsize;
    if (length === 0 || length > 64 * BLOCK_SIZE || this.#held.length > 3) return;
    this.#note(`hold ${name}`);
    this.#held.push({ name, view: this.array(name).view(), array });
  }

  writeHeld(): void {
    const live = this.#held.filter(({ name }) => this.model.array(name) !== undefined);
    if (live.length === 0) return;
    const { name, view, array } = this.#random.pick(live);
    const axes = randomAxes(this.#random, array);
    const pattern = randomPattern(this.#random);
    this.#note(`write a held view of ${name} ${JSON.stringify(axes)} ${JSON.stringify(pattern)}`);
    const elements = patternBytes(
      pattern,
      array.dtype,
      sizeOf(axes.map((axis) => axis.count)) * array.itemsize,
    );
    const values = new RAMArray(
      axes.map((axis) => axis.count),
      array.dtype,
    );
    memoryOf(values.view()).set(elements);
    view.view(axes.map(sliceOf)).assign(values);
    this.model.write(name, axes, elements, { ...array, blocks: new Map() });
  }

  setValue(name: string, value: unknown): void {
    this.#note(`set ${name}`);
    this.connection.root.set(name, value);
    this.model.setValue(name, value);
  }

  setInTree(key: string, value: number | undefined): void {
    this.#note(`tree ${key} ${value}`);
    const tree = this.connection.root.get('tree') as OOBTree<string, number>;
    if (value === undefined) tree.delete(key);
    else tree.set(key, value);
    this.model.setInTree(key, value);
  }

  abort(): void {
    this.#note('abort');
    this.manager.abort();
    this.#began();
  }

  begin(): void {
    this.#note('begin');
    this.manager.begin();
    this.#began();
  }

  /** Commits, and judges whether there had to be a conflict. */
  commit(format: BlockFormat): void {
    for (const name of this.model.names) this.array(name).zfile.blockFormat = format;
    const verdict = this.model.verdict(format);
    let failure: unknown;
    try {
      this.manager.commit();
    } catch (error) {
      failure = error;
      if (!isZodbError(error) || !['CONFLICT', 'READ_CONFLICT'].includes(error.code)) throw error;
      this.manager.abort();
    }
    this.#note(
      `commit ${format}: ${failure === undefined ? 'done' : 'conflict'}, expected ${verdict}`,
    );
    if (failure !== undefined && verdict === 'success') throw failure;
    if (failure === undefined && verdict === 'conflict')
      throw new Error('a conflict was not noticed');
    if (failure === undefined) this.model.commit(format);
    else this.#began();
  }

  /** A commit that fails by an object that cannot be stored. */
  failToCommit(): void {
    this.#note('commit that fails');
    this.connection.root.set('wrong', () => undefined);
    let failed = false;
    try {
      this.manager.commit();
    } catch {
      failed = true;
    }
    if (!failed) throw new Error('a function was stored');
    if (this.#random.chance(0.5) && this.#held.length > 0) this.writeHeld();
    this.manager.abort();
    this.#began();
  }

  /** Compares arrays with the model; what is too long only where anything was ever written. */
  check(names: readonly string[] = this.model.names): void {
    for (const name of names) {
      const array = this.model.array(name);
      const { shape, itemsize } = array;
      const found = this.array(name);
      const problem =
        String(found.shape) !== String(shape)
          ? `shape ${found.shape}, not ${shape}`
          : sizeOf(shape) * itemsize <= 16 * BLOCK_SIZE
            ? this.#differs(name)
            : this.#blocksDiffer(name);
      if (problem !== undefined) throw new Error(`${this.#name}: ${name}: ${problem}`);
    }
    for (const [name, value] of this.model.values) {
      const found = JSON.stringify(this.connection.root.get(name));
      if (found !== JSON.stringify(value)) throw new Error(`${this.#name}: ${name} is ${found}`);
    }
    const tree = this.connection.root.get('tree') as OOBTree<string, number> | undefined;
    if (tree === undefined) return;
    const found = JSON.stringify([...tree.entries()]);
    const expected = JSON.stringify([...this.model.tree].sort(([a], [b]) => (a < b ? -1 : 1)));
    if (found !== expected) throw new Error(`${this.#name}: the tree is ${found}, not ${expected}`);
  }

  #differs(name: string): string | undefined {
    const { shape } = this.model.array(name);
    if (sizeOf(shape) === 0) return undefined;
    const found = this.array(name);
    const copy = this.#random.chance(0.5) ? found.view().copy('C') : found.read().copy('C');
    return difference(memoryOf(copy), this.model.elements(name));
  }

  #blocksDiffer(name: string): string | undefined {
    const { shape } = this.model.array(name);
    const length = shape[0] as number;
    const last = Math.floor(length / BLOCK_SIZE);
    const blocks = new Set([...this.model.blocks(name), this.#random.below(last)]);
    for (const block of blocks) {
      if (block >= last) continue;
      const indexes = [slice(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE)];
      const found = this.#random.chance(0.5)
        ? this.array(name).view(indexes)
        : this.array(name).read(indexes);
      const expected = this.model.bytes(name, block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE);
      const problem = difference(memoryOf(found), expected);
      if (problem !== undefined) return `block ${block}: ${problem}`;
    }
    return undefined;
  }

  /** Ends the session, with what was not committed. */
  close(): void {
    this.manager.abort();
    this.connection.close();
  }

  #began(): void {
    this.model.begin();
    this.#held = this.#held.filter(({ name }) => this.model.array(name) !== undefined);
  }

  #note(text: string): void {
    this.log.push(`${this.#name}: ${text}`);
  }
}

export function appendTo(
  model: SessionModel,
  name: string,
  shape: readonly number[],
  elements: Uint8Array,
): void {
  const array = model.array(name);
  const major = array.order === 'C' ? 0 : array.shape.length - 1;
  const before = array.shape[major] as number;
  model.resize(
    name,
    array.shape.map((length, axis) => (axis === major ? length + (shape[axis] as number) : length)),
  );
  model.write(
    name,
    shape.map((count, axis) => ({ start: axis === major ? before : 0, count, step: 1 })),
    elements,
  );
}

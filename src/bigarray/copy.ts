// Copying elements from one array into another of the same shape: as raw bytes where both mean the same, else through
// the conversion of their dtypes.

import { elementCast } from './cast.ts';
import type { DType } from './dtype.ts';
import { elementCodec } from './elements.ts';
import { extent, type Layout } from './layout.ts';
import { type LoopPlan, planLoop, runLoop } from './loop.ts';
import type { Elements } from './memory.ts';
import { fromWide, toWide, wholeArray } from './wide-copy.ts';

/** Inner loop of a copy: byte offsets of the first elements. */
type Kernel = (to: number, from: number) => void;

/**
 * Copies every element of `source` to its place in `target`, whose shape is the same (a stride of 0 in `source` repeats
 * an element). Overlapping arrays are copied as if `source` had been read first.
 * Throws DTypeError if there is no conversion, ElementValueError if a value does not fit.
 */
export function copyElements(target: Elements, source: Elements): void {
  const kernel = kernelFor(target.dtype, source.dtype);
  const from = apartFrom(target, source);
  const plan = planLoop(target.layout.shape, target.layout.strides, from.layout.strides);
  runLoop(plan, target.layout.offset, from.layout.offset, kernel(target, from, plan));
}

/** `source`, or a copy of it where it shares memory with `target`: for copies that are made in several steps. */
export function apartFrom(target: Elements, source: Elements): Elements {
  return overlaps(target, source) ? detached(source) : source;
}

function overlaps(a: Elements, b: Elements): boolean {
  if (a.buffer !== b.buffer) return false;
  const [aLow, aHigh] = extent(a.layout, a.dtype.itemsize);
  const [bLow, bHigh] = extent(b.layout, b.dtype.itemsize);
  return aLow < bHigh && bLow < aHigh;
}

/** The same elements over a copy of the bytes they touch. */
function detached(elements: Elements): Elements {
  const [low, high] = extent(elements.layout, elements.dtype.itemsize);
  const start = low - (low % 16);
  const layout: Layout = { ...elements.layout, offset: elements.layout.offset - start };
  return { buffer: elements.buffer.slice(start, high), dtype: elements.dtype, layout };
}

function kernelFor(
  to: DType,
  from: DType,
): (target: Elements, source: Elements, plan: LoopPlan) => Kernel {
  if (to.equals(from)) return rawKernel;
  const cast = elementCast(from, to);
  if (isPlainNumber(to) && isPlainNumber(from)) {
    return (target, source, plan) =>
      numberKernel(target, source, plan) ?? castKernel(target, source, plan, cast);
  }
  return (target, source, plan) => castKernel(target, source, plan, cast);
}

/** Whether a typed array gives the elements as numbers that a typed array store converts as numpy does. */
function isPlainNumber(dtype: DType): boolean {
  return (
    dtype.isNative && 'iuf'.includes(dtype.kind) && dtype.name !== 'float16' && dtype.itemsize < 9
  );
}

function isWide(dtype: DType): boolean {
  return 'iu'.includes(dtype.kind) && dtype.itemsize === 8;
}

/** Copies bytes, in the largest units that alignment allows. */
function rawKernel(target: Elements, source: Elements, plan: LoopPlan): Kernel {
  const { itemsize } = target.dtype;
  const [toStep, fromStep] = plan.steps;
  const to = new Uint8Array(target.buffer);
  const from = new Uint8Array(source.buffer);
  if (toStep === itemsize && fromStep === itemsize) {
    const bytes = plan.count * itemsize;
    return (t, f) => to.set(from.subarray(f, f + bytes), t);
  }
  if (toStep === itemsize && fromStep === 0)
    return (t, f) => repeat(to, t, from, f, plan, itemsize);
  const unit = [4, 2].find(
    (size) =>
      itemsize % size === 0 &&
      [target, source].every(({ layout }) =>
        [layout.offset, ...layout.strides].every((bytes) => bytes % size === 0),
      ),
  );
  const whole = (buffer: ArrayBufferLike, size: number): number =>
    Math.floor(buffer.byteLength / size);
  if (unit === 4) {
    return strided(
      new Uint32Array(target.buffer, 0, whole(target.buffer, 4)),
      new Uint32Array(source.buffer, 0, whole(source.buffer, 4)),
      plan,
      itemsize,
    );
  }
  if (unit === 2) {
    return strided(
      new Uint16Array(target.buffer, 0, whole(target.buffer, 2)),
      new Uint16Array(source.buffer, 0, whole(source.buffer, 2)),
      plan,
      itemsize,
    );
  }
  return strided(to, from, plan, itemsize);
}

/** Puts one element many times: what is there already is copied behind itself, twice as much each time. */
function repeat(
  to: Uint8Array,
  t: number,
  from: Uint8Array,
  f: number,
  { count }: LoopPlan,
  itemsize: number,
): void {
  const bytes = count * itemsize;
  to.set(from.subarray(f, f + itemsize), t);
  for (let done = itemsize; done < bytes; done *= 2) {
    to.copyWithin(t + done, t, t + Math.min(done, bytes - done));
  }
}

function strided<A extends Uint8Array | Uint16Array | Uint32Array>(
  to: A,
  from: A,
  plan: LoopPlan,
  itemsize: number,
): Kernel {
  const unit = to.BYTES_PER_ELEMENT;
  const length = itemsize / unit;
  const toStep = plan.steps[0] / unit;
  const fromStep = plan.steps[1] / unit;
  const { count } = plan;
  return (target, source) => {
    let t = target / unit;
    let f = source / unit;
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < length; k++) to[t + k] = from[f + k] as number;
      t += toStep;
      f += fromStep;
    }
  };
}

/** Conversion by typed array stores; undefined if something is unaligned. */
function numberKernel(target: Elements, source: Elements, plan: LoopPlan): Kernel | undefined {
  for (const { dtype, layout } of [target, source]) {
    const { itemsize } = dtype;
    if ([layout.offset, ...layout.strides].some((bytes) => bytes % itemsize !== 0))
      return undefined;
  }
  if (isWide(source.dtype) && !isWide(target.dtype)) return fromWide(target, source, plan);
  if (isWide(target.dtype) && !isWide(source.dtype)) return toWide(target, source, plan);
  const to = wholeArray(target);
  const from = wholeArray(source);
  const [toSize, fromSize] = [target.dtype.itemsize, source.dtype.itemsize];
  const toStep = plan.steps[0] / toSize;
  const fromStep = plan.steps[1] / fromSize;
  const { count } = plan;
  return (t, f) => {
    let p = t / toSize;
    let q = f / fromSize;
    for (let i = 0; i < count; i++, p += toStep, q += fromStep) to[p] = from[q] as number;
  };
}

function castKernel(
  target: Elements,
  source: Elements,
  plan: LoopPlan,
  cast: ReturnType<typeof elementCast>,
): Kernel {
  const reader = elementCodec(source.dtype);
  const writer = elementCodec(target.dtype);
  const to = new DataView(target.buffer as ArrayBuffer);
  const from = new DataView(source.buffer as ArrayBuffer);
  const [toStep, fromStep] = plan.steps;
  const { count } = plan;
  return (t, f) => {
    for (let i = 0; i < count; i++) {
      writer.set(to, t + i * toStep, cast(reader.get(from, f + i * fromStep)));
    }
  };
}

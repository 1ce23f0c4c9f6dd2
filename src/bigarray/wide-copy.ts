// Copies between 64-bit integers and numbers, without a bigint for each element: a 64-bit integer is two 32-bit halves of
// the same memory.

import { NaT } from './cast.ts';
import { hostOrder } from './dtype.ts';
import type { LoopPlan } from './loop.ts';
import type { Elements } from './memory.ts';

const HIGH = hostOrder === '<' ? 1 : 0;
const BASE = 4294967296;

/** Aligned elements as the typed array over their whole buffer. */
export function wholeArray({ buffer, dtype }: Elements): Float64Array {
  const length = Math.floor(buffer.byteLength / dtype.itemsize);
  return new dtype.arrayType(buffer, 0, length) as Float64Array;
}

function halvesOf({ buffer, dtype }: Elements): Int32Array | Uint32Array {
  const length = Math.floor(buffer.byteLength / 4);
  return dtype.kind === 'u'
    ? new Uint32Array(buffer, 0, length)
    : new Int32Array(buffer, 0, length);
}

/** The inner loop of a copy from 64-bit integers to numbers. Smaller integers keep the low bits. */
export function fromWide(
  target: Elements,
  source: Elements,
  { count, steps }: LoopPlan,
): (to: number, from: number) => void {
  const to = wholeArray(target);
  const halves = halvesOf(source);
  const toSize = target.dtype.itemsize;
  const toStep = steps[0] / toSize;
  const fromStep = steps[1] / 4;
  const whole = target.dtype.kind === 'f';
  return (t, f) => {
    let p = t / toSize;
    let q = f / 4;
    for (let i = 0; i < count; i++, p += toStep, q += fromStep) {
      const low = halves[q + 1 - HIGH] as number;
      to[p] = whole ? (halves[q + HIGH] as number) * BASE + (low >>> 0) : low;
    }
  };
}

/** The inner loop of a copy from numbers to 64-bit integers. Fractions are cut off; what is no number becomes the least. */
export function toWide(
  target: Elements,
  source: Elements,
  { count, steps }: LoopPlan,
): (to: number, from: number) => void {
  const from = wholeArray(source);
  const halves = halvesOf(target);
  const whole = new BigInt64Array(target.buffer, 0, Math.floor(target.buffer.byteLength / 8));
  const fromSize = source.dtype.itemsize;
  const toStep = steps[0] / 4;
  const fromStep = steps[1] / fromSize;
  return (t, f) => {
    let p = t / 4;
    let q = f / fromSize;
    for (let i = 0; i < count; i++, p += toStep, q += fromStep) {
      const value = Math.trunc(from[q] as number);
      if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
        const high = Math.floor(value / BASE);
        halves[p + HIGH] = high;
        halves[p + 1 - HIGH] = value - high * BASE;
      } else {
        whole[p / 2] = Number.isFinite(value) ? BigInt(value) : NaT;
      }
    }
  };
}

// An array of subarrays is an array with more axes.

import type { DType } from './dtype.ts';
import { denseStrides, type Layout } from './layout.ts';

/** The elements of a layout as elements that are no subarrays, with the subarrays' axes behind the others. */
export function expandSubarray(dtype: DType, layout: Layout): { dtype: DType; layout: Layout } {
  let [type, { offset, shape, strides }] = [dtype, layout];
  while (type.subarray !== undefined) {
    const { base, shape: inner } = type.subarray;
    shape = [...shape, ...inner];
    strides = [...strides, ...denseStrides(inner, base.itemsize, 'C')];
    type = base;
  }
  return { dtype: type, layout: { offset, shape, strides } };
}

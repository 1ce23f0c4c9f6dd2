// Cutting an array into parts that touch few enough bytes to be handled at once.

import { extent, type Layout } from './layout.ts';

/** A part of a layout: from where to where on each axis. */
export type Ranges = readonly (readonly [start: number, stop: number])[];

/** The layout of a part. */
export function part(layout: Layout, ranges: Ranges): Layout {
  let { offset } = layout;
  const shape = ranges.map(([start, stop], axis) => {
    offset += start * (layout.strides[axis] as number);
    return stop - start;
  });
  return { offset, shape, strides: layout.strides };
}

/**
 * Parts of a layout that together are the whole, each within `bytes` bytes if it has more than one element. The axis
 * that reaches furthest is halved until that is so; parts come in the order of their places.
 */
export function* windows(
  layout: Layout,
  itemsize: number,
  bytes: number,
  ranges: Ranges = layout.shape.map((length) => [0, length] as const),
): Generator<Ranges> {
  const [low, high] = extent(part(layout, ranges), itemsize);
  if (low === high) return;
  let widest = -1;
  let reach = 0;
  ranges.forEach(([start, stop], axis) => {
    const length = (stop - start - 1) * Math.abs(layout.strides[axis] as number);
    if (stop - start > 1 && length >= reach) {
      if (length > reach || widest < 0) widest = axis;
      reach = length;
    }
  });
  const range = ranges[widest];
  if (high - low <= bytes || range === undefined) {
    yield ranges;
    return;
  }
  const middle = range[0] + Math.ceil((range[1] - range[0]) / 2);
  const halves: Ranges = [
    [range[0], middle],
    [middle, range[1]],
  ];
  const ordered = (layout.strides[widest] as number) < 0 ? [...halves].reverse() : halves;
  for (const half of ordered) {
    const cut = ranges.map((each, axis) => (axis === widest ? half : each));
    yield* windows(layout, itemsize, bytes, cut);
  }
}

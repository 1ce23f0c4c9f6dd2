// numpy's broadcasting: shapes are aligned at their last axes, and an axis of length 1 (or none) repeats.

import { ShapeError } from './errors.ts';
import { formatShape, type Layout } from './layout.ts';

/**
 * The layout of an array repeated to `shape`: repeated axes get stride 0.
 * Throws ShapeError if an axis has another length than 1 or the one asked for, or there are more axes.
 */
export function broadcastTo(layout: Layout, shape: readonly number[]): Layout {
  const missing = shape.length - layout.shape.length;
  const fits =
    missing >= 0 &&
    layout.shape.every((length, axis) => length === 1 || length === shape[axis + missing]);
  if (!fits) {
    throw new ShapeError(
      `values of shape ${formatShape(layout.shape)} cannot be broadcast to ${formatShape(shape)}`,
    );
  }
  const strides = shape.map((length, axis) => {
    const own = layout.shape[axis - missing];
    return own === undefined || (own === 1 && length !== 1)
      ? 0
      : (layout.strides[axis - missing] as number);
  });
  return { offset: layout.offset, shape: [...shape], strides };
}

/** `layout` without leading axes of length 1 beyond `ndim` axes: numpy drops them when assigning. */
export function dropLeading(layout: Layout, ndim: number): Layout {
  let extra = 0;
  while (layout.shape.length - extra > ndim && layout.shape[extra] === 1) extra++;
  return extra === 0
    ? layout
    : {
        offset: layout.offset,
        shape: layout.shape.slice(extra),
        strides: layout.strides.slice(extra),
      };
}

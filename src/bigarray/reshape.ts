// Another shape over the same elements, without moving any.

import { ShapeError } from './errors.ts';
import { formatShape, type Layout, sizeOf } from './layout.ts';

/** The shape asked for, with the one -1 in it computed. Throws ShapeError if the sizes differ. */
export function completeShape(shape: readonly number[], size: number): number[] {
  const unknown = shape.indexOf(-1);
  const known = shape.reduce(
    (product, length, axis) => (axis === unknown ? product : product * length),
    1,
  );
  const completed = shape.map((length, axis) =>
    axis === unknown ? (known === 0 ? 0 : size / known) : length,
  );
  if (
    !completed.every((length) => Number.isSafeInteger(length) && length >= 0) ||
    sizeOf(completed) !== size
  ) {
    throw new ShapeError(`${size} elements do not fit into shape ${formatShape(shape)}`);
  }
  return completed;
}

/**
 * The layout of the same elements, in C order, under another shape of the same size; undefined if that would need a
 * copy. Axes are matched in groups: a group of old axes becomes a group of new ones if the old ones continue each other.
 */
export function reshapeLayout(
  layout: Layout,
  shape: readonly number[],
  itemsize: number,
): Layout | undefined {
  const old = layout.shape
    .map((length, axis) => ({ length, stride: layout.strides[axis] as number }))
    .filter(({ length }) => length !== 1);
  const strides = new Array<number>(shape.length).fill(itemsize);
  if (shape.includes(0) || old.length === 0) return { offset: layout.offset, shape, strides };
  let oldEnd = 0;
  let newEnd = 0;
  while (oldEnd < old.length) {
    const [oldStart, newStart] = [oldEnd, newEnd];
    let oldSize = old[oldEnd++]?.length ?? 1;
    let newSize = shape[newEnd++] ?? 1;
    while (oldSize !== newSize) {
      if (oldSize < newSize) oldSize *= old[oldEnd++]?.length ?? 1;
      else newSize *= shape[newEnd++] ?? 1;
    }
    const group = old.slice(oldStart, oldEnd);
    for (let i = 0; i + 1 < group.length; i++) {
      const inner = group[i + 1] as (typeof old)[number];
      if (group[i]?.stride !== inner.stride * inner.length) return undefined;
    }
    let stride = (group[group.length - 1] as (typeof old)[number]).stride;
    for (let axis = newEnd - 1; axis >= newStart; axis--) {
      strides[axis] = stride;
      stride *= shape[axis] as number;
    }
  }
  return { offset: layout.offset, shape, strides };
}

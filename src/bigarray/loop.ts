// Going over arrays of any layout in as few and as long inner loops as possible: axes are ordered by stride and joined
// where they continue each other, so that a dense array of any number of axes is one loop.

/** A loop over two arrays of one shape: outer axes, then `count` elements at fixed strides. */
export interface LoopPlan {
  /** Elements of one inner loop, and the bytes between them in each array. */
  readonly count: number;
  readonly steps: readonly [number, number];
  /** The outer axes, slowest first. */
  readonly outer: readonly {
    readonly length: number;
    readonly strides: readonly [number, number];
  }[];
  /** How many inner loops there are. */
  readonly loops: number;
}

/**
 * Plans a loop over two layouts of the same shape. Axes go from the greatest stride to the smallest, that of the first
 * array counting before the second's where it is not 0. For one array alone give it twice.
 */
export function planLoop(
  shape: readonly number[],
  first: readonly number[],
  second: readonly number[],
): LoopPlan {
  const axes: { length: number; strides: [number, number] }[] = [];
  shape.forEach((length, axis) => {
    if (length !== 1) {
      axes.push({ length, strides: [first[axis] as number, second[axis] as number] });
    }
  });
  // An insertion sort from the back: axes that cannot be compared (a stride of 0) keep their place.
  for (let i = axes.length - 2; i >= 0; i--) {
    for (let j = i; j + 1 < axes.length; j++) {
      const a = axes[j] as (typeof axes)[number];
      const b = axes[j + 1] as (typeof axes)[number];
      if (!isInner(a.strides, b.strides)) break;
      axes[j] = b;
      axes[j + 1] = a;
    }
  }
  const joined: typeof axes = [];
  for (const axis of axes) {
    const outer = joined[joined.length - 1];
    if (
      outer !== undefined &&
      outer.strides[0] === axis.strides[0] * axis.length &&
      outer.strides[1] === axis.strides[1] * axis.length
    ) {
      outer.length *= axis.length;
      outer.strides = axis.strides;
    } else {
      joined.push({ ...axis });
    }
  }
  const inner = joined.pop() ?? { length: 1, strides: [0, 0] };
  return {
    count: inner.length,
    steps: inner.strides as [number, number],
    outer: joined,
    loops: joined.reduce((product, axis) => product * axis.length, 1),
  };
}

/** Whether an axis with strides `a` belongs inside one with strides `b`. */
function isInner(a: readonly [number, number], b: readonly [number, number]): boolean {
  for (const i of [0, 1] as const) {
    if (a[i] !== 0 && b[i] !== 0 && a[i] !== b[i]) return Math.abs(a[i]) < Math.abs(b[i]);
  }
  return false;
}

/** Runs the inner loops of a plan, from these offsets. `inner` may return false to stop. */
export function runLoop(
  plan: LoopPlan,
  first: number,
  second: number,
  inner: (first: number, second: number) => unknown,
): void {
  if (plan.count === 0 || plan.loops === 0) return;
  const { outer } = plan;
  const at = new Array<number>(outer.length).fill(0);
  for (;;) {
    if (inner(first, second) === false) return;
    let axis = outer.length - 1;
    for (; axis >= 0; axis--) {
      const { length, strides } = outer[axis] as LoopPlan['outer'][number];
      first += strides[0];
      second += strides[1];
      if (++(at[axis] as number) < length) break;
      at[axis] = 0;
      first -= strides[0] * length;
      second -= strides[1] * length;
    }
    if (axis < 0) return;
  }
}

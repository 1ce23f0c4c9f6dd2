// Arrays of any size, in a database or in memory, and views of them: numpy's terms, real typed arrays.

export {
  BlockLoadError,
  configure,
  guard,
  type MemorySettings,
  type MemoryStats,
  stats,
  ViewTooLargeError,
  ZBigFile,
} from '../bigfile/index.ts';
export { BigArray } from './bigarray.ts';
export { NaT } from './cast.ts';
export type { DatetimeUnit } from './datetime-unit.ts';
export { type ByteOrder, DType, type Field, type Kind, type Subarray } from './dtype.ts';
export type { Complex, DataOf, Element, ElementOf, TypedArray } from './dtype-names.ts';
export { type DTypeSpec, dtype, type FieldSpec, type LayoutSpec } from './dtype-parse.ts';
export { dtypeFromPickle, dtypeToPickle } from './dtype-pickle.ts';
export type { OnProgress } from './element-runs.ts';
export {
  ArrayIndexError,
  ArrayStateError,
  DTypeError,
  ElementValueError,
  ShapeError,
  StoppedError,
} from './errors.ts';
export { Geometry } from './geometry.ts';
export { type Histogram, type HistogramOptions, histogram } from './histogram.ts';
export type { Layout, Order, ShapeLike } from './layout.ts';
export type { ArrayMemory, Elements, MemoryGuard, Span } from './memory.ts';
export { RAMArray } from './ramarray.ts';
export {
  type DeviationOptions,
  type MeanOf,
  max,
  mean,
  min,
  type ReduceOptions,
  type Reducible,
  type SumOf,
  std,
  sum,
  variance,
} from './reduce.ts';
export { ellipsis, type Index, newaxis, Slice, slice } from './slices.ts';
export { ArrayView, zeros } from './view.ts';
export { ZBigArray, type ZBigArrayOptions } from './zbigarray.ts';

// Which tuples in the pickles of numpy's objects are made for the pickle, and which the objects have: what Python 2 gives no
// place in the memo, and what it gives one.

import type { Frame, FrameStack } from './frames.ts';
import { PyGlobal, type PyObject } from './values.ts';

/** The step of an object's frame during which its state is written. */
export const STATE_BEGUN = 6;

// Where the parts of a dtype stand in its state (3, byte order, subarray, names, fields, ...).
const SUBARRAY = 2;
const NAMES = 3;

/** Whether numpy made the tuple of the topmost frame for the pickle; undefined if it is none of numpy's. */
export function isMadeByNumpy(frames: FrameStack): boolean | undefined {
  const parent = frames.at(frames.depth - 2);
  if (parent.kind === 'tuple' && frames.depth > 2) return ofTuple(frames, parent);
  return parent.kind === 'dict' && isInState(frames, frames.depth - 3)
    ? // a field with a title is in the dict by this too
      frames.top.items.length === 2
    : undefined;
}

/** Of a tuple in a tuple. */
function ofTuple(frames: FrameStack, parent: Frame): boolean | undefined {
  const holder = frames.depth - 3;
  if (isDType(frames.at(holder))) return parent.index - 1 !== NAMES;
  if (isInState(frames, holder)) return frames.at(holder).index - 1 !== SUBARRAY;
  // shapes: of an array it is made, masked arrays begin with a constant
  const module = moduleOf(frames.at(holder));
  if (!module.startsWith('numpy')) return undefined;
  return !module.startsWith('numpy.ma') || frames.at(holder).index === STATE_BEGUN;
}

/** Whether the frame at this depth is that of the state of a dtype. */
function isInState(frames: FrameStack, depth: number): boolean {
  return depth > 0 && frames.at(depth).kind === 'tuple' && isDType(frames.at(depth - 1));
}

function isDType(frame: Frame): boolean {
  return moduleOf(frame) === 'numpy' && frame.index === STATE_BEGUN;
}

/** The module of what an object's frame calls; empty for other frames. */
function moduleOf({ kind, items }: Frame): string {
  if (kind !== 'object') return '';
  const { callable } = items[0] as PyObject;
  return callable instanceof PyGlobal ? callable.module : '';
}

// Which tuples Python 2 gives no place in the memo. It goes by how many references it has to an object; a tuple that it made
// while it wrote the pickle has only the one it writes from. Where such tuples stand is known, and that is told here.

import type { Frame, FrameStack } from './frames.ts';
import { PyGlobal, type PyObject } from './values.ts';

/** How deep a state may hold tuples that were made for it: ((((key, value, ...),),),) is that of a small BTree. */
const STATE_DEPTH = 3;

// The steps of an object's frame during which its arguments and its state are written.
const ARGS_BEGUN = 2;
const STATE_BEGUN = 6;

/**
 * Whether the tuple of the topmost frame is one that was made while the pickle was written. `isDescription`: the pickle is the
 * first of a record.
 */
export function isMadeForPickle(frames: FrameStack, isDescription: boolean): boolean {
  let inner = frames.depth - 1;
  if (inner === 0) return isDescription;
  const parent = frames.at(inner - 1);
  if (parent.kind === 'pid') return true;
  if (parent.kind === 'object') {
    // an exception keeps its arguments
    if (parent.index === ARGS_BEGUN) return moduleOf(parent) !== 'exceptions';
    return parent.index === STATE_BEGUN;
  }
  if (parent.kind !== 'tuple') return false;
  if (inner > 1 && frames.at(inner - 2).kind === 'pid') return true;
  if (isMadeByNumpy(frames)) return true;
  if (isDescription || inner > STATE_DEPTH) return false;
  for (; inner > 0; inner--) if (!isAlone(frames.at(inner - 1), inner === 1)) return false;
  return true;
}

/** numpy makes shapes, and the units of times, from what it has. */
function isMadeByNumpy(frames: FrameStack): boolean {
  const { items } = frames.top;
  if (!items.every((item) => typeof item === 'number' || typeof item === 'bigint')) return false;
  let holder = frames.depth - 2;
  while (holder > 0 && frames.at(holder).kind === 'tuple') holder -= 1;
  return frames.at(holder).kind === 'object' && moduleOf(frames.at(holder)).startsWith('numpy');
}

/** The module of what an object's frame calls. */
function moduleOf({ items }: Frame): string {
  const { callable } = items[0] as PyObject;
  return callable instanceof PyGlobal ? callable.module : '';
}

/** Whether a tuple stands for what is in its first item: alone, or with a reference to the next one beside it. */
function isAlone({ kind, items, index }: Frame, isOutermost: boolean): boolean {
  return kind === 'tuple' && index === 1 && items.length <= (isOutermost ? 2 : 1);
}

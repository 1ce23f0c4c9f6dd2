// What `console.log` shows of a persistent object: class, oid and state, and its content if that is loaded. Nothing is ever
// loaded for it.

import { formatId } from './ids.ts';
import { GHOST, stateOf } from './object-state.ts';
import type { Persistent } from './persistent.ts';
import { classNameOf } from './record.ts';

/** What Node gives to a method under `util.inspect.custom`. */
export interface InspectOptions {
  readonly stylize?: (text: string, style: 'special') => string;
}

export type Inspect = (value: unknown, options: InspectOptions) => string;

/** Objects whose content the outermost object shows: once, for in a database everything leads to everything. */
const shown = new Set<Persistent>();

/**
 * The text of an object at a remaining `depth` (null: without limit). `content` gives that of its data, and is asked only if
 * they are loaded and to be shown.
 */
export function inspectObject(
  object: Persistent,
  depth: number | null,
  options: InspectOptions,
  content: (options: InspectOptions) => string | undefined,
): string {
  const head = headOf(object);
  const { code, self } = stateOf(object);
  if (code === GHOST || (depth !== null && depth < 0) || shown.has(self))
    return options.stylize?.(head, 'special') ?? head;
  const isOutermost = shown.size === 0;
  shown.add(self);
  try {
    // The options have the depth that the outermost call was given, of which some is used up.
    const text = content({ ...options, depth } as InspectOptions);
    return text === undefined ? head : `${head} ${text}`;
  } finally {
    if (isOutermost) shown.clear();
  }
}

function headOf(object: Persistent): string {
  const { oid, pyClass } = stateOf(object);
  const { name } =
    classNameOf(pyClass) ??
    (Object.getPrototypeOf(object) as { constructor: { name: string } }).constructor;
  return oid === undefined
    ? `${name} <unsaved>`
    : `${name} <oid ${formatId(oid)}, ${object._p_status}>`;
}

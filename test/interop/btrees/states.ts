// The states of a tree and all nodes under it as text: the twin of states.py. One line a node, `#number Class state`, in
// the order in which they are met.

import { BTree, TreeSet } from '../../../src/btrees/index.ts';
import { PyFloat } from '../../../src/pickle/index.ts';
import { isPersistent, stateOf } from '../../../src/zodb/object-state.ts';
import { constructorOf, type Persistent } from '../../../src/zodb/persistent.ts';

interface Stateful extends Persistent {
  __getstate__(): unknown;
}

/** A value of a state as text; `reference` gives that of anything else than plain values and tuples. */
export function textOf(value: unknown, reference: (value: unknown) => string): string {
  if (value === null) return 'n';
  if (Array.isArray(value)) return `(${value.map((item) => textOf(item, reference)).join(',')})`;
  if (typeof value === 'bigint' || Number.isInteger(value)) return `i${value}`;
  if (typeof value === 'number') return float(value);
  if (value instanceof PyFloat) return float(value.value);
  if (typeof value === 'string') return `s${Buffer.from(value).toString('hex')}`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`;
  return reference(value);
}

export function states(root: Persistent): string[] {
  const numbers = new Map<Persistent, number>([[root, 0]]);
  const reference = (value: unknown): string => {
    if (!isPersistent(value)) throw new TypeError(`a state holds ${String(value)}`);
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return `#${number}`;
  };
  const lines: string[] = [];
  for (const [node, number] of numbers) {
    const state = (node as Stateful).__getstate__();
    const text = textOf(number > 0 ? asInPython(state) : state, reference);
    lines.push(`#${number} ${constructorOf(node).name} ${text}`);
  }
  return lines;
}

/**
 * Python gives every node with one unsaved leaf the state of a whole tree with one leaf, also inner nodes. That damages
 * trees (docs/btrees.md), so it is not done here; in memory it is only another way to say the same.
 */
function asInPython(state: unknown): unknown {
  const [children] = state as unknown[][];
  const [leaf, ...others] = children ?? [];
  if (!isPersistent(leaf) || others.length > 0 || stateOf(leaf).oid !== undefined) return state;
  return leaf instanceof BTree || leaf instanceof TreeSet
    ? state
    : [[(leaf as Stateful).__getstate__()]];
}

function float(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return `f${bytes.toString('hex')}`;
}

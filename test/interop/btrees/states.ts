// The states of a tree and all nodes under it as text: the twin of states.py. One line a node, `#number Class state`, in
// the order in which they are met.

import { PyFloat } from '../../../src/pickle/index.ts';
import { isPersistent } from '../../../src/zodb/object-state.ts';
import { constructorOf, type Persistent } from '../../../src/zodb/persistent.ts';

interface Stateful extends Persistent {
  __getstate__(): unknown;
}

export function states(root: Persistent): string[] {
  const numbers = new Map<Persistent, number>([[root, 0]]);
  const lines: string[] = [];
  const text = (value: unknown): string => {
    if (value === null) return 'n';
    if (isPersistent(value)) {
      const number = numbers.get(value) ?? numbers.size;
      numbers.set(value, number);
      return `#${number}`;
    }
    if (Array.isArray(value)) return `(${value.map(text).join(',')})`;
    if (typeof value === 'bigint' || Number.isInteger(value)) return `i${value}`;
    if (typeof value === 'number') return float(value);
    if (value instanceof PyFloat) return float(value.value);
    if (typeof value === 'string') return `s${Buffer.from(value).toString('hex')}`;
    if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`;
    throw new TypeError(`a state holds ${String(value)}`);
  };
  for (const [node, number] of numbers) {
    lines.push(`#${number} ${constructorOf(node).name} ${text((node as Stateful).__getstate__())}`);
  }
  return lines;
}

function float(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return `f${bytes.toString('hex')}`;
}

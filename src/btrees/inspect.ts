// What `console.log` shows of trees and leaves: class, oid, state, and the entries that are loaded. It never loads any.

import { GHOST, stateOf } from '../zodb/object-state.ts';
import { Persistent } from '../zodb/persistent.ts';
import { type LeafData, Node, type TreeData } from './node.ts';

const CUSTOM = Symbol.for('nodejs.util.inspect.custom');
const SHOWN = 10;

type Inspect = (value: unknown, options: unknown) => string;
type Show = (this: Persistent, depth: number, options: object, inspect: Inspect) => string;

function inspectNode(this: Node, depth: number, options: object, inspect: Inspect): string {
  const general = (Persistent.prototype as unknown as Record<symbol, Show>)[CUSTOM] as Show;
  const head = general.call(this, depth, options, inspect);
  if (stateOf(this).code === GHOST || depth < 0) return head;
  const { key, value } = this._p_family;
  const shown = new Map<unknown, unknown>();
  let more = false;
  for (let leaf = firstLoaded(this); leaf !== undefined && !more; ) {
    const { keys, values, next }: LeafData = leaf;
    for (const [at, each] of keys.entries()) {
      if (shown.size < SHOWN) shown.set(key.show(each), values && value.show(values[at]));
      else more = true;
    }
    if (next === undefined || isLeaf(this)) break;
    leaf = loaded(next) as LeafData | undefined;
    more ||= leaf === undefined;
  }
  const entries = inspect(this._p_hasValues ? shown : new Set(shown.keys()), options);
  const inside = entries.replace(/^(?:Map|Set)\(\d+\) /, '');
  return `${head} ${more ? inside.replace(/,?\s*}$/, ', ... }') : inside}`;
}

/** The content of a node if it is there. */
function loaded(node: Node): LeafData | TreeData | undefined {
  return stateOf(node).content as LeafData | TreeData | undefined;
}

function isLeaf(node: Node): boolean {
  return node._p_leafClass === undefined;
}

/** The first leaf under a node, unless it is still to be loaded. */
function firstLoaded(node: Node): LeafData | undefined {
  const content = loaded(node);
  if (content?.children === undefined) return content;
  return content.first && (loaded(content.first) as LeafData | undefined);
}

Object.defineProperty(Node.prototype, CUSTOM, { value: inspectNode });

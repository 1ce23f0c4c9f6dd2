// What `console.log` shows of trees and leaves: class, oid, state, and the entries that are loaded. It never loads any.

import { type Inspect, type InspectOptions, inspectObject } from '../zodb/inspect.ts';
import { stateOf } from '../zodb/object-state.ts';
import { type LeafData, Node, type TreeData } from './node.ts';

const SHOWN = 10;

function inspectNode(
  this: Node,
  depth: number | null,
  options: InspectOptions,
  inspect: Inspect,
): string {
  return inspectObject(this, depth, options, (inner) => contentOf(this, inner, inspect));
}

function contentOf(node: Node, options: InspectOptions, inspect: Inspect): string {
  const { key, value } = node._p_family;
  const shown = new Map<unknown, unknown>();
  let more = false;
  for (let leaf = firstLoaded(node); leaf !== undefined && !more; ) {
    const { keys, values, next }: LeafData = leaf;
    for (const [at, each] of keys.entries()) {
      if (shown.size < SHOWN) shown.set(key.show(each), values && value.show(values[at]));
      else more = true;
    }
    if (next === undefined || isLeaf(node)) break;
    leaf = loaded(next) as LeafData | undefined;
    more ||= leaf === undefined;
  }
  const entries = inspect(node._p_hasValues ? shown : new Set(shown.keys()), options);
  const inside = entries.replace(/^(?:Map|Set)\(\d+\) /, '');
  return more ? inside.replace(/,?\s*}$/, ', ... }') : inside;
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

Object.defineProperty(Node.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value: inspectNode,
});

// The entries of a mapping by value, as text indexes rank their results.

import { ArgumentError } from '../zodb/errors.ts';
import { Cursor } from './cursor.ts';
import { type Datatype, FLOAT32, held } from './datatypes.ts';
import { ALL } from './iterate.ts';
import type { Node } from './node.ts';

/**
 * Values and keys, as nodes hold them, where the value is at least `min`, the largest first. Where `min` is above 0, values
 * are divided by it: integers to the whole number below.
 * @throws ArgumentError for a family whose values are not numbers
 */
export function entriesByValue(node: Node, min: unknown): [value: unknown, key: unknown][] {
  const { key: keyType, value: valueType, name } = node._p_family;
  if (valueType.weighted === undefined) {
    throw new ArgumentError(`the values of ${name} have no order`);
  }
  const least = held(valueType, min) as number;
  const found: [value: unknown, key: unknown][] = [];
  const cursor = new Cursor(node, ALL);
  while (cursor.next()) {
    const value = cursor.value as number | bigint;
    if (value < least) continue;
    found.push([least > 0 ? quotient(valueType, value, least) : value, cursor.key]);
  }
  return found.sort((a, b) => valueType.compare(b[0], a[0]) || keyType.compare(b[1], a[1]));
}

function quotient(type: Datatype, value: number | bigint, divisor: number | bigint): unknown {
  if (type === FLOAT32) return (value as number) / (divisor as number);
  return type.hold(BigInt(value) / BigInt(divisor));
}

// What ties a class to its family, and to its name in Python.

import { registerClass } from '../zodb/classes.ts';
import type { PersistentClass } from '../zodb/persistent.ts';
import { FAMILIES, type Family } from './families.ts';
import './inspect.ts';
import { Length } from './length.ts';
import type { Node } from './node.ts';

const defined = new Map<PersistentClass<Node>, string>();

/** Makes four classes the BTree, Bucket, TreeSet and Set of a family. */
export function defineFamily(
  prefix: string,
  btree: PersistentClass<Node>,
  bucket: PersistentClass<Node>,
  treeSet: PersistentClass<Node>,
  set: PersistentClass<Node>,
): void {
  const shared = { family: FAMILIES.get(prefix) as Family, results: { bucket, set } };
  define(bucket, { ...shared, name: 'Bucket', leafClass: undefined, hasValues: true });
  define(btree, { ...shared, name: 'BTree', leafClass: bucket, hasValues: true });
  define(set, { ...shared, name: 'Set', leafClass: undefined, hasValues: false });
  define(treeSet, { ...shared, name: 'TreeSet', leafClass: set, hasValues: false });
}

interface Definition {
  readonly family: Family;
  readonly name: string;
  readonly leafClass: PersistentClass<Node> | undefined;
  readonly hasValues: boolean;
  readonly results: Node['_p_results'];
}

function define(cls: PersistentClass<Node>, definition: Definition): void {
  const { family, name, leafClass, hasValues, results } = definition;
  constants(cls, {
    _p_direct: true,
    maxLeafSize: family.maxLeafSize,
    maxInternalSize: family.maxInternalSize,
  });
  constants(cls.prototype, {
    _p_family: family,
    _p_leafClass: leafClass,
    _p_hasValues: hasValues,
    _p_baseClass: cls,
    _p_results: results,
  });
  defined.set(cls, `BTrees.${family.name}BTree.${family.name}${name}`);
}

function constants(target: object, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(target, name, { value });
}

/**
 * Registers all classes under their Python names. Two more are read: the C module's, which stands in databases of before 2007,
 * and the one that Python without the C extension once wrote.
 */
export function registerBTrees(): void {
  for (const [cls, name] of defined) {
    registerClass(cls, name, name.replace('BTrees.', 'BTrees._'), `${name}Py`);
  }
  registerClass(Length, 'BTrees.Length.Length');
}

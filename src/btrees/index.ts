// BTrees: sorted mappings and sets of any size, in the families and with the structure of Python's BTrees package.

export { findProblems } from './check.ts';
export * from './classes.ts';
export { Collection } from './collection.ts';
export { BTreesConflictError, KeyOrderError } from './errors.ts';
export { FAMILIES, type Family } from './families.ts';
export type { Range } from './iterate.ts';
export { Length } from './length.ts';
export { BTree, Bucket, SortedMapping } from './mapping.ts';
export type { NumberMapping, NumberSet } from './numbers.ts';
export { difference, intersection, type Keys, multiunion, union } from './set-operations.ts';
export { KeySet, SortedSet, TreeSet } from './sets.ts';
export { weightedIntersection, weightedUnion } from './weighted.ts';

// What sequences of operations consist of, as JSON: sequence-player.ts plays them in Node, sequences.py in Python.

/** Where an object is: what the root, or a connection, has under a name, and attributes or keys from there on. */
export interface Place {
  readonly root?: string;
  readonly held?: number;
  readonly path: readonly string[];
}

/** A value: JSON's null, booleans and texts stand for themselves, of others an object of one name says which kind. */
export type Value = null | boolean | string | { readonly [kind: string]: unknown };

export interface Tree {
  readonly family: string;
  readonly type: 'BTree' | 'TreeSet' | 'Bucket' | 'Set';
  readonly small: boolean;
  /** Which keys, in O families. */
  readonly kind: number;
}

/** What one connection (`c`) does. */
export interface Operation {
  readonly c: 0 | 1;
  readonly do: string;
  readonly [argument: string]: any;
}

export interface Sequence {
  readonly seed: number;
  /** The trees that are in the root from the beginning, as `tree0` and so on. */
  readonly trees: readonly Tree[];
  readonly blobs: boolean;
  /** Whether equal texts are different objects in Python. */
  readonly distinct: boolean;
  readonly operations: readonly Operation[];
}

// Plays sequences of operations on objects, as sequences.py does in Python.

import * as btrees from '../../../src/btrees/index.ts';
import {
  attributesOf,
  Blob,
  ConflictError,
  type Connection,
  DB,
  formatId,
  getAttribute,
  isZodbError,
  Persistent,
  PersistentList,
  PersistentMapping,
  PersistentWeakRef,
  type Savepoint,
  type Tid,
  type TransactionInfo,
  TransactionManager,
} from '../../../src/main.ts';
import { PyDict } from '../../../src/pickle/index.ts';
import { apply } from '../btrees/programs.ts';
import {
  CLASSES,
  Counter,
  classes,
  Dictionary,
  FIRST_TID,
  Fields,
  Item,
  merged,
  Row,
  Storage,
  trees,
} from './sequence-classes.ts';
import type { Operation, Place, Sequence, Tree, Value } from './sequence-language.ts';
import { makeValue } from './sequence-values.ts';

/** The outcome of an operation that found nothing to do. */
export const NOTHING = 'nothing';
const PYTHON_ERRORS: Readonly<Record<string, string>> = {
  CONFLICT: 'ConflictError',
  READ_CONFLICT: 'ReadConflictError',
  POS_KEY: 'POSKeyError',
  UNDO: 'UndoError',
  MULTIPLE_UNDO: 'MultipleUndoErrors',
};

/** Why the merge of a conflict was last refused, by BTrees' numbers. */
let reason: number | undefined;
const merge = btrees.Collection._p_resolveConflict;

function mergeNoticed(this: unknown, ...states: Parameters<typeof merge>): unknown {
  try {
    const state = merge.apply(this as never, states);
    merged.trees++;
    return state;
  } catch (error) {
    if (error instanceof btrees.BTreesConflictError) reason = error.reason;
    throw error;
  }
}

/** Plays a sequence on a new database; the outcome of each operation. */
export function play(file: string, sequence: Sequence): unknown[] {
  const blobDir = sequence.blobs ? { blobDir: `${file}.blobs` } : {};
  const storage = new Storage(file, { fsync: false, create: 'new', ...blobDir });
  using db = new DB(storage, { classes });
  const player = new Player(db);
  btrees.Collection._p_resolveConflict = mergeNoticed as typeof merge;
  try {
    return sequence.operations.map((operation) => player.play(operation));
  } finally {
    btrees.Collection._p_resolveConflict = merge;
    player.end();
  }
}

type Action = (operation: Operation) => unknown;

class Player {
  readonly #db: DB;
  readonly #managers = [new TransactionManager(), new TransactionManager()] as const;
  readonly #connections: readonly Connection[];
  readonly #savepoints: Savepoint[][] = [[], []];
  readonly #held: Map<number, Persistent>[] = [new Map(), new Map()];
  #side: 0 | 1 = 0;

  constructor(db: DB) {
    this.#db = db;
    this.#connections = this.#managers.map((transactionManager) => db.open({ transactionManager }));
  }

  play(operation: Operation): unknown {
    this.#side = operation.c;
    reason = undefined;
    try {
      return this.#actions[operation.do]?.(operation) ?? null;
    } catch (error) {
      this.#manager.abort();
      this.#savepoints[this.#side] = [];
      this.#held[this.#side]?.clear();
      return [
        errorName(error),
        ...(error instanceof ConflictError ? [hex(error.oid), reason ?? null] : []),
      ];
    }
  }

  end(): void {
    for (const manager of this.#managers) manager.abort();
  }

  get #manager(): TransactionManager {
    return this.#managers[this.#side];
  }

  get #connection(): Connection {
    return this.#connections[this.#side] as Connection;
  }

  get #root(): PersistentMapping {
    return this.#connection.root;
  }

  #find(place: Place): Persistent | undefined {
    let at: unknown =
      place.held === undefined
        ? this.#root.get(place.root)
        : this.#held[this.#side]?.get(place.held);
    for (const name of place.path) {
      if (at instanceof Item || at instanceof Fields) at = getAttribute(at, name);
      else if (at instanceof PersistentMapping) at = at.get(name);
      else return undefined;
      if (isLost(at)) return undefined;
    }
    return at instanceof Persistent && !isLost(at) ? at : undefined;
  }

  #on<T extends Persistent>(
    operation: Operation,
    ...kinds: readonly (new (
      ...args: any[]
    ) => T)[]
  ): T | undefined {
    const found = this.#find(operation['on']);
    return kinds.some((kind) => found instanceof kind) ? (found as T) : undefined;
  }

  #value(value: Value): any {
    return makeValue(value, {
      find: (place) => this.#find(place),
      make: (given) => this.#make(given),
    });
  }

  #make(given: any): Persistent {
    if (given.family !== undefined) {
      const { family, type, small } = given as Tree;
      return new (trees.get(`${small ? 'Small' : ''}${family}${type}`) as new () => Persistent)();
    }
    const made = new (CLASSES[given.class] as new () => any)();
    for (const [name, value] of given.attributes ?? []) made[name] = this.#value(value);
    return made;
  }

  /** What cannot be done to what is there, is not done; the outcome says so. */
  readonly #actions: Readonly<Record<string, Action>> = {
    put: ({ name, value }) => {
      this.#root.set(name, this.#value(value));
    },
    remove: ({ name }) => (this.#root.delete(name) ? null : NOTHING),
    add: ({ slot, value }) => {
      const made = this.#value(value) as Persistent;
      const oid = this.#connection.add(made);
      this.#held[this.#side]?.set(slot, made);
      return formatId(oid);
    },
    hold: (operation) => {
      const found = this.#find(operation['on']);
      if (found === undefined) return NOTHING;
      this.#held[this.#side]?.set(operation['slot'], found);
      return null;
    },
    attribute: (operation) => {
      const found = this.#on<any>(operation, Item, Fields, Dictionary, Row);
      if (found === undefined) return NOTHING;
      found[operation['name']] = this.#value(operation['value']);
      return null;
    },
    forget: (operation) => {
      const { name } = operation;
      const found = this.#on<any>(operation, Item, Dictionary, Row);
      if (found === undefined || getAttribute(found, name as string) === undefined) return NOTHING;
      delete found[name as string];
      return null;
    },
    again: (operation) => {
      const name = operation['name'] as string;
      const found = this.#on<any>(operation, Item, Fields);
      const value = found && getAttribute(found, name);
      if (value === undefined) return NOTHING;
      delete found[name];
      found[name] = value;
      return null;
    },
    inside: (operation) => {
      const found = this.#on<any>(operation, Item);
      const value = found && getAttribute(found, operation['name']);
      if (Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype)
        value.push(this.#value(operation['value']));
      else if (value instanceof PyDict)
        value.set(this.#value(operation['key']), this.#value(operation['value']));
      else return NOTHING;
      found._p_changed = true;
      return null;
    },
    count: (operation) => {
      const found = this.#on<any>(operation, Counter, btrees.Length as never);
      if (found === undefined) return NOTHING;
      if (found instanceof btrees.Length) {
        found.change(operation['by']);
        return found.value;
      }
      found.count += operation['by'];
      return found.count;
    },
    mapping: (operation) => {
      const found = this.#on(operation, PersistentMapping);
      const { what, key } = operation;
      if (found === undefined) return NOTHING;
      if (what === 'set') found.set(this.#value(key), this.#value(operation['value']));
      else if (what === 'clear') found.clear();
      else return found.delete(key) ? null : NOTHING;
      return null;
    },
    list: (operation) => {
      const found = this.#on(operation, PersistentList);
      if (found === undefined) return NOTHING;
      const at = operation['at'] as number;
      const value = (): unknown => this.#value(operation['value']);
      const { what } = operation;
      if (what === 'push') found.push(value());
      else if (what === 'insert') found.insert(Math.min(at, found.length), value());
      else if (what === 'reverse') found.reverse();
      else if (what === 'fill')
        found.splice(0, found.length, ...Array.from({ length: at }, (_, i) => BigInt(i)));
      else if (what === 'clear') found.clear();
      else if (at >= found.length) return NOTHING;
      else if (what === 'set') found.set(at, value());
      else if (what === 'delete') found.splice(at, 1);
      else found.pop();
      return null;
    },
    tree: (operation) => {
      const { family, type, kind, small } = operation as unknown as Tree;
      const found = this.#find(operation['on']);
      if (found?.constructor !== trees.get(`${small ? 'Small' : ''}${family}${type}`))
        return NOTHING;
      const tree = found as unknown as btrees.Collection<any, any>;
      const program = { family, type: type as 'BTree', kind, sizes: null, operations: [] };
      for (const step of operation['steps']) {
        apply(tree, program, step);
        tree.check();
      }
      return tree.size;
    },
    write: (operation) => {
      const found = this.#on(operation, Blob);
      if (found === undefined) return NOTHING;
      using file = found.open(operation['mode']);
      file.write(operation['text']);
      return null;
    },
    changed: (operation) => {
      const found = this.#find(operation['on']);
      if (found === undefined) return NOTHING;
      const { what } = operation;
      if (what === 'changed') found._p_changed = true;
      else if (what === 'unchanged') found._p_changed = false;
      else if (found._p_jar === undefined || found._p_serial === 0n) return seenState(found);
      else if (what === 'deactivate') found._p_deactivate();
      else found._p_invalidate();
      return seenState(found);
    },
    current: (operation) => {
      const found = this.#find(operation['on']);
      if (found?._p_jar === undefined) return NOTHING;
      found._p_activate();
      this.#connection.readCurrent(found);
      return null;
    },
    see: (operation) => {
      const found = this.#find(operation['on']);
      return found === undefined ? NOTHING : [seenState(found), seen(found)];
    },
    note: ({ text }) => {
      this.#manager.get().note(text);
      this.#manager.get().user = text;
    },
    savepoint: () => {
      this.#savepoints[this.#side]?.push(this.#manager.savepoint());
    },
    rollback: ({ to }) => {
      const known = this.#savepoints[this.#side] as Savepoint[];
      if (known.length === 0) return NOTHING;
      const at = to % known.length;
      known.length = at + 1;
      known[at]?.rollback();
      return null;
    },
    end: ({ how }) => {
      this.#savepoints[this.#side] = [];
      if (how === 'commit') this.#manager.commit();
      else if (how === 'abort') this.#manager.abort();
      else this.#manager.begin();
    },
    cache: () => this.#connection.cacheMinimize(),
    undo: ({ first, count }) => {
      // All but the transaction that made the root.
      const filter = ({ tid }: TransactionInfo): boolean => tid !== FIRST_TID;
      const entries = this.#db.undoLog({ limit: 10, filter }).slice(first, first + count);
      if (entries.length === 0) return NOTHING;
      try {
        this.#db.undo(entries.map(({ tid }) => tid));
        return null;
      } catch (error) {
        return errorName(error);
      }
    },
  };
}

/** The name that Python's error has; others are none of what is compared. */
function errorName(error: unknown): string {
  const code = isZodbError(error) ? (error as { code: string }).code : '';
  const name = PYTHON_ERRORS[code];
  if (name === undefined) throw error;
  return name;
}

/** Whether a new object had its state only in a savepoint of a transaction that was given up. */
const isLost = (object: unknown): boolean =>
  object instanceof Persistent && object._p_oid === undefined && object._p_changed === undefined;

const hex = (id: bigint | undefined): string | null =>
  id === undefined ? null : formatId(id as Tid);

function seenState(found: Persistent): unknown[] {
  const { name } = found.constructor as { name: string };
  return [name, hex(found._p_oid), found._p_jar !== undefined, found._p_changed === true];
}

function seen(found: Persistent): unknown {
  if (found instanceof PersistentMapping) return [found.size, [...found.keys()].slice(0, 20)];
  if (found instanceof PersistentList) return [found.length, 0];
  if (found instanceof btrees.Length) return found.value;
  if (found instanceof Blob) return found.read('utf8');
  if (found instanceof Counter) return found.count;
  if (found instanceof Item || found instanceof Fields)
    return [...attributesOf(found)].map(([name, value]) => [
      name,
      value instanceof PersistentWeakRef && hex(value.deref()?._p_oid),
    ]);
  return (found as unknown as btrees.Collection<any, any>).size;
}
